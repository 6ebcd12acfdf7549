#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Blends the outputs of the adapters with the patch features (FE-CLIP).
//   patches:     y = lambda * (ffe + lfs) + (1 - lambda) * x
//   class token: y = x
//   binding 0 ffe in · 1 lfs in, both [images][patches][channels]
//   2 x [images][tokens][channels] in · 3 y out, shape of x, may alias x
// Dispatch: one invocation per vec4 of y, z = image.
// Numerics: fp32. The function is its own adjoint, so the backward pass uses it
// with gradients as operands.
// Host: fe_op_blend_adapters(). Reference: ref_blend_adapters().
#include "packed.glsl"

PACKED_INPUT(0, ffe)
PACKED_INPUT(1, lfs)
PACKED_INPUT(2, x)
layout(binding = 3) writeonly buffer Blended { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint patches;
  uint tokens;
  uint channels4;
  uint adapted_step, x_step;  // strides between images, in vec4
  float lambda;
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint at = packed_at(row, c4, channels4);

  if (row >= tokens || c4 >= channels4)
    return;
  uint adapted = gl_WorkGroupID.z * adapted_step + at;
  at += gl_WorkGroupID.z * x_step;
  if (row < patches)
    y[at] = lambda * (LOAD(ffe, adapted) + LOAD(lfs, adapted))
            + (1.0 - lambda) * LOAD(x, at);
  else
    y[at] = LOAD(x, at);
}
