#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Matrix product for processors, whose subgroup is a vector register: a lane
// owns rows of a, the columns' weights are broadcast by shuffles with constant
// lanes, and nothing is shared, so there is no barrier and no branch.
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in · 4 c out, may be 3
// Dispatch: x = ceil (rows / (3 * LANES)), y = ceil (n / 32), z = batch; one
// workgroup = one subgroup = a tile of 3 * LANES rows by 32 columns.
// Numerics: fp32. Host: fe_op_matmul(). Reference: ref_matmul().
#include "matmul.glsl"

layout(local_size_x = LANES) in;
layout(binding = 0, rgba32f) uniform readonly imageBuffer a;
layout(binding = 1, WEIGHT_FORMAT) uniform readonly imageBuffer b;
layout(binding = 2, rgba32f) uniform readonly imageBuffer bias;
layout(binding = 3, rgba32f) uniform readonly imageBuffer residual;
layout(binding = 4) writeonly buffer Product { vec4 c[]; };

#include "product_lanes.glsl"

#define STORE(j)                                                               \
  if (n + j < n4) {                                                            \
    store(at, n + j, vec4(c0[4 * j], c0[4 * j + 1], c0[4 * j + 2],             \
                          c0[4 * j + 3]));                                     \
    store(at + c_panel, n + j, vec4(c1[4 * j], c1[4 * j + 1], c1[4 * j + 2],   \
                                    c1[4 * j + 3]));                           \
    store(at + 2 * c_panel, n + j, vec4(c2[4 * j], c2[4 * j + 1],              \
                                        c2[4 * j + 2], c2[4 * j + 3]));        \
  }

void store(uint row, uint n, vec4 sum)
{
  uint at = row + n * LANES;

  if ((EPILOGUE & ADD_BIAS) != 0u)
    sum += imageLoad(bias, int(n));
  sum = activate(sum);
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    sum += imageLoad(residual, int(at));
  c[at] = sum;
}

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint m = gl_WorkGroupID.x * 3u;
  uint n = gl_WorkGroupID.y * 8u;
  int a_at = int(a_offset + part(a_batch, a_group) + m * a_panel + lane);
  int b_at = int(b_offset + part(b_batch, b_group) + n * 4u / LANES * b_panel
                 + lane);
  float c0[32], c1[32], c2[32];

  MULTIPLY_TILE(a_at, b_at)

  uint at = c_offset + part(c_batch, c_group) + m * c_panel + lane;

  STORE(0) STORE(1) STORE(2) STORE(3) STORE(4) STORE(5) STORE(6) STORE(7)
}
