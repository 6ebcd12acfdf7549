#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// LFS (FE-CLIP): a statistic of the DCT coefficients F of each patch's Q x Q
// neighbourhood, with replicated edges.
//   mean:  sum_uv F[u, v] / Q^2 = sum_ij w[i] w[j] x[i, j] / Q^2 with
//          w[i] = sum_k C[k][i], which is a separable filter
//   abs:   sum_uv |F[u, v]| / Q^2 · power: sum_uv F[u, v]^2 / Q^2
//   binding 0 x [images][grid * grid][channels] in
//   1 table in: w [Q], then C [Q][Q] · 2 statistic out, shape of x
// Dispatch: one invocation per vec4, z = image. Numerics: fp32.
// Host: fe_op_lfs_statistic(). Reference: ref_lfs_statistic().
#include "packed.glsl"

const uint MEAN = 1u, ABS = 2u;  // as FeclipLfsStatistic
layout(constant_id = 1) const uint Q = 3u;
layout(constant_id = 2) const uint STATISTIC = MEAN;

PACKED_INPUT(0, x)
PACKED_INPUT(1, table)
layout(binding = 2) writeonly buffer Statistic { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint grid;
  uint channels4;
  uint x_step, y_step;  // strides between images, in vec4
};

vec4 neighbour(ivec2 center, uint i, uint j, uint c4)
{
  ivec2 at = clamp(center + ivec2(j, i) - int(Q / 2u), ivec2(0),
                   ivec2(grid - 1u));

  return LOAD(x, gl_WorkGroupID.z * x_step
                     + packed_at(uint(at.y) * grid + uint(at.x), c4, channels4));
}

// Column j of the neighbourhood, transformed to frequency u.
vec4 column(ivec2 center, uint u, uint j, uint c4)
{
  vec4 sum = vec4(0.0);

  if (j < Q) {
    for (uint i = 0u; i < Q; i++)
      sum += NUMBER(table, Q + u * Q + i) * neighbour(center, i, j, c4);
  }
  return sum;
}

float basis(uint v, uint j)
{
  return j < Q ? NUMBER(table, Q + v * Q + j) : 0.0;
}

vec4 mean(ivec2 center, uint c4)
{
  vec4 sum = vec4(0.0);

  for (uint i = 0u; i < Q; i++) {
    float row = NUMBER(table, i);

    for (uint j = 0u; j < Q; j++)
      sum += row * NUMBER(table, j) * neighbour(center, i, j, c4);
  }
  return sum;
}

// Seven variables instead of an array: an array would be kept in memory.
vec4 magnitude(ivec2 center, uint c4)
{
  vec4 sum = vec4(0.0);

  for (uint u = 0u; u < Q; u++) {
    vec4 t0 = column(center, u, 0u, c4), t1 = column(center, u, 1u, c4);
    vec4 t2 = column(center, u, 2u, c4), t3 = column(center, u, 3u, c4);
    vec4 t4 = column(center, u, 4u, c4), t5 = column(center, u, 5u, c4);
    vec4 t6 = column(center, u, 6u, c4);

    for (uint v = 0u; v < Q; v++) {
      vec4 f = basis(v, 0u) * t0 + basis(v, 1u) * t1 + basis(v, 2u) * t2
               + basis(v, 3u) * t3 + basis(v, 4u) * t4 + basis(v, 5u) * t5
               + basis(v, 6u) * t6;

      sum += STATISTIC == ABS ? abs(f) : f * f;
    }
  }
  return sum;
}

void main()
{
  uint row = own_row(), c4 = own_column4();
  ivec2 center = patch_place(row, grid);

  if (row >= grid * grid || c4 >= channels4)
    return;
  y[gl_WorkGroupID.z * y_step + packed_at(row, c4, channels4)] =
      (STATISTIC == MEAN ? mean(center, c4) : magnitude(center, c4))
      / float(Q * Q);
}
