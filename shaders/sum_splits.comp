#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Second pass of a split-k matrix product: sums the partial products in a fixed
// order and applies the epilogue.
//   c[m][n] = act (sum_split sums[split][m][n] + bias[n]) + residual[m][n]
//   binding 0 sums [splits][rows][n] in · 1 bias [n] in · 2 residual in
//   3 c [rows][n] out, may alias residual
// Dispatch: one invocation per vec4 of c. Numerics: fp32. Host: fe_op_matmul().
// Reference: ref_matmul().
#include "packed.glsl"
#include "epilogue.glsl"

PACKED_INPUT(0, sums)
PACKED_INPUT(1, bias)
PACKED_INPUT(2, residual)
layout(binding = 3) buffer Product { vec4 c[]; };

layout(push_constant) uniform Shape {
  uint rows, n4;  // rows and columns / 4 of c
  uint splits, step;  // step: stride between splits, in vec4
  uint c_offset, c_panel;
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint from = packed_at(row, c4, n4);
  uint at = c_offset + row / PANEL * c_panel + c4 * PANEL + row % PANEL;
  vec4 value = vec4(0.0);

  if (row >= rows || c4 >= n4)
    return;
  for (uint split = 0u; split < splits; split++)
    value += LOAD(sums, split * step + from);
  if ((EPILOGUE & ADD_BIAS) != 0u)
    value += LOAD(bias, c4);
  value = activate(value);
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    value += LOAD(residual, at);
  c[at] = value;
}
