#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Bilinear upsampling of a square map: half-pixel centres, replicated edges.
//   binding 0 small [first + edge * edge] in · 1 large [to_edge * to_edge] out
// Dispatch: x = one invocation per column, y = rows. Numerics: fp32.
// Host: fe_op_upsample(). Reference: ref_upsample().
#include "packed.glsl"

layout(binding = 0) readonly buffer Small { float small[]; };
layout(binding = 1) writeonly buffer Large { float large[]; };

layout(push_constant) uniform Shape {
  uint first;
  uint edge;
  uint to_edge;
};

void main()
{
  uint column = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  vec2 position = (vec2(column, row) + 0.5) * float(edge) / float(to_edge)
                  - 0.5;

  if (column >= to_edge)
    return;
  position = clamp(position, vec2(0.0), vec2(edge - 1u));
  uvec2 low = uvec2(position);
  uvec2 high = min(low + 1u, uvec2(edge - 1u));
  vec2 share = position - vec2(low);
  float top = mix(small[first + low.y * edge + low.x],
                  small[first + low.y * edge + high.x], share.x);
  float bottom = mix(small[first + high.y * edge + low.x],
                     small[first + high.y * edge + high.x], share.x);

  large[row * to_edge + column] = mix(top, bottom, share.y);
}
