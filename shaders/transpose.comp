#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Transposes a matrix, or the matrix of each attention head.
//   y[head][channel][token] = x[token][head][channel], 0 for padding tokens
//   binding 0 x [tokens][heads * channels] in · 1 y [heads][channels][tokens] out
//   Strides: x_head between the heads of an image, x_group between images.
// Dispatch: x = one invocation per 4 tokens, y = 4 channels, z = head.
// Numerics: exact. Host: fe_op_transpose(). Reference: ref_transpose().
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) writeonly buffer Transposed { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint x_offset, x_panel, x_head;
  uint y_head;
  uint tokens, tokens4;  // tokens4: padded tokens / 4
  uint group, x_group;
};

void main()
{
  uint block = gl_GlobalInvocationID.x;
  uint c4 = gl_WorkGroupID.y;
  uint head = gl_WorkGroupID.z;
  uint in_group = quotient(head, group);
  uint from = x_offset + in_group * x_group + (head - in_group * group) * x_head;
  mat4 rows = mat4(0.0);

  if (block >= tokens4)
    return;
  for (uint i = 0u; i < 4u; i++) {
    uint token = 4u * block + i;
    vec4 row = LOAD(x, from + token / PANEL * x_panel + c4 * PANEL
                           + token % PANEL);

    row = token < tokens ? row : vec4(0.0);
    rows[0][i] = row.x;
    rows[1][i] = row.y;
    rows[2][i] = row.z;
    rows[3][i] = row.w;
  }
  uint to = head * y_head;
  y[to + packed_at(4u * c4, block, tokens4)] = rows[0];
  y[to + packed_at(4u * c4 + 1u, block, tokens4)] = rows[1];
  y[to + packed_at(4u * c4 + 2u, block, tokens4)] = rows[2];
  y[to + packed_at(4u * c4 + 3u, block, tokens4)] = rows[3];
}
