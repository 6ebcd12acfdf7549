// SPDX-License-Identifier: LGPL-2.1-or-later
// What both kinds of attention share: operands and shape.
//   y[q] = sum_k softmax_k (query[q] . key[k] / 8) * value[k], for each head of
//   64 channels (1 / 8 = 1 / sqrt (64)); a causal query sees no later key.
//   Matrices are packed (see packed.glsl): queries, keys and values
//   [tokens][3 * width], attended [tokens][width], frames below each other.

layout(constant_id = 1) const uint CAUSAL = 0u;

// In vec4 units: where each matrix begins, the step from one panel of rows to
// the next, and from one frame to the next.
layout(push_constant) uniform Shape {
  uint qkv_offset, qkv_panel, qkv_frame;
  uint y_offset, y_panel, y_frame;
  uint width4;  // channels of all heads / 4
  uint tokens;
};

const float LOWEST = -3.4e38;
// exp (x / 8) = exp2 (x * SCALE), which is cheaper
const float SCALE = 0.125 * 1.44269504088896341;

// How many keys each of three queries sees.
uvec3 keys_of(uvec3 query)
{
  return CAUSAL != 0u ? min(query + 1u, uvec3(tokens)) : uvec3(tokens);
}
