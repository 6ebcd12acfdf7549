#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Matrix product for processors, whose subgroup is a vector register: a lane
// owns rows of a, the columns' weights are broadcast by shuffles with constant
// lanes, and nothing is shared, so there is no barrier and no branch.
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in · 4 c out, may be 3
// Dispatch: x = ceil (rows / (5 * LANES)), y = ceil (n / 16), z = batch; one
// workgroup = one subgroup = a tile of 5 * LANES rows by 16 columns.
// Numerics: fp32. Host: fe_op_matmul(). Reference: ref_matmul().
#include "matmul.glsl"
#include "product_lanes.glsl"
#include "quotient.glsl"

layout(local_size_x = LANES) in;
MATRIX(0, rgba32f, a)
MATRIX(1, WEIGHT_FORMAT, b)
MATRIX(2, rgba32f, bias)
MATRIX(3, rgba32f, residual)
layout(binding = 4) writeonly buffer Product { vec4 c[]; };

void store(uint row, uint n, vec4 sum)
{
  uint at = row + n * LANES;

  if ((EPILOGUE & ADD_BIAS) != 0u)
    sum += TEXEL(bias, int(n));
  sum = activate(sum);
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    sum += TEXEL(residual, int(at));
  c[at] = sum;
}

#define STORE_ROW(r, j)                                                        \
  store(at + (r) * c_panel, n + j,                                             \
        vec4(sums[16 * (r) + 4 * j], sums[16 * (r) + 4 * j + 1],               \
             sums[16 * (r) + 4 * j + 2], sums[16 * (r) + 4 * j + 3]));
#define STORE(j)                                                               \
  if (n + j < n4) {                                                            \
    STORE_ROW(0, j)                                                            \
    STORE_ROW(1, j)                                                            \
    STORE_ROW(2, j)                                                            \
    STORE_ROW(3, j)                                                            \
    STORE_ROW(4, j)                                                            \
  }

// The row and column of this workgroup's tile. Workgroups run in the order of
// their numbers: four tiles beside each other follow on each other, so that
// their rows come from the cache.
uvec2 own_tile()
{
  uvec2 size = gl_NumWorkGroups.xy;
  uint id = gl_WorkGroupID.y * size.x + gl_WorkGroupID.x;
  uint first = quotient(id, 4u * size.x) * 4u;
  uint beside = min(size.y - first, 4u);
  uint row = quotient(id - first * size.x, beside);

  return uvec2(row, first + id - first * size.x - row * beside);
}

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uvec2 tile = own_tile();
  uint m = tile.x * 5u;
  uint n = tile.y * 4u;
  int a_at = int(a_offset + part(a_batch, a_group) + m * a_panel + lane);
  int b_at = int(b_offset + part(b_batch, b_group) + n * 4u / LANES * b_panel
                 + lane);
  float sums[80];

  MULTIPLY_TILE(a_at, b_at)

  uint at = c_offset + part(c_batch, c_group) + m * c_panel + lane;

  STORE(0) STORE(1) STORE(2) STORE(3)
}
