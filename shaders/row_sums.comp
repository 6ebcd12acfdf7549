#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Adds the sum of each row; on a transposed gradient, the gradient of a bias.
//   sums[r] += sum_c x[r][c]
//   binding 0 x [rows][columns] in, padding columns zero · 1 sums [rows] in and out
// Dispatch: one invocation per row. Numerics: fp32, four partial sums per row.
// Host: fe_op_row_sums(). Reference: plain sums in its test.
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) buffer Sums { float sums[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint columns4;
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  uint at = packed_at(row, 0u, columns4);
  vec4 sum = vec4(0.0);

  if (row >= rows)
    return;
  for (uint c = 0u; c < columns4; c++)
    sum += LOAD(x, at + c * PANEL);
  sums[row] += dot(sum, vec4(1.0));
}
