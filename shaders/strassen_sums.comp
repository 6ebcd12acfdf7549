#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Sums of the quarters of a that strassen_subgroup.comp multiplies.
//   S1 = A21 + A22, S2 = S1 - A11, S3 = A11 - A21, S4 = A12 - S2
//   binding 0 a in · 1 s out [4][rows of a half][columns of a half]
// Dispatch: x = ceil (half4 / COLUMNS), y = panels of a half. Numerics: fp32.
// Host: fe_op_strassen(). Reference: ref_matmul().
#include "packed.glsl"
#include "pairs.glsl"

PACKED_INPUT(0, a)
layout(binding = 1) writeonly buffer Sums { u64vec2 s[]; };

// In vec4: offset of a, stride between its panels, offset of its lower half,
// columns of a half / 4, and stride between the sums. Then the number of rows
// in the lower half; rows below are padding and count as zero, since garbage
// there would cause rounding errors in the rows above.
layout(push_constant) uniform Shape {
  uint offset, panel, below, half4, step;
  uint lower_rows;
};

// Columns per workgroup: starting a workgroup takes a while.
const uint COLUMNS = 16u;

void main()
{
  uint end = min((gl_WorkGroupID.x + 1u) * COLUMNS, half4);
  uint from = offset + gl_WorkGroupID.y * panel + gl_LocalInvocationID.x;
  uint to = gl_WorkGroupID.y * half4 * PANEL + gl_LocalInvocationID.x;
  uint right = half4 * PANEL, down = below, next = step;
  bool padding = OWN_ROW >= lower_rows;

  for (uint c = gl_WorkGroupID.x * COLUMNS; c < end; c++) {
    uint at = from + c * PANEL, put = to + c * PANEL;
    vec4 a11 = LOAD(a, at);
    vec4 a21 = padding ? vec4(0.0) : LOAD(a, at + down);
    vec4 a22 = padding ? vec4(0.0) : LOAD(a, at + right + down);
    vec4 s1 = a21 + a22, s2 = s1 - a11;

    s[put] = in_pairs(s1);
    s[put + next] = in_pairs(s2);
    s[put + 2u * next] = in_pairs(a11 - a21);
    s[put + 3u * next] = in_pairs(LOAD(a, at + right) - s2);
  }
}
