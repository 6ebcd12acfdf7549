#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Fills ignored pixels of the network's image with the colours of counted ones.
//   x[p] += (1 - k[p]) * x[source[p]], if p has a source other than itself
//   binding 0 x [patches][3 * PATCH * PATCH] in and out, packed
//   1 k [edge][edge] in, fraction of the pixel that counts
//   2 source [edge][edge] in, see fe_fill_sources_new()
// Dispatch: x = one invocation per column, y = rows.
// Numerics: fp32. A source pixel is its own source, so no invocation reads what
// another one writes.
// Host: fe_preprocess_record(). Reference: ref_fill_ignored().
#include "packed.glsl"

layout(binding = 0) buffer Patches { float patches[]; };
layout(binding = 1) readonly buffer Kept { float kept[]; };
layout(binding = 2) readonly buffer Sources { uint sources[]; };

layout(constant_id = 1) const uint PATCH = 14u;

layout(push_constant) uniform Shape {
  uint edge;  // of the image, in pixels
  uint offset, panel_stride;
};

// Index of a pixel's colour channel in the matrix of patches.
uint pixel_at(uint pixel, uint color)
{
  uint x = pixel % edge, y = pixel / edge;
  uint index = y / PATCH * (edge / PATCH) + x / PATCH;
  uint column = (color * PATCH + y % PATCH) * PATCH + x % PATCH;
  uint at = offset + index / PANEL * panel_stride + column / 4u * PANEL
            + index % PANEL;

  return at * 4u + column % 4u;
}

void main()
{
  uint x = gl_GlobalInvocationID.x;

  if (x >= edge)
    return;

  uint pixel = gl_WorkGroupID.y * edge + x;
  uint source = sources[pixel];

  if (source >= edge * edge || source == pixel)
    return;
  for (uint color = 0u; color < 3u; color++)
    patches[pixel_at(pixel, color)] +=
        (1.0 - kept[pixel]) * patches[pixel_at(source, color)];
}
