// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a pixel of the network's picture lies among the patches; after
// packed.glsl.
layout(constant_id = 1) const uint PATCH = 14u;

layout(push_constant) uniform Shape {
  uint edge;  // of the picture, in pixels
  uint offset, panel_stride;
};

uint pixel_at(uint x, uint y, uint color)
{
  uint patch_number = y / PATCH * (edge / PATCH) + x / PATCH;
  uint column = (color * PATCH + y % PATCH) * PATCH + x % PATCH;
  uint at = offset + patch_number / PANEL * panel_stride
            + column / 4u * PANEL + patch_number % PANEL;

  return at * 4u + column % 4u;
}
