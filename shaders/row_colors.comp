#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// The sums of a picture's rows, where parts of it are ignored.
//   y[r] = (sum_c x[r][c], sum_c k[r][c]), x normalised colors times k
//   binding 0 x [patches][3 * PATCH * PATCH] in, packed · 1 k [edge][edge] in
//   2 y [edge] out
// Dispatch: x = one invocation per row. Numerics: fp32.
// Host: fe_preprocess_record(). Reference: ref_fill_ignored().
#include "packed.glsl"
#include "pixel.glsl"

layout(binding = 0) readonly buffer Patches { float patches[]; };
layout(binding = 1) readonly buffer Kept { float kept[]; };
layout(binding = 2) writeonly buffer Sums { vec4 sums[]; };

void main()
{
  uint y = gl_GlobalInvocationID.x;
  vec4 sum = vec4(0.0);

  if (y >= edge)
    return;
  for (uint x = 0u; x < edge; x++)
    sum += vec4(patches[pixel_at(x, y, 0u)], patches[pixel_at(x, y, 1u)],
                patches[pixel_at(x, y, 2u)], kept[y * edge + x]);
  sums[y] = sum;
}
