#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Activation function of a layer, separate from its matrix product because
// training keeps the input x, and its gradient.
//   forward:  y = act (x)
//   backward: y = act' (x) * dy
//   binding 0 x in · 1 dy in, backward only · 2 y out, all [images][rows][columns]
// Dispatch: one invocation per vec4 of y, z = image. Numerics: fp32.
// Host: fe_op_activation(), fe_op_activation_backward(). Reference:
// ref_matmul() with an activation.
#include "packed.glsl"
#include "gelu.glsl"

const uint QUICK_GELU = 1u;  // as FeclipActivation
layout(constant_id = 1) const uint ACTIVATION = QUICK_GELU;
layout(constant_id = 2) const uint BACKWARD = 0u;

PACKED_INPUT(0, x)
PACKED_INPUT(1, dy)
layout(binding = 2) writeonly buffer Result { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint columns4;
  uint x_step, dy_step, y_step;  // strides between images, in vec4
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint at = packed_at(row, c4, columns4);
  uint image = gl_WorkGroupID.z;

  if (row >= rows || c4 >= columns4)
    return;
  vec4 value = LOAD(x, image * x_step + at);
  vec4 result;

  if (BACKWARD == 0u)
    result = ACTIVATION == QUICK_GELU ? quick_gelu(value) : gelu(value);
  else
    result = LOAD(dy, image * dy_step + at)
             * (ACTIVATION == QUICK_GELU ? quick_gelu_slope(value)
                                         : gelu_slope(value));
  y[image * y_step + at] = result;
}
