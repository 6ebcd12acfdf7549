#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// FFE (FE-CLIP): two-dimensional DCT-II of non-overlapping windows of the patch
// grid, and its inverse.
//   forward: F[w][u, v] = sum_ij C[u][i] C[v][j] x[grid position of w, i, j]
//   inverse: x[y, x]    = sum_uv C[u][i] C[v][j] F[w][u, v]
//   Windows that extend beyond the grid replicate its last row or column.
//   ADJOINT: the gradient. That of the inverse is a forward transform with zeros
//   beyond the grid; that of the forward transform is an inverse that adds the
//   values beyond the grid to its last row or column.
//   binding 0 in · 1 C [WINDOW][WINDOW] in · 2 out; grid side
//   [images][rows (y, x)][channels], spectrum side
//   [images][rows (window, u, v)][channels]
// Dispatch: one invocation per vec4 of the output, z = image. Numerics: fp32.
// Host: fe_op_window_dct(). Reference: ref_window_dct().
#include "packed.glsl"

layout(constant_id = 1) const uint WINDOW = 3u;
layout(constant_id = 2) const uint INVERSE = 0u;
layout(constant_id = 3) const uint ADJOINT = 0u;

PACKED_INPUT(0, source)
PACKED_INPUT(1, basis)
layout(binding = 2) writeonly buffer Target { vec4 target[]; };

layout(push_constant) uniform Shape {
  uint grid;      // patches along an edge
  uint windows;   // windows along an edge
  uint channels4;
  uint source_step, target_step;  // strides between images, in vec4
};

vec4 forward(uint from, uint row, uint c4)
{
  uint window = row / (WINDOW * WINDOW);
  uint frequency = row - window * (WINDOW * WINDOW);
  uint u = frequency / WINDOW, v = frequency % WINDOW;
  uint down = quotient(window, windows);
  uint top = down * WINDOW, left = (window - down * windows) * WINDOW;
  vec4 sum = vec4(0.0);

  for (uint i = 0u; i < WINDOW; i++) {
    float factor_u = NUMBER(basis, u * WINDOW + i);

    for (uint j = 0u; j < WINDOW; j++) {
      uint y = min(top + i, grid - 1u), x = min(left + j, grid - 1u);
      bool beyond = top + i >= grid || left + j >= grid;
      float factor = factor_u * NUMBER(basis, v * WINDOW + j);

      if (ADJOINT != 0u && beyond)
        factor = 0.0;
      sum += factor * LOAD(source, from + packed_at(y * grid + x, c4,
                                                    channels4));
    }
  }
  return sum;
}

// Contribution of frequency k of a window to its element i; in the adjoint, to
// all its elements that replicate the same row or column.
float share(uint k, uint i, bool last)
{
  float sum = NUMBER(basis, k * WINDOW + i);

  if (ADJOINT != 0u && last) {
    for (i++; i < WINDOW; i++)
      sum += NUMBER(basis, k * WINDOW + i);
  }
  return sum;
}

vec4 inverse_dct(uint from, uint row, uint c4)
{
  uint y = quotient(row, grid), x = row - y * grid;
  uint first = (y / WINDOW * windows + x / WINDOW) * WINDOW * WINDOW;
  uint i = y % WINDOW, j = x % WINDOW;
  vec4 sum = vec4(0.0);

  for (uint u = 0u; u < WINDOW; u++) {
    float share_u = share(u, i, y == grid - 1u);

    for (uint v = 0u; v < WINDOW; v++)
      sum += share_u * share(v, j, x == grid - 1u)
             * LOAD(source, from + packed_at(first + u * WINDOW + v, c4,
                                             channels4));
  }
  return sum;
}

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint rows = INVERSE != 0u ? grid * grid
                            : windows * windows * WINDOW * WINDOW;

  if (row >= rows || c4 >= channels4)
    return;
  uint from = gl_WorkGroupID.z * source_step;
  target[gl_WorkGroupID.z * target_step + packed_at(row, c4, channels4)] =
      INVERSE != 0u ? inverse_dct(from, row, c4) : forward(from, row, c4);
}
