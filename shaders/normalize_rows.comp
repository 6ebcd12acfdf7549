#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// L2-normalises each row.
//   y[r] = x[r] / max (|x[r]|, 1e-12)
//   binding 0 x [rows][columns] in · 1 y [rows][columns] out
// Dispatch: one invocation per row. Numerics: fp32.
// Host: fe_op_normalize_rows(). Reference: ref_normalize_rows().
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) buffer Unit { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint columns4;  // padded columns / 4
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  uint at = packed_at(row, 0u, columns4);
  vec4 square = vec4(0.0);

  if (row >= rows)
    return;
  for (uint c = 0u; c < columns4; c++) {
    vec4 v = LOAD(x, at + c * PANEL);

    square += v * v;
  }
  float scale = 1.0 / max(sqrt(dot(square, vec4(1.0))), 1e-12);
  for (uint c = 0u; c < columns4; c++)
    y[at + c * PANEL] = LOAD(x, at + c * PANEL) * scale;
}
