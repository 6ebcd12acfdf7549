#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Measures the peak rate of multiplications and additions.
//   x = factor * x + summand, 16 * repeats times, for twelve independent values:
//   enough to hide the latency of two units, few enough for 16 registers
//   binding 0 sums [invocations] vec4 out
// Dispatch: any number of workgroups. Numerics: fp32.
// Host: fe_op_peak_arithmetic(). Reference: ref_peak_arithmetic().
#include "packed.glsl"

layout(binding = 0) writeonly buffer Sums { vec4 sums[]; };

layout(push_constant) uniform Shape {
  uint repeats;
  float factor, summand;
};

#define STEP                                                                   \
  a = a * factor + summand;                                                    \
  b = b * factor + summand;                                                    \
  c = c * factor + summand;
#define STEPS_4 STEP STEP STEP STEP

void main()
{
  uint id = gl_GlobalInvocationID.x;
  vec4 a = vec4(id % 8u) + vec4(0, 1, 2, 3), b = a + 4.0, c = b + 4.0;

  // Each value that lives across a loop has a cost per iteration; with 32 steps
  // per iteration lavapipe is half as fast as with 16.
  for (uint i = 0u; i < repeats; i++) {
    STEPS_4 STEPS_4 STEPS_4 STEPS_4
  }
  sums[id] = a + b + c;
}
