#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
// Matrix product with cooperative matrices (VK_KHR_cooperative_matrix). A
// workgroup of four subgroups loads fp16 tiles of both operands into shared
// memory, double-buffered; each subgroup accumulates a quarter of the outputs.
//   c = act (a . b^T + bias) + residual, see matmul.glsl
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in
//   4 c out, may alias residual
// Dispatch: x = ceil (rows / TILE_M), y = ceil (n / TILE_N), z = batch; 4
// subgroups. Tiles of 64 or 128 in each direction, see product_choice.c.
// Numerics: operands rounded to fp16, sums in fp32. Host: fe_op_matmul().
// Reference: ref_matmul().
#include "matmul.glsl"

// Shape of a cooperative matrix, and the subgroup size.
layout(constant_id = 0) const uint PANEL = 8u;
layout(constant_id = 2) const uint UNIT_M = 16u;
layout(constant_id = 3) const uint UNIT_N = 16u;
layout(constant_id = 4) const uint UNIT_K = 16u;
layout(constant_id = 5) const uint THREADS = 128u;

layout(local_size_x_id = 5) in;
layout(binding = 0) readonly buffer A { vec4 a[]; };
layout(binding = 1) readonly buffer B { uvec2 b[]; };
layout(binding = 2) readonly buffer Bias { vec4 bias[]; };
layout(binding = 3) readonly buffer Residual { vec4 residual[]; };
layout(binding = 4) buffer Product { vec4 c[]; };

layout(constant_id = 6) const uint TILE_N = 64u;
layout(constant_id = 7) const uint TILE_M = 64u;

const float LARGEST = 65504.0;  // largest finite fp16
const uint QUADS = 8u;         // vec4 along k in a tile
const uint STRIDE = QUADS + 2u;  // padded against bank conflicts
const uint LANES = THREADS / 4u;

// The part of a tile that a subgroup computes: half of its rows and columns.
const uint PART_M = TILE_M / 2u / UNIT_M;
const uint PART_N = TILE_N / 2u / UNIT_N;
const uint A_LOADS = TILE_M * QUADS / THREADS;
const uint B_LOADS = TILE_N * QUADS / THREADS;

shared f16vec4 a_tile[TILE_M * STRIDE];
shared f16vec4 b_tile[TILE_N * STRIDE];
shared float sums[4u * UNIT_M * UNIT_N];  // staging area of each subgroup

#define UNIT(kind, rows, columns, use)                                         \
  coopmat<kind, gl_ScopeSubgroup, rows, columns, use>

void store(uint row, uint column4, vec4 value)
{
  uint at = c_offset + part(c_batch, c_group) + row / PANEL * c_panel
            + column4 * PANEL + row % PANEL;

  // A tile may extend beyond the padding of a matrix.
  if (row >= rows || column4 >= n4)
    return;
  if ((EPILOGUE & ADD_BIAS) != 0u)
    value += bias[column4];
  value = activate(value);
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    value += residual[at];
  c[at] = value;
}

// Offset of a row in its matrix; panels have eight rows.
uint row_at(uint row, uint panel_step)
{
  return row / PANEL * panel_step + row % PANEL;
}

void main()
{
  uint id = gl_LocalInvocationID.x;
  uint m = gl_WorkGroupID.x * TILE_M, n = gl_WorkGroupID.y * TILE_N;
  uint a_at = a_offset + part(a_batch, a_group);
  uint b_at = b_offset + part(b_batch, b_group);
  uint part_m = gl_SubgroupID % 2u * PART_M, part_n = gl_SubgroupID / 2u * PART_N;
  uint scratch = gl_SubgroupID * UNIT_M * UNIT_N;
  vec4 next_a[A_LOADS];
  uvec2 next_b[B_LOADS];
  UNIT(float, UNIT_M, UNIT_N, gl_MatrixUseAccumulator) sum[PART_M * PART_N];

  for (uint i = 0u; i < PART_M * PART_N; i++)
    sum[i] = UNIT(float, UNIT_M, UNIT_N, gl_MatrixUseAccumulator)(0.0);

  for (uint k = 0u; k < k4 + QUADS; k += QUADS) {
    if (k > 0u) {
      barrier();
      for (uint i = 0u; i < A_LOADS; i++) {
        uint at = id + i * THREADS;
        a_tile[at % TILE_M * STRIDE + at / TILE_M] = f16vec4(clamp(next_a[i], -LARGEST, LARGEST));
      }
      for (uint i = 0u; i < B_LOADS; i++) {
        uint at = id + i * THREADS;
        b_tile[at % TILE_N * STRIDE + at / TILE_N] =
            f16vec4(unpackFloat2x16(next_b[i].x), unpackFloat2x16(next_b[i].y));
      }
      barrier();
    }
    for (uint i = 0u; i < A_LOADS; i++) {
      uint at = id + i * THREADS, quad = k + at / TILE_M;
      next_a[i] = quad < k4 ? a[a_at + row_at(m + at % TILE_M, a_panel)
                                + quad * PANEL]
                            : vec4(0.0);
    }
    for (uint i = 0u; i < B_LOADS; i++) {
      uint at = id + i * THREADS, quad = k + at / TILE_N;
      next_b[i] = quad < k4 ? b[b_at + row_at(n + at % TILE_N, b_panel)
                                + quad * PANEL]
                            : uvec2(0u);
    }
    if (k == 0u)
      continue;
    for (uint step = 0u; step < 4u * QUADS / UNIT_K; step++) {
      UNIT(float16_t, UNIT_M, UNIT_K, gl_MatrixUseA) left[PART_M];

      for (uint i = 0u; i < PART_M; i++)
        coopMatLoad(left[i], a_tile,
                    (part_m + i) * UNIT_M * STRIDE + step * UNIT_K / 4u, STRIDE,
                    gl_CooperativeMatrixLayoutRowMajor);
      for (uint j = 0u; j < PART_N; j++) {
        UNIT(float16_t, UNIT_K, UNIT_N, gl_MatrixUseB) right;

        coopMatLoad(right, b_tile,
                    (part_n + j) * UNIT_N * STRIDE + step * UNIT_K / 4u, STRIDE,
                    gl_CooperativeMatrixLayoutColumnMajor);
        for (uint i = 0u; i < PART_M; i++)
          sum[i * PART_N + j] =
              coopMatMulAdd(left[i], right, sum[i * PART_N + j]);
      }
    }
  }

  for (uint i = 0u; i < PART_M; i++) {
    for (uint j = 0u; j < PART_N; j++) {
      coopMatStore(sum[i * PART_N + j], sums, scratch, UNIT_N,
                   gl_CooperativeMatrixLayoutRowMajor);
      barrier();
      for (uint at = gl_SubgroupInvocationID; at < UNIT_M * UNIT_N / 4u;
           at += LANES) {
        uint row = at % UNIT_M, column4 = at / UNIT_M;
        uint from = scratch + row * UNIT_N + 4u * column4;

        store(m + (part_m + i) * UNIT_M + row,
              (n + (part_n + j) * UNIT_N) / 4u + column4,
              vec4(sums[from], sums[from + 1u], sums[from + 2u],
                   sums[from + 3u]));
      }
      barrier();
    }
  }
}
