#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#ifdef TENSORS
#extension GL_EXT_buffer_reference : require
#endif
// Matrix product with workgroup-scope cooperative matrices of any size
// (VK_NV_cooperative_matrix2): the driver manages shared memory. With TENSORS,
// tensor layouts describe packed matrices and the driver loads them; without,
// each invocation loads its own elements.
//   c = act (a . b^T + bias) + residual, see matmul.glsl
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in
//   4 c out, may alias residual
// Dispatch: x = ceil (rows / TILE_M), y = ceil (n / TILE_N), z = batch.
// Numerics: operands rounded to fp16, sums in fp32. Host: fe_op_matmul().
// Reference: ref_matmul().
#include "matmul.glsl"

layout(constant_id = 0) const uint PANEL = 8u;
layout(constant_id = 2) const uint TILE_M = 128u;
layout(constant_id = 3) const uint TILE_N = 128u;
layout(constant_id = 4) const uint TILE_K = 64u;
layout(constant_id = 5) const uint THREADS = 256u;
layout(constant_id = 6) const uint SCOPE = 2u;  // 2: workgroup, 3: subgroup

layout(local_size_x_id = 5) in;
layout(binding = 0) readonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { uvec2 b[]; };
layout(binding = 2) readonly buffer Bias { float bias[]; };
layout(binding = 3) readonly buffer Residual { float residual[]; };
layout(binding = 4) buffer Product { float c[]; };

const float LARGEST = 65504.0;  // largest finite fp16

#define LEFT coopmat<float16_t, SCOPE, TILE_M, TILE_K, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, SCOPE, TILE_K, TILE_N, gl_MatrixUseB>
#define SUMS coopmat<float, SCOPE, TILE_M, TILE_N, gl_MatrixUseAccumulator>

// Index of an element of c, in floats, from the tile's first row and column.
uint place(uint row, uint column)
{
  return 4u * (c_offset + part(c_batch, c_group) + row / PANEL * c_panel
               + column / 4u * PANEL + row % PANEL)
         + column % 4u;
}

// The functions below are called for each element of a matrix, possibly more
// than once; therefore none may read what it writes.

float finish(const in uint i, const in uint j, const in float sum,
             const in uint m, const in uint n)
{
  uint row = m + i, column = n + j;
  float value = sum;

  if (row >= rows || column >= 4u * n4)
    return 0.0;
  if ((EPILOGUE & ADD_BIAS) != 0u)
    value += bias[column];
  value = activate(vec4(value)).x;
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    value += residual[place(row, column)];
  return value;
}

float store(const in uint i, const in uint j, const in float value,
            const in uint m, const in uint n)
{
  if (m + i < rows && n + j < 4u * n4)
    c[place(m + i, n + j)] = value;
  return value;
}

#ifdef TENSORS

layout(buffer_reference, std430, buffer_reference_align = 16) buffer Quad {
  vec4 numbers;  // four columns of a row
};

float16_t round_quad(const in Quad quad, const in uint block[4],
                     const in uint inside[4])
{
  return float16_t(clamp(quad.numbers[inside[3]], -LARGEST, LARGEST));
}

#define LAYOUT tensorLayoutNV<4, gl_CooperativeMatrixClampModeConstantNV>
#define NEW_LAYOUT                                                             \
  createTensorLayoutNV(4, gl_CooperativeMatrixClampModeConstantNV)

SUMS multiply_tile(uint m, uint n)
{
  uint a_at = a_offset + part(a_batch, a_group);
  uint b_at = b_offset + part(b_batch, b_group);
  // Dimensions: panel of rows, column / 4, row in the panel, column % 4.
  // Elements of a are vec4, which round_quad() takes apart; elements of b are
  // floats.
  LAYOUT a_layout = setTensorLayoutBlockSizeNV(NEW_LAYOUT, 1, 1, 1, 4);
  LAYOUT b_layout = NEW_LAYOUT;
  // Rows of a and columns of b, in the order of a cooperative matrix's
  // elements.
  tensorViewNV<4, false, 0, 2, 1, 3> a_view = createTensorViewNV(4, false, 0, 2, 1, 3);
  tensorViewNV<4, false, 1, 3, 0, 2> b_view = createTensorViewNV(4, false, 1, 3, 0, 2);
  SUMS sums = SUMS(0.0);

  a_layout = setTensorLayoutDimensionNV(a_layout, (rows + PANEL - 1u) / PANEL, k4, PANEL, 4);
  a_layout = setTensorLayoutStrideNV(a_layout, a_panel, PANEL, 1, 1);
  b_layout = setTensorLayoutDimensionNV(b_layout, n4 * 4u / PANEL, k4, PANEL, 4);
  b_layout = setTensorLayoutStrideNV(b_layout, 4u * b_panel, 4u * PANEL, 4, 1);
  for (uint k = 0u; k < k4; k += TILE_K / 4u) {
    LEFT left;
    RIGHT right;

    coopMatLoadTensorNV(
        left, a, a_at,
        sliceTensorLayoutNV(a_layout, m / PANEL, TILE_M / PANEL, k, TILE_K / 4u, 0, PANEL, 0, 4),
        a_view, round_quad);
    coopMatLoadTensorNV(
        right, b, b_at,
        sliceTensorLayoutNV(b_layout, n / PANEL, TILE_N / PANEL, k, TILE_K / 4u, 0, PANEL, 0, 4),
        b_view);
    sums = coopMatMulAdd(left, right, sums);
  }
  return sums;
}

#else

float16_t bring_left(const in uint i, const in uint j, const in float16_t before,
                     const in uint m, const in uint k)
{
  uint row = m + i, quad = k + j / 4u;
  uint at = a_offset + part(a_batch, a_group) + row / PANEL * a_panel
            + quad * PANEL + row % PANEL;

  if (row >= rows || quad >= k4)
    return float16_t(0.0);
  return float16_t(clamp(a[at][j % 4u], -LARGEST, LARGEST));
}

float16_t bring_right(const in uint i, const in uint j, const in float16_t before,
                      const in uint n, const in uint k)
{
  uint row = n + j, quad = k + i / 4u;
  uint at = b_offset + part(b_batch, b_group) + row / PANEL * b_panel
            + quad * PANEL + row % PANEL;

  if (row >= 4u * n4 || quad >= k4)
    return float16_t(0.0);
  return float16_t(unpackHalf2x16(b[at][i % 4u / 2u])[i % 2u]);
}

SUMS multiply_tile(uint m, uint n)
{
  SUMS sums = SUMS(0.0);

  for (uint k = 0u; k < k4; k += TILE_K / 4u) {
    LEFT left = LEFT(0.0);
    RIGHT right = RIGHT(0.0);

    coopMatPerElementNV(left, left, bring_left, m, k);
    coopMatPerElementNV(right, right, bring_right, n, k);
    sums = coopMatMulAdd(left, right, sums);
  }
  return sums;
}

#endif

void main()
{
  uint m = gl_WorkGroupID.x * TILE_M, n = gl_WorkGroupID.y * TILE_N;
  SUMS sums = multiply_tile(m, n);

  coopMatPerElementNV(sums, sums, finish, m, n);
  // The residual may alias c.
  controlBarrier(gl_ScopeWorkgroup, gl_ScopeWorkgroup, gl_StorageSemanticsBuffer,
                 gl_SemanticsAcquireRelease);
  coopMatPerElementNV(sums, sums, store, m, n);
}
