#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Resizes along the rows to the new width, normalises the colours as in CLIP's
// training and writes the patches.
//   s[r][o] = sum_t weight[o][t] * x[r][first[o] + t]
//   y[patch][c][row][column] = (s[c] - k mean[c]) / deviation[c]
//   k = 1; with ignored pixels, k = s[3], the fraction of the pixel that counts
//   binding 0 x [rows][columns] in · 1 filter in, see FeResizeFilter
//   2 y [patches][3 * PATCH * PATCH] out, packed · 3 k [edge][edge] out
// Dispatch: x = one invocation per output column, y = rows. Numerics: fp32.
// Host: fe_preprocess_record(). Reference: ref_resize().
#include "packed.glsl"

PACKED_INPUT(0, pixels)
PACKED_INPUT(1, filters)
layout(binding = 2) writeonly buffer Patches { float patches[]; };
layout(binding = 3) writeonly buffer Kept { float kept[]; };

layout(constant_id = 1) const uint PATCH = 14u;
layout(constant_id = 2) const bool MASKED = false;

layout(push_constant) uniform Shape {
  uint columns;
  uint first_output;  // index of x's first row in the result
  uint taps4;
  uint edge;          // edge of the result in pixels
  uint offset, panel_stride;
};

const vec3 MEAN = vec3(0.48145466, 0.4578275, 0.40821073);
const vec3 DEVIATION = vec3(0.26862954, 0.26130258, 0.27577711);

void store(uint index, uint column, float value)
{
  uint at = offset + index / PANEL * panel_stride + column / 4u * PANEL
            + index % PANEL;

  patches[at * 4u + column % 4u] = value;
}

void main()
{
  uint x = gl_GlobalInvocationID.x;
  uint row = gl_WorkGroupID.y;
  uint filter_at = x * (1u + taps4);

  if (x >= edge)
    return;

  uint at = row * columns + uint(LOAD(filters, filter_at).x);
  vec4 sum = vec4(0.0);

  for (uint t = 0u; t < taps4; t++) {
    vec4 weight = LOAD(filters, filter_at + 1u + t);

    sum += weight.x * LOAD(pixels, at) + weight.y * LOAD(pixels, at + 1u)
           + weight.z * LOAD(pixels, at + 2u)
           + weight.w * LOAD(pixels, at + 3u);
    at += 4u;
  }

  vec3 color = (sum.rgb - (MASKED ? sum.a : 1.0) * MEAN) / DEVIATION;
  uint y = first_output + row;
  uint index = y / PATCH * (edge / PATCH) + x / PATCH;
  uint column = y % PATCH * PATCH + x % PATCH;

  store(index, column, color.r);
  store(index, column + PATCH * PATCH, color.g);
  store(index, column + 2u * PATCH * PATCH, color.b);
  if (MASKED)
    kept[y * edge + x] = sum.a;
}
