#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Cosine distance of each row from its nearest reference, from the maxima of
// nearest_*.comp.
//   values[first + row] = or += weight * (1 - max over splits of best[split][row])
//   binding 0 best [splits][step] in · 1 values out
// Dispatch: one invocation per row. Numerics: fp32.
// Host: fe_op_reference_distance(). Reference: ref_reference_distance().
#include "packed.glsl"

layout(constant_id = 1) const uint ACCUMULATE = 0u;

layout(binding = 0) readonly buffer Best { float best[]; };
layout(binding = 1) buffer Values { float values[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint splits;
  uint step;  // stride between splits
  uint first;
  float weight;
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  float nearest = -2.0;

  if (row >= rows)
    return;
  for (uint split = 0u; split < splits; split++)
    nearest = max(nearest, best[split * step + row]);
  // Rounding may make a row's similarity to itself larger than one.
  float value = weight * max(1.0 - nearest, 0.0);
  values[first + row] = ACCUMULATE != 0u ? values[first + row] + value : value;
}
