#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Binary cross-entropy of each score and its gradient with respect to the
// score, times the weight in `targets` and times `scale`.
//   loss = -log (label is 1 ? p : 1 - p), p clamped to [1e-6, 1 - 1e-6]
//   binding 0 scores [taps][images] in
//   1 targets [images] vec4 in: label, weights of cross-entropy, focal and Dice loss
//   2 losses [taps][images] vec4 out, in x · 3 gradients [taps][images] out
// Dispatch: one invocation per score. Numerics: fp32. Host: fe_op_score_loss().
// Reference: in its test.
#include "packed.glsl"
#include "clamped.glsl"

layout(binding = 0) readonly buffer Scores { float scores[]; };
layout(binding = 1) readonly buffer Targets { vec4 targets[]; };
layout(binding = 2) buffer Losses { vec4 losses[]; };
layout(binding = 3) writeonly buffer Gradients { float gradients[]; };

layout(push_constant) uniform Shape {
  uint count;
  uint images;
  float scale;
};

void main()
{
  uint i = gl_GlobalInvocationID.x;

  if (i >= count)
    return;
  vec4 target = targets[i % images];
  bool defective = target.x > 0.5;
  float p = clamp_probability(scores[i]);
  float right = defective ? p : 1.0 - p;
  float slope = (defective ? -1.0 : 1.0) / right * slope_of_clamp(scores[i]);

  losses[i].x = -log(right);
  gradients[i] = target.y * scale * slope;
}
