#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Nearest reference of each row, for GPUs: a matrix product in tiles of 64 x 64
// that keeps a running maximum instead of storing the sums.
//   best[split][row] = max over the rows r of the split of a[row] . b[r]
//   binding 0 a [rows][k] in · 1 b [b_rows][k] in · 2 best [splits][rows] out
// Dispatch: x = ceil (rows / 64), y = splits of b; 256 invocations.
// Numerics: fp32. Host: fe_op_nearest(). Reference: ref_nearest().
#include "nearest.glsl"

layout(constant_id = 0) const uint PANEL = 8u;
layout(local_size_x = 256) in;
layout(binding = 0) readonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { vec4 b[]; };
#define WEIGHTS(at) b[at]
layout(binding = 2) buffer Best { float best[]; };

#include "product_workgroup.glsl"

// [column of the tile / 4][row]
shared float found[16][65];

void main()
{
  uint id = gl_LocalInvocationID.x;
  uint m = gl_WorkGroupID.x * 64u, row = m + id % 64u;
  uint begin = gl_WorkGroupID.y * SPLIT_ROWS;
  uint end = min(begin + SPLIT_ROWS, b_rows);
  vec4 largest = vec4(-2.0);  // running maximum of four rows

  for (uint n = begin; n < end; n += 64u) {
    uint other = n + id % 64u;
    mat4 sum = multiply_tile(row / PANEL * a_panel + row % PANEL,
                             other / PANEL * b_panel + other % PANEL);

    for (uint i = 0u; i < 4u; i++)
      largest[i] = max(largest[i], max(max(sum[i].x, sum[i].y),
                                       max(sum[i].z, sum[i].w)));
  }
  for (uint i = 0u; i < 4u; i++)
    found[id % 16u][id / 16u * 4u + i] = largest[i];
  barrier();
  if (id >= 64u)
    return;
  float nearest = found[0][id];
  for (uint i = 1u; i < 16u; i++)
    nearest = max(nearest, found[i][id]);
  best[(first_split + gl_WorkGroupID.y) * rows + row] = nearest;
}
