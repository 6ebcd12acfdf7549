#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Matrix product for CPU drivers, whose subgroup is a SIMD register. A lane
// owns rows of a; elements of b are broadcast by shuffles with constant lanes.
// Nothing is shared, so there are no barriers, and no branches.
//   c = act (a . b^T + bias) + residual, see matmul.glsl
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in
//   4 c out, may alias residual
// Dispatch: x = ceil (rows / (5 * LANES)), y = ceil (n / 16), z = batch; one
// workgroup = one subgroup = a tile of 5 * LANES rows by 16 columns.
// CONVOLUTION: 3 x 3, zero outside the grid, as an implicit im2col: rows of a
// are the patches of a grid [grid * grid][channels], rows of b are [9 *
// channels] in the order (y, x, channel). k4 is that of a.
// Numerics: fp32. Host: fe_op_matmul(). References: ref_matmul(), ref_im2col().
#include "matmul.glsl"
#include "product_subgroup.glsl"
#define VALUE(i) sums[i]
#include "store_subgroup.glsl"
#include "quotient.glsl"

layout(local_size_x = LANES) in;
MATRIX(0, rgba32f, a)
MATRIX(1, WEIGHT_FORMAT, b)

// Row and column of this workgroup's tile. Workgroups run in the order of their
// indices: four tiles side by side are consecutive, so that their rows of a
// come from the cache.
uvec2 own_tile()
{
  uvec2 size = gl_NumWorkGroups.xy;
  uint id = gl_WorkGroupID.y * size.x + gl_WorkGroupID.x;
  uint first = quotient(id, 4u * size.x) * 4u;
  uint beside = min(size.y - first, 4u);
  uint row = quotient(id - first * size.x, beside);

  return uvec2(row, first + id - first * size.x - row * beside);
}

#ifdef CONVOLUTION
// Offset of a patch's neighbour in the matrix, and whether it is in the grid. A
// lane owns five patches.
#define NEIGHBOUR(r)                                                           \
  {                                                                            \
    ivec2 place = own[r] + shift;                                              \
    uint row = uint(place.y * int(grid) + place.x);                            \
                                                                               \
    inside[r] = all(greaterThanEqual(place, ivec2(0)))                         \
                && all(lessThan(place, ivec2(grid)));                          \
    from[r] = inside[r] ? int(row / LANES * a_panel + row % LANES) : 0;        \
  }
#define OWN(r)                                                                 \
  {                                                                            \
    uint row = (m + (r)) * LANES + lane, y = quotient(row, grid);              \
                                                                               \
    own[r] = ivec2(row - y * grid, y);                                         \
  }
#undef ROW
#define ROW(r)                                                                 \
  rows[r] = inside[r] ? TEXEL(a, a_at + from[r]) : vec4(0.0);                  \
  rows[5 + (r)] = inside[r] ? TEXEL(a, a_at + from[r] + LANES) : vec4(0.0);
#endif

#define STORE_INSIDE(j)                                                        \
  if (n + j < n4) {                                                            \
    STORE(j)                                                                   \
  }

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uvec2 tile = own_tile();
  uint m = tile.x * 5u;
  uint n = tile.y * 4u;
  int b_at = int(b_offset + part(b_batch, b_group) + n * 4u / LANES * b_panel
                 + lane);
  float sums[80];

  CLEAR_TILE
#ifdef CONVOLUTION
  ivec2 own[5];

  OWN(0) OWN(1) OWN(2) OWN(3) OWN(4)
  for (uint tap = 0u; tap < 9u; tap++) {
    int a_at = int(a_offset + part(a_batch, a_group));
    ivec2 shift = ivec2(tap % 3u, tap / 3u) - 1;
    int from[5];
    bool inside[5];

    NEIGHBOUR(0) NEIGHBOUR(1) NEIGHBOUR(2) NEIGHBOUR(3) NEIGHBOUR(4)
    ADD_TILE(a_at, b_at)
  }
#else
  int a_at = int(a_offset + part(a_batch, a_group) + m * a_panel + lane);

  ADD_TILE(a_at, b_at)
#endif

  uint at =
      c_offset + part(c_batch, c_group) + m * c_panel + n * LANES + lane;
  uint column = n;

  STORE_INSIDE(0) STORE_INSIDE(1) STORE_INSIDE(2) STORE_INSIDE(3)
}
