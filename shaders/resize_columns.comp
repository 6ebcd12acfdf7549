#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Second pass of the separable resize: along the columns, to the new height.
//   y[o][c] = sum_t weight[o][t] * x[first[o] + t - first_row][c]
//   binding 0 x [rows][columns] in · 1 filter in, see FeResizeFilter
//   2 y [outputs][columns] out
// Dispatch: y = outputs, x = any number of workgroups, which share the columns
// of a row.
// Numerics: fp32. Host: fe_preprocess_record(). Reference: ref_resize().
#include "packed.glsl"

PACKED_INPUT(0, pixels)
layout(binding = 1) readonly buffer Filter { vec4 filters[]; };
layout(binding = 2) writeonly buffer Resized { vec4 resized[]; };

layout(push_constant) uniform Shape {
  uint columns;
  uint first_row;     // index of x's first row in the whole image
  uint first_output;  // index of y's first row in the whole result
  uint taps4;
};

void resize(uint x, uint y)
{
  uint filter_at = (first_output + y) * (1u + taps4);
  uint at = (uint(filters[filter_at].x) - first_row) * columns + x;
  vec4 sum = vec4(0.0);

  for (uint t = 0u; t < taps4; t++) {
    vec4 weight = filters[filter_at + 1u + t];

    sum += weight.x * LOAD(pixels, at) + weight.y * LOAD(pixels, at + columns)
           + weight.z * LOAD(pixels, at + 2u * columns)
           + weight.w * LOAD(pixels, at + 3u * columns);
    at += 4u * columns;
  }
  resized[y * columns + x] = sum;
}

void main()
{
  uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;

  for (uint x = gl_GlobalInvocationID.x; x < columns; x += stride)
    resize(x, gl_WorkGroupID.y);
}
