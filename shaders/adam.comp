#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// One step of Adam (Kingma & Ba 2015); sets the gradient to zero afterwards.
//   g = scale * schedule.x * gradient
//   m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2
//   w -= rate * m / (sqrt (v) * schedule.w + 1e-8)
//   rate = schedule.y or schedule.z (second_rate), the learning rate / (1 - 0.9^t)
//   schedule.w = 1 / sqrt (1 - 0.999^t)
//   binding 0 w · 1 gradient · 2 m · 3 v, all [count4] vec4, in and out
//   4 schedule [4] in
// Dispatch: one invocation per vec4, over x and y. Numerics: fp32.
// Host: fe_op_adam(). Reference: in its test.
#include "packed.glsl"

layout(binding = 0) buffer Weights { vec4 w[]; };
layout(binding = 1) buffer Gradient { vec4 gradient[]; };
layout(binding = 2) buffer Mean { vec4 m[]; };
layout(binding = 3) buffer Square { vec4 v[]; };
layout(binding = 4) readonly buffer Schedule { vec4 schedule; };

layout(push_constant) uniform Shape {
  uint count4;
  uint second_rate;
  float scale;
};

void main()
{
  uint i = gl_WorkGroupID.y * gl_NumWorkGroups.x * gl_WorkGroupSize.x
           + gl_GlobalInvocationID.x;

  if (i >= count4)
    return;
  vec4 g = scale * schedule.x * gradient[i];
  vec4 mean = m[i] + 0.1 * (g - m[i]);
  vec4 square = 0.999 * v[i] + 0.001 * g * g;
  float rate = second_rate != 0u ? schedule.z : schedule.y;

  m[i] = mean;
  v[i] = square;
  w[i] -= rate * mean / (sqrt(square) * schedule.w + 1e-8);
  gradient[i] = vec4(0.0);
}
