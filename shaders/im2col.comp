#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// im2col: gathers the 3 x 3 neighbourhood of each patch, zero outside the grid,
// so that a convolution becomes a matrix product.
//   y[p][tap * channels + c] = x[p + offset of tap][c], taps in row-major order
//   binding 0 x [images][grid * grid][channels] in
//   1 y [images][grid * grid][9 * channels] out
// Dispatch: one invocation per vec4 of y, z = image. Numerics: exact.
// Host: fe_op_im2col(). Reference: ref_im2col().
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) writeonly buffer Gathered { vec4 y[]; };

layout(push_constant) uniform Shape {
  uint grid;
  uint channels4;
  uint x_step, y_step;  // strides between images, in vec4
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint tap = quotient(c4, channels4);
  ivec2 from = patch_place(row, grid)
               + ivec2(tap % 3u, tap / 3u) - 1;
  bool inside = all(greaterThanEqual(from, ivec2(0)))
                && all(lessThan(from, ivec2(grid)));

  if (row >= grid * grid || c4 >= 9u * channels4)
    return;
  from = clamp(from, ivec2(0), ivec2(grid - 1u));
  vec4 value = LOAD(x, gl_WorkGroupID.z * x_step
                           + packed_at(uint(from.y) * grid + uint(from.x),
                                       c4 - tap * channels4, channels4));
  y[gl_WorkGroupID.z * y_step + packed_at(row, c4, 9u * channels4)] =
      inside ? value : vec4(0.0);
}
