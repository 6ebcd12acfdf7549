#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of im2col (col2im): sums the gradients of all neighbourhoods that a
// patch is part of.
//   dx[p][c] = sum over taps of dy[p - offset of tap][tap * channels + c]
//   binding 0 dy [images][grid * grid][9 * channels] in
//   1 dx [images][grid * grid][channels] out
// Dispatch: one invocation per vec4 of dx, z = image. Numerics: fp32.
// Host: fe_op_im2col_backward(). Reference: differences of ref_im2col().
#include "packed.glsl"

PACKED_INPUT(0, dy)
layout(binding = 1) writeonly buffer Gradient { vec4 dx[]; };

layout(push_constant) uniform Shape {
  uint grid;
  uint channels4;
  uint dy_step, dx_step;  // strides between images, in vec4
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  ivec2 place = patch_place(row, grid);
  vec4 sum = vec4(0.0);

  if (row >= grid * grid || c4 >= channels4)
    return;
  for (uint tap = 0u; tap < 9u; tap++) {
    ivec2 from = place - ivec2(tap % 3u, tap / 3u) + 1;
    bool inside = all(greaterThanEqual(from, ivec2(0)))
                  && all(lessThan(from, ivec2(grid)));

    from = clamp(from, ivec2(0), ivec2(grid - 1u));
    vec4 value = LOAD(dy, gl_WorkGroupID.z * dy_step
                              + packed_at(uint(from.y) * grid + uint(from.x),
                                          tap * channels4 + c4,
                                          9u * channels4));
    sum += inside ? value : vec4(0.0);
  }
  dx[gl_WorkGroupID.z * dx_step + packed_at(row, c4, channels4)] = sum;
}
