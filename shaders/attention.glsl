// SPDX-License-Identifier: LGPL-2.1-or-later
// Operands and shape of scaled dot-product attention, for
// attention_subgroup.comp and attention_workgroup.comp.
//   y[q] = sum_k softmax_k (query[q] . key[k] / 8) * value[k], for each head
//   8 = sqrt (64), 64 channels per head; causal: keys after the query are masked
// Matrices are packed (see packed.glsl): queries, keys and values side by side
// [tokens][3 * width], output [tokens][width]; the rows of the images of a
// batch follow each other.

layout(constant_id = 1) const uint CAUSAL = 0u;

// Offset of each matrix, stride between its panels of rows and stride between
// the images of a batch, all in vec4.
layout(push_constant) uniform Shape {
  uint qkv_offset, qkv_panel, qkv_image;
  uint y_offset, y_panel, y_image;
  uint width4;  // channels of all heads / 4
  uint tokens;
};

const float LOWEST = -3.4e38;
// exp (x / 8) = exp2 (x * SCALE), which is cheaper
const float SCALE = 0.125 * 1.44269504088896341;

// Number of keys that each of three queries attends to.
uvec3 keys_of(uvec3 query)
{
  return CAUSAL != 0u ? min(query + 1u, uvec3(tokens)) : uvec3(tokens);
}
