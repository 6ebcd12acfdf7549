#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of lfs_statistic.comp with respect to its input.
//   dx[p] = sum over centres m of dy[m] / Q^2 * sum_uv g'(F_uv) a_u b_v
//   a_u = sum of C[u][i] over the rows i of m's neighbourhood that contain p (more
//   than one at a replicated edge), b_v likewise for columns
//   g' = 1 for mean, the sign for abs, 2 F for power
//   mean: the inner sum is w[i] w[j]; power: C is orthonormal, so that it is the
//   number of occurrences times 2 x[p]
//   binding 0 x [images][grid * grid][channels] in
//   1 table in: w [Q], then C [Q][Q] · 2 dy in · 3 dx out, both in the shape of x
// Dispatch: one invocation per vec4, z = image. Numerics: fp32.
// Host: fe_op_lfs_statistic_backward(). Reference:
// ref_lfs_statistic_backward().
#include "packed.glsl"

const uint MEAN = 1u, ABS = 2u;  // as FeclipLfsStatistic
layout(constant_id = 1) const uint Q = 3u;
layout(constant_id = 2) const uint STATISTIC = MEAN;

PACKED_INPUT(0, x)
PACKED_INPUT(1, table)
PACKED_INPUT(2, dy)
layout(binding = 3) writeonly buffer Gradient { vec4 dx[]; };

layout(push_constant) uniform Shape {
  uint grid;
  uint channels4;
  uint x_step, dy_step, dx_step;  // strides between images, in vec4
};

const int REACH = int(Q / 2u);

vec4 patch_at(ivec2 at, uint c4)
{
  at = clamp(at, ivec2(0), ivec2(grid - 1u));
  return LOAD(x, gl_WorkGroupID.z * x_step
                     + packed_at(uint(at.y) * grid + uint(at.x), c4,
                                 channels4));
}

// Whether element i of the neighbourhood of `center` is `wanted`.
bool shows(int center, uint i, int wanted)
{
  return clamp(center + int(i) - REACH, 0, int(grid) - 1) == wanted;
}

// Total weight of `wanted` in the neighbourhood: w for mean, a count for power.
float weight(int center, int wanted)
{
  float sum = 0.0;

  for (uint i = 0u; i < Q; i++) {
    if (shows(center, i, wanted))
      sum += STATISTIC == MEAN ? NUMBER(table, i) : 1.0;
  }
  return sum;
}

// a_u or b_v.
float share(uint frequency, int center, int wanted)
{
  float sum = 0.0;

  for (uint i = 0u; i < Q && frequency < Q; i++) {
    if (shows(center, i, wanted))
      sum += NUMBER(table, Q + frequency * Q + i);
  }
  return sum;
}

// Column j of the neighbourhood, transformed to frequency u.
vec4 column(ivec2 center, uint u, uint j, uint c4)
{
  vec4 sum = vec4(0.0);

  for (uint i = 0u; i < Q && j < Q; i++)
    sum += NUMBER(table, Q + u * Q + i)
           * patch_at(center + ivec2(j, i) - REACH, c4);
  return sum;
}

float basis(uint v, uint j)
{
  return j < Q ? NUMBER(table, Q + v * Q + j) : 0.0;
}

// Seven variables instead of an array: an array would be kept in memory.
vec4 signs(ivec2 center, ivec2 wanted, uint c4)
{
  vec4 sum = vec4(0.0);

  for (uint u = 0u; u < Q; u++) {
    vec4 t0 = column(center, u, 0u, c4), t1 = column(center, u, 1u, c4);
    vec4 t2 = column(center, u, 2u, c4), t3 = column(center, u, 3u, c4);
    vec4 t4 = column(center, u, 4u, c4), t5 = column(center, u, 5u, c4);
    vec4 t6 = column(center, u, 6u, c4);
    vec4 row = vec4(0.0);

    for (uint v = 0u; v < Q; v++) {
      vec4 f = basis(v, 0u) * t0 + basis(v, 1u) * t1 + basis(v, 2u) * t2
               + basis(v, 3u) * t3 + basis(v, 4u) * t4 + basis(v, 5u) * t5
               + basis(v, 6u) * t6;

      row += sign(f) * share(v, center.x, wanted.x);
    }
    sum += row * share(u, center.y, wanted.y);
  }
  return sum;
}

void main()
{
  uint row = own_row(), c4 = own_column4();
  ivec2 place = patch_place(row, grid);
  vec4 sum = vec4(0.0);

  if (row >= grid * grid || c4 >= channels4)
    return;
  for (int dv = -REACH; dv <= REACH; dv++) {
    float rows = STATISTIC == ABS ? 0.0 : weight(place.y + dv, place.y);

    for (int du = -REACH; du <= REACH; du++) {
      ivec2 center = place + ivec2(du, dv);

      if (any(lessThan(center, ivec2(0)))
          || any(greaterThanEqual(center, ivec2(grid))))
        continue;
      vec4 gradient = LOAD(dy, gl_WorkGroupID.z * dy_step
                                   + packed_at(uint(center.y) * grid
                                                   + uint(center.x),
                                               c4, channels4));

      if (STATISTIC == ABS)
        sum += gradient * signs(center, place, c4);
      else
        sum += gradient * (rows * weight(center.x, place.x));
    }
  }
  if (STATISTIC != MEAN && STATISTIC != ABS)
    sum *= 2.0 * patch_at(place, c4);
  dx[gl_WorkGroupID.z * dx_step + packed_at(row, c4, channels4)] =
      sum / float(Q * Q);
}
