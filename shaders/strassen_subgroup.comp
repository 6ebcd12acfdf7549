#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Matrix product for CPU drivers with seven instead of eight multiplications of
// quarters: Strassen's algorithm in Winograd's form (Winograd 1971; Higham,
// Accuracy and Stability of Numerical Algorithms, section 23.2.2). S are sums
// of quarters of a, T of quarters of bt = transposed b.
//   S1 = A21 + A22   S2 = S1 - A11    S3 = A11 - A21   S4 = A12 - S2
//   T1 = B12 - B11   T2 = B22 - T1    T3 = B22 - B12   T4 = T2 - B21
//   C11 = A11 B11 + A12 B21           U2 = A11 B11 + S2 T2
//   C12 = U2 + S1 T1 + S4 B22         U3 = U2 + S3 T3
//   C21 = U3 - A22 T4                 C22 = U3 + S1 T1
//   binding 0 a in · 1 forms of b in (src/compute/strassen.h) · 2 bias [n] in
//   3 residual in · 4 c out, may alias 3 · 5 S1, S2, S3, S4 in
// Dispatch: x = n4 / 4, y = rows of a half / (5 * LANES); one workgroup = one
// subgroup = a tile of 5 * LANES rows by 16 columns in each quarter of c. Sums
// that two quarters need stay in registers.
// TAIL: computes the last row of tiles if their number is odd, with B12 = T1 +
// B11; y = 1. SHORT: it has at most 3 * LANES rows.
// Numerics: fp32; errors are relative to the largest elements of a and b, not
// to those of a row.
// Host: fe_op_strassen(). Reference: ref_matmul().
#include "matmul.glsl"
#include "product_subgroup.glsl"
#include "pairs.glsl"
#define PAIRS
// Bits as in EPILOGUE, but a variable: compiling another specialisation takes a
// second. There are no groups, since only one matrix is multiplied.
#define added group
#define ADDS_BIAS ((added & ADD_BIAS) != 0u)
#define ADDS_RESIDUAL ((added & ADD_RESIDUAL) != 0u)
#include "store_subgroup.glsl"

layout(local_size_x = LANES) in;
MATRIX(0, rgba32f, a)
MATRIX(1, rgba32f, b)
MATRIX(5, rgba32f, s)

// Forms of b, in the order in which they are stored.
#define B11 0u
#define B21 1u
#define T2 2u
#define T1 3u
#define B22 4u
#define T3 5u
#define MINUS_T4 6u

#undef ROW
#define ROW(r)                                                                 \
  rows[r] = TEXEL(LEFT, a_at + int((r) * left_panel));                         \
  rows[5 + (r)] = TEXEL(LEFT, a_at + int((r) * left_panel) + LANES);

// sums += rows of a, or of its sums S, times a form of b.
#define ADD_PRODUCT(left, form)                                                \
  {                                                                            \
    int a_at = int(left), b_at = b_from + int((form) * b_batch);               \
                                                                               \
    ADD_TILE(a_at, b_at)                                                       \
  }

// Stores a quarter of c: the upper or lower, left or right one.
#define STORE_QUARTER(lower, right)                                            \
  {                                                                            \
    uint column = n + (right) * n4;                                            \
    uint at = top + (lower) * below_c + column * LANES;                        \
                                                                               \
    STORE(0) STORE(1) STORE(2) STORE(3)                                        \
  }

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint n = gl_WorkGroupID.x * 4u, m = gl_WorkGroupID.y * 5u;
  uint tiles = gl_NumWorkGroups.y * 5u;
  uint below_c = tiles * c_panel;
  uint top = c_offset + m * c_panel + lane;
  uint a11 = a_offset + m * a_panel + lane, a12 = a11 + k4 * LANES;
  int b_from = int(b_offset + n * 4u / LANES * b_panel + lane);
  float sums[80], u[80];

#define VALUE(i) sums[i]
#define LEFT a
#define left_panel a_panel
  CLEAR_TILE
#ifdef TAIL
  // The left half, then the right one, which reuses A11 B11.
  for (uint right = 0u; right < 2u; right++) {
    ADD_PRODUCT(a11, right == 0u ? B11 : T1)
    u = sums;
    ADD_PRODUCT(a12, right == 0u ? B21 : B22)
    STORE_QUARTER(0u, right)
    sums = u;
  }
#else
  ADD_PRODUCT(a11, B11)
  u = sums;
  ADD_PRODUCT(a12, B21)
  STORE_QUARTER(0u, 0u)
  sums = u;

  uint s1 = m * k4 * LANES + lane, step = tiles * k4 * LANES;
  float v[80];

#undef LEFT
#define LEFT s
#undef left_panel
#define left_panel (k4 * LANES)
  ADD_PRODUCT(s1 + step, T2)
  u = sums;
  ADD_PRODUCT(s1, T1)
  v = sums;
  ADD_PRODUCT(s1 + 3u * step, B22)
  STORE_QUARTER(0u, 1u)
  sums = u;
  ADD_PRODUCT(s1 + 2u * step, T3)
#undef VALUE
#define VALUE(i) (sums[i] + (v[i] - u[i]))
  STORE_QUARTER(1u, 1u)
#undef VALUE
#define VALUE(i) sums[i]
#undef LEFT
#define LEFT a
#undef left_panel
#define left_panel a_panel
  ADD_PRODUCT(a12 + tiles * a_panel, MINUS_T4)
  STORE_QUARTER(1u, 0u)
#endif
}
