#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// How unlike all references each row is.
//   values[first + row] = or += weight * (1 - max over parts of best[part][row])
//   binding 0 best [parts][step] in · 1 values out
// Dispatch: one invocation per row. Numerics: fp32.
// Host: fe_op_reference_distance(). Reference: ref_reference_distance().
#include "packed.glsl"

layout(constant_id = 1) const uint ACCUMULATE = 0u;

layout(binding = 0) readonly buffer Best { float best[]; };
layout(binding = 1) buffer Values { float values[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint parts;
  uint step;  // from one part to the next
  uint first;
  float weight;
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  float nearest = -2.0;

  if (row >= rows)
    return;
  for (uint part = 0u; part < parts; part++)
    nearest = max(nearest, best[part * step + row]);
  // Rounding may bring a row's similarity to itself above one.
  float value = weight * max(1.0 - nearest, 0.0);
  values[first + row] = ACCUMULATE != 0u ? values[first + row] + value : value;
}
