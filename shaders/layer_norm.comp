#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Layer normalisation over the channels of each token.
//   y[t][c] = (x[s][c] - mean_s) / sqrt (var_s + 1e-5) * scale[c] + shift[c]
//   with s = first + step * t
//   binding 0 x [tokens][channels] in · 1 scale [channels] in
//   2 shift [channels] in · 3 y [rows][channels] out, must not alias x
// Dispatch: one invocation per row of y. Numerics: two passes in fp32.
// Host: fe_op_layer_norm(). Reference: ref_layer_norm().
#include "packed.glsl"

PACKED_INPUT(0, x)
PACKED_INPUT(1, scale)
PACKED_INPUT(2, shift)
layout(binding = 3) writeonly buffer Normed { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint rows;   // of y
  uint first;  // row of x for row 0 of y; step: from there to the next
  uint step;
  uint channels4;
};

void main()
{
  uint token = gl_GlobalInvocationID.x;
  uint from = packed_at(first + step * token, 0u, channels4);
  uint to = packed_at(token, 0u, channels4);
  vec4 sum = vec4(0.0);
  vec4 squares = vec4(0.0);

  if (token >= rows)
    return;
  for (uint c = 0u; c < channels4; c++)
    sum += LOAD(x, from + c * PANEL);
  float mean = dot(sum, vec4(1.0)) / float(4u * channels4);

  for (uint c = 0u; c < channels4; c++) {
    vec4 d = LOAD(x, from + c * PANEL) - mean;
    squares += d * d;
  }
  float variance = dot(squares, vec4(1.0)) / float(4u * channels4);
  float factor = 1.0 / sqrt(variance + 1e-5);

  for (uint c = 0u; c < channels4; c++) {
    vec4 d = LOAD(x, from + c * PANEL) - mean;
    y[to + c * PANEL] = d * factor * LOAD(scale, c) + LOAD(shift, c);
  }
}
