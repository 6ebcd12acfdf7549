#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of layer_norm.comp with respect to its input.
//   g = dy[t] * scale, n = (x[s] - mean) / deviation, s = first + step * t
//   dx[s] = or += (g - mean (g) - n * mean (g * n)) / deviation
//   binding 0 x [tokens][channels] in · 1 scale [channels] in
//   2 dy [rows][channels] in · 3 dx [tokens][channels] out
//   4 dx again, as input of +=
// Dispatch: one invocation per row of dy. Numerics: fp32.
// Host: fe_op_layer_norm_backward(). Reference: differences of
// ref_layer_norm().
#include "packed.glsl"

layout(constant_id = 1) const uint ACCUMULATE = 0u;

PACKED_INPUT(0, x)
PACKED_INPUT(1, scale)
PACKED_INPUT(2, dy)
layout(binding = 3) writeonly buffer Gradient { vec4 dx[]; };
PACKED_INPUT(4, previous)

layout(push_constant) uniform Shape {
  uint rows;   // of dy
  uint first;  // row of x for row 0 of dy; step: from there to the next
  uint step;
  uint channels4;
};

void main()
{
  uint token = gl_GlobalInvocationID.x;
  uint at = packed_at(first + step * token, 0u, channels4);
  uint from = packed_at(token, 0u, channels4);
  float count = float(4u * channels4);
  vec4 sum = vec4(0.0), squares = vec4(0.0);
  vec4 gradients = vec4(0.0), products = vec4(0.0);

  if (token >= rows)
    return;
  for (uint c = 0u; c < channels4; c++) {
    sum += LOAD(x, at + c * PANEL);
    gradients += LOAD(dy, from + c * PANEL) * LOAD(scale, c);
  }
  float mean = dot(sum, vec4(1.0)) / count;

  for (uint c = 0u; c < channels4; c++) {
    vec4 d = LOAD(x, at + c * PANEL) - mean;

    squares += d * d;
    products += LOAD(dy, from + c * PANEL) * LOAD(scale, c) * d;
  }
  float factor = 1.0 / sqrt(dot(squares, vec4(1.0)) / count + 1e-5);
  float mean_gradient = dot(gradients, vec4(1.0)) / count;
  float slope = dot(products, vec4(1.0)) / count * factor * factor;

  for (uint c = 0u; c < channels4; c++) {
    vec4 d = LOAD(x, at + c * PANEL) - mean;
    vec4 g = LOAD(dy, from + c * PANEL) * LOAD(scale, c);
    vec4 gradient = (g - mean_gradient - d * slope) * factor;

    if (ACCUMULATE != 0u)
      gradient += LOAD(previous, at + c * PANEL);
    dx[at + c * PANEL] = gradient;
  }
}
