#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Paints what is ignored in a picture with the mean color of the rest.
//   x[r][c] += (1 - k[r][c]) mean, mean = sum x / sum k, x as it was
//   0 where less than half a pixel is left
//   binding 0 x [patches][3 * PATCH * PATCH] in and out, packed
//   1 k [edge][edge] in · 2 sums of the rows [edge], see row_colors.comp in
// Dispatch: x = one invocation per row. Numerics: fp32.
// Host: fe_preprocess_record(). Reference: ref_fill_ignored().
#include "packed.glsl"
#include "pixel.glsl"

layout(binding = 0) buffer Patches { float patches[]; };
layout(binding = 1) readonly buffer Kept { float kept[]; };
PACKED_INPUT(2, sums)

void main()
{
  uint y = gl_GlobalInvocationID.x;
  vec4 sum = vec4(0.0);

  if (y >= edge)
    return;
  for (uint row = 0u; row < edge; row++)
    sum += LOAD(sums, row);

  vec3 mean = sum.a < 0.5 ? vec3(0.0) : sum.rgb / sum.a;

  for (uint x = 0u; x < edge; x++) {
    float missing = 1.0 - kept[y * edge + x];

    patches[pixel_at(x, y, 0u)] += missing * mean.r;
    patches[pixel_at(x, y, 1u)] += missing * mean.g;
    patches[pixel_at(x, y, 2u)] += missing * mean.b;
  }
}
