#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Each row's nearest reference, for processors: a matrix product whose lanes own
// rows and keep a running maximum instead of storing what they summed.
//   binding 0 a [rows] in · 1 b [b_rows] in · 2 best [parts][rows] out
// Dispatch: x = ceil (rows / (3 * LANES)), y = parts of b; one workgroup = one
// subgroup. Numerics: fp32. Host: fe_op_nearest(). Reference: ref_nearest().
#include "nearest.glsl"

layout(local_size_x = LANES) in;
layout(binding = 0, rgba32f) uniform readonly imageBuffer a;
layout(binding = 1, rgba32f) uniform readonly imageBuffer b;
layout(binding = 2) buffer Best { float best[]; };

#include "product_lanes.glsl"

#define MAXIMUM(n)                                                             \
  best0 = max(best0, c0[n]);                                                   \
  best1 = max(best1, c1[n]);                                                   \
  best2 = max(best2, c2[n]);
#define MAXIMUM_4(n) MAXIMUM(n) MAXIMUM(n + 1) MAXIMUM(n + 2) MAXIMUM(n + 3)
#define MAXIMUM_8(n) MAXIMUM_4(n) MAXIMUM_4(n + 4)

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint m = gl_WorkGroupID.x * 3u;
  uint begin = gl_WorkGroupID.y * PART_ROWS;
  uint end = min(begin + PART_ROWS, b_rows);
  float best0 = -2.0, best1 = -2.0, best2 = -2.0;
  float c0[32], c1[32], c2[32];

  for (uint n = begin; n < end; n += 32u) {
    int a_at = int(m * a_panel + lane);
    int b_at = int(n / LANES * b_panel + lane);

    MULTIPLY_TILE(a_at, b_at)
    MAXIMUM_8(0) MAXIMUM_8(8) MAXIMUM_8(16) MAXIMUM_8(24)
  }

  uint at = (first_part + gl_WorkGroupID.y) * rows + m * LANES + lane;

  best[at] = best0;
  best[at + LANES] = best1;
  best[at + 2 * LANES] = best2;
}
