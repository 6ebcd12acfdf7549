#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// One pass of a separable Gaussian blur of a square map, with mirrored edges.
//   y[i] = sum_r weight[|r|] x[i + r], r = -radius … radius
//   binding 0 x [edge][edge] in · 1 weight [radius + 1] in · 2 y [edge][edge] out
// Dispatch: x = one invocation per column, y = rows. Numerics: fp32.
// Host: fe_op_smooth(). Reference: ref_smooth().
#include "packed.glsl"

layout(constant_id = 1) const uint VERTICAL = 0u;

layout(binding = 0) readonly buffer Map { float x[]; };
layout(binding = 1) readonly buffer Weights { float weight[]; };
layout(binding = 2) writeonly buffer Smoothed { float y[]; };

layout(push_constant) uniform Shape {
  int edge;
  int radius;
};

// … 1 0 | 0 1 2 … n-1 | n-1 n-2 …
int mirror(int i)
{
  int period = 2 * edge;
  int at = (i % period + period) % period;

  return at < edge ? at : period - 1 - at;
}

void main()
{
  int column = int(gl_GlobalInvocationID.x), row = int(gl_WorkGroupID.y);
  float sum = 0.0;

  if (column >= edge)
    return;
  for (int r = -radius; r <= radius; r++) {
    int from = VERTICAL != 0u ? mirror(row + r) * edge + column
                              : row * edge + mirror(column + r);

    sum += weight[abs(r)] * x[from];
  }
  y[row * edge + column] = sum;
}
