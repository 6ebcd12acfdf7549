#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Sums over each row of a map, from which map_losses.comp computes the losses.
//   focal = -alpha_t (1 - p_t)^gamma log (p_t), p clamped, with p_t = p and
//   alpha_t = alpha where the mask is 1, p_t = 1 - p and alpha_t = 1 - alpha elsewhere
//   binding 0 maps [taps * images][edge][edge] in, packed
//   1 masks [images][edge][edge] in, packed
//   2 sums [taps * images][edge] vec4 out: focal, p * mask, p, mask
// Dispatch: x = one invocation per row, z = taps * images. Numerics: fp32.
// Host: fe_op_map_losses(). Reference: in their test.
#include "packed.glsl"
#include "clamped.glsl"
#include "focal.glsl"

PACKED_INPUT(0, maps)
PACKED_INPUT(1, masks)
layout(binding = 2) writeonly buffer Sums { vec4 sums[]; };

layout(push_constant) uniform Shape {
  uint edge;
  uint columns4;
  uint map_step, mask_step;  // strides between maps and masks, in vec4
  uint images;
  float alpha;
  float gamma;
};

void main()
{
  uint row = gl_GlobalInvocationID.x, z = gl_WorkGroupID.z;
  uint from = packed_at(row, 0u, columns4);
  vec4 focal = vec4(0.0), both = vec4(0.0);
  vec4 probabilities = vec4(0.0), marked = vec4(0.0);

  if (row >= edge)
    return;
  for (uint c = 0u; c < columns4; c++) {
    vec4 p = LOAD(maps, z * map_step + from + c * PANEL);
    vec4 mask = LOAD(masks, z % images * mask_step + from + c * PANEL);
    bvec4 valid = lessThan(4u * c + uvec4(0u, 1u, 2u, 3u), uvec4(edge));

    focal += mix(vec4(0.0), focal_loss(p, mask, alpha, gamma), valid);
    p = mix(vec4(0.0), p, valid);
    both += p * mask;
    probabilities += p;
    marked += mask;
  }
  sums[z * edge + row] =
      vec4(dot(focal, vec4(1.0)), dot(both, vec4(1.0)),
           dot(probabilities, vec4(1.0)), dot(marked, vec4(1.0)));
}
