#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Focal loss and Dice loss of each map, from the row sums of map_sums.comp.
//   focal: mean over the pixels
//   Dice:  1 - (2 sum (p * mask) + 1e-6) / (sum (p) + sum (mask) + 1e-6)
//   binding 0 sums [maps][edge] vec4 in: focal, p * mask, p, mask
//   1 totals [maps] vec4 out: the sums over all rows
//   2 losses [maps] vec4 out: focal in y, Dice in z
// Dispatch: one invocation per map. Numerics: fp32. Host: fe_op_map_losses().
// Reference: in their test.
#include "packed.glsl"

layout(binding = 0) readonly buffer Sums { vec4 sums[]; };
layout(binding = 1) writeonly buffer Totals { vec4 totals[]; };
layout(binding = 2) buffer Losses { vec4 losses[]; };

layout(push_constant) uniform Shape {
  uint count;
  uint edge;
};

void main()
{
  uint i = gl_GlobalInvocationID.x;
  vec4 total = vec4(0.0);

  if (i >= count)
    return;
  for (uint row = 0u; row < edge; row++)
    total += sums[i * edge + row];
  totals[i] = total;
  losses[i].y = total.x / float(edge * edge);
  losses[i].z = 1.0 - (2.0 * total.y + 1e-6) / (total.z + total.w + 1e-6);
}
