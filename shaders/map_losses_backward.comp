#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of the focal and Dice losses with respect to each pixel's
// probability, times the weights in `targets` and times `scale`.
//   binding 0 maps [taps * images][edge][edge] in, packed
//   1 masks [images][edge][edge] in, packed
//   2 totals [taps * images] vec4 in: focal, p * mask, p, mask
//   3 targets [images] vec4 in: label, weights of cross-entropy, focal and Dice loss
//   4 gradients out, shape of maps
// Dispatch: one invocation per vec4, z = taps * images. Numerics: fp32.
// Host: fe_op_map_losses_backward(). Reference: differences in its test.
#include "packed.glsl"
#include "clamped.glsl"
#include "focal.glsl"

PACKED_INPUT(0, maps)
PACKED_INPUT(1, masks)
PACKED_INPUT(2, totals)
PACKED_INPUT(3, targets)
layout(binding = 4) writeonly buffer Gradients { vec4 gradients[]; };

layout(push_constant) uniform Shape {
  uint edge;
  uint columns4;
  uint map_step, mask_step;  // strides between maps and masks, in vec4
  uint images;
  float alpha;
  float gamma;
  float scale;
};

void main()
{
  uint row = own_row(), c4 = own_column4(), z = gl_WorkGroupID.z;
  uint image = z - quotient(z, images) * images;
  uint at = packed_at(row, c4, columns4);

  if (row >= edge || c4 >= columns4)
    return;
  vec4 p = LOAD(maps, z * map_step + at);
  vec4 mask = LOAD(masks, image * mask_step + at);
  vec4 weights = LOAD(targets, image) * scale;
  vec4 total = LOAD(totals, z);
  float both = 2.0 * total.y + 1e-6, either = total.z + total.w + 1e-6;
  bvec4 valid = lessThan(4u * c4 + uvec4(0u, 1u, 2u, 3u), uvec4(edge));
  vec4 gradient = weights.z / float(edge * edge)
                      * focal_slope(p, mask, alpha, gamma)
                  - weights.w * (2.0 * mask * either - both)
                        / (either * either);

  gradients[z * map_step + at] = mix(vec4(0.0), gradient, valid);
}
