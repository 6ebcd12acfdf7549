#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Fuses the adapters' outputs with the patch features (FE-CLIP).
//   y = lambda * (ffe + lfs) + (1 - lambda) * x for the patches' rows; the class
//   token's is copied. With gradients in their places this is its own adjoint.
//   binding 0 ffe in · 1 lfs in, [patches][channels]
//   2 x in · 3 y out, may be x, [tokens][channels]
// Dispatch: one invocation per vec4 of y, z = images. Numerics: fp32.
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
  uint adapted_step, x_step;  // from one image to the next
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
