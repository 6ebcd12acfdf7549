#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Nearest reference of each row, for CPU drivers: a matrix product in which
// each lane owns rows of a and keeps a running maximum instead of storing the
// sums.
//   best[split][row] = max over the rows r of the split of a[row] . b[r]
//   binding 0 a [rows][k] in · 1 b [b_rows][k] in · 2 best [splits][rows] out
// Dispatch: x = ceil (rows / (5 * LANES)), y = splits of b; one workgroup = one
// subgroup.
// Numerics: fp32. Host: fe_op_nearest(). Reference: ref_nearest().
#include "nearest.glsl"
#include "product_subgroup.glsl"

layout(local_size_x = LANES) in;
MATRIX(0, rgba32f, a)
MATRIX(1, rgba32f, b)
layout(binding = 2) buffer Best { float best[]; };

#define MAXIMUM_4(n)                                                           \
  max(max(sums[n], sums[n + 1]), max(sums[n + 2], sums[n + 3]))
#define MAXIMUM_16(r)                                                          \
  best_##r = max(best_##r,                                                     \
                 max(max(MAXIMUM_4(16 * r), MAXIMUM_4(16 * r + 4)),            \
                     max(MAXIMUM_4(16 * r + 8), MAXIMUM_4(16 * r + 12))));

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint m = gl_WorkGroupID.x * 5u;
  uint begin = gl_WorkGroupID.y * SPLIT_ROWS;
  uint end = min(begin + SPLIT_ROWS, b_rows);
  float best_0 = -2.0, best_1 = -2.0, best_2 = -2.0, best_3 = -2.0, best_4 = -2.0;
  float sums[80];

  for (uint n = begin; n < end; n += 16u) {
    int a_at = int(m * a_panel + lane);
    int b_at = int(n / LANES * b_panel + lane);

    CLEAR_TILE
    ADD_TILE(a_at, b_at)
    MAXIMUM_16(0) MAXIMUM_16(1) MAXIMUM_16(2) MAXIMUM_16(3) MAXIMUM_16(4)
  }

  uint at = (first_split + gl_WorkGroupID.y) * rows + m * LANES + lane;

  best[at] = best_0;
  best[at + LANES] = best_1;
  best[at + 2 * LANES] = best_2;
  best[at + 3 * LANES] = best_3;
  best[at + 4 * LANES] = best_4;
}
