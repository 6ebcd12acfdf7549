#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Transposes the values of each head, so that weighing them is a plain product.
//   y[head][channel][token] = x[token][head][channel], 0 beyond the last token
//   binding 0 x [tokens][heads * channels] in · 1 y [heads][channels][tokens] out
// Dispatch: x = one invocation per 4 tokens and 4 channels, z = heads.
// Numerics: exact. Host: fe_op_transpose(). Reference: ref_transpose().
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) writeonly buffer Transposed { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint x_offset, x_panel, x_head;
  uint y_head;
  uint tokens, tokens4;  // tokens4: padded tokens / 4
  uint channels4;
};

void main()
{
  uint block = gl_GlobalInvocationID.x % tokens4;
  uint c4 = gl_GlobalInvocationID.x / tokens4;
  mat4 rows = mat4(0.0);

  if (c4 >= channels4)
    return;
  for (uint i = 0u; i < 4u; i++) {
    uint token = 4u * block + i;
    uint at = x_offset + gl_WorkGroupID.z * x_head + token / PANEL * x_panel
              + c4 * PANEL + token % PANEL;
    vec4 row = LOAD(x, at);

    row = token < tokens ? row : vec4(0.0);
    rows[0][i] = row.x;
    rows[1][i] = row.y;
    rows[2][i] = row.z;
    rows[3][i] = row.w;
  }
  uint to = gl_WorkGroupID.z * y_head;
  y[to + packed_at(4u * c4, block, tokens4)] = rows[0];
  y[to + packed_at(4u * c4 + 1u, block, tokens4)] = rows[1];
  y[to + packed_at(4u * c4 + 2u, block, tokens4)] = rows[2];
  y[to + packed_at(4u * c4 + 3u, block, tokens4)] = rows[3];
}
