#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Matrix product for processors, whose subgroup is a vector register: a lane
// owns rows of a, the columns' weights are broadcast by shuffles with constant
// lanes, and nothing is shared, so there is no barrier and no branch.
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in · 4 c out, may be 3
// Dispatch: x = ceil (rows / (3 * LANES)), y = ceil (n / 32), z = batch; one
// workgroup = one subgroup = a tile of 3 * LANES rows by 32 columns.
// Numerics: fp32. Host: fe_op_matmul(). Reference: ref_matmul().
#include "matmul.glsl"

layout(local_size_x = LANES) in;
layout(binding = 0, rgba32f) uniform readonly imageBuffer a;
layout(binding = 1, WEIGHT_FORMAT) uniform readonly imageBuffer b;
layout(binding = 2) readonly buffer Bias { vec4 bias[]; };
layout(binding = 3) readonly buffer Residual { vec4 residual[]; };
layout(binding = 4) buffer Product { vec4 c[]; };

// One column's weight times the tile's three rows per lane.
#define COLUMN(n, weight, lane, k)                                             \
  {                                                                            \
    float s = subgroupShuffle(weight, lane);                                   \
    c0[n] += a0.k * s;                                                         \
    c1[n] += a1.k * s;                                                         \
    c2[n] += a2.k * s;                                                         \
  }
#define COLUMNS_4(n, weight, lane, k)                                          \
  COLUMN(n, weight, lane, k)                                                   \
  COLUMN(n + 1, weight, lane + 1u, k)                                          \
  COLUMN(n + 2, weight, lane + 2u, k)                                          \
  COLUMN(n + 3, weight, lane + 3u, k)

// As many columns as one load brings: LANES of them.
#if LANES == 4
#define COLUMNS(n, w, k) COLUMNS_4(n, w.k, 0u, k)
#elif LANES == 8
#define COLUMNS(n, w, k) COLUMNS_4(n, w.k, 0u, k) COLUMNS_4(n + 4, w.k, 4u, k)
#else
#define COLUMNS(n, w, k)                                                       \
  COLUMNS_4(n, w.k, 0u, k)                                                     \
  COLUMNS_4(n + 4, w.k, 4u, k)                                                 \
  COLUMNS_4(n + 8, w.k, 8u, k)                                                 \
  COLUMNS_4(n + 12, w.k, 12u, k)
#endif

// Eight steps of k for one load's columns.
#define GROUP(n)                                                               \
  {                                                                            \
    int at = b_at + int((n) / LANES * b_panel);                                \
    vec4 w = imageLoad(b, at);                                                 \
    vec4 next = imageLoad(b, at + LANES);                                      \
    {                                                                          \
      vec4 a0 = a00, a1 = a10, a2 = a20;                                       \
      COLUMNS(n, w, x) COLUMNS(n, w, y) COLUMNS(n, w, z) COLUMNS(n, w, w)      \
    }                                                                          \
    {                                                                          \
      vec4 a0 = a01, a1 = a11, a2 = a21;                                       \
      COLUMNS(n, next, x) COLUMNS(n, next, y)                                  \
      COLUMNS(n, next, z) COLUMNS(n, next, w)                                  \
    }                                                                          \
  }

// By hand: a loop left in place would keep the sums in memory.
#define CLEAR(n) c0[n] = c1[n] = c2[n] = 0.0;
#define CLEAR_4(n) CLEAR(n) CLEAR(n + 1) CLEAR(n + 2) CLEAR(n + 3)
#define CLEAR_8(n) CLEAR_4(n) CLEAR_4(n + 4)

#define STORE(j)                                                               \
  if (n + j < n4) {                                                            \
    store(at, n + j, vec4(c0[4 * j], c0[4 * j + 1], c0[4 * j + 2],             \
                          c0[4 * j + 3]));                                     \
    store(at + c_panel, n + j, vec4(c1[4 * j], c1[4 * j + 1], c1[4 * j + 2],   \
                                    c1[4 * j + 3]));                           \
    store(at + 2 * c_panel, n + j, vec4(c2[4 * j], c2[4 * j + 1],              \
                                        c2[4 * j + 2], c2[4 * j + 3]));        \
  }

void store(uint row, uint n, vec4 sum)
{
  uint at = row + n * LANES;

  if ((EPILOGUE & ADD_BIAS) != 0u)
    sum += bias[n];
  sum = activate(sum);
  if ((EPILOGUE & ADD_RESIDUAL) != 0u)
    sum += residual[at];
  c[at] = sum;
}

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint m = gl_WorkGroupID.x * 3u;
  uint n = gl_WorkGroupID.y * 8u;
  int a_at = int(a_offset + part(a_batch, a_group) + m * a_panel + lane);
  int b_at = int(b_offset + part(b_batch, b_group) + n * 4u / LANES * b_panel
                 + lane);
  float c0[32], c1[32], c2[32];

  CLEAR_8(0) CLEAR_8(8) CLEAR_8(16) CLEAR_8(24)

  for (uint k = 0u; k < k4; k += 2u) {
    vec4 a00 = imageLoad(a, a_at);
    vec4 a10 = imageLoad(a, a_at + int(a_panel));
    vec4 a20 = imageLoad(a, a_at + int(2u * a_panel));
    vec4 a01 = imageLoad(a, a_at + LANES);
    vec4 a11 = imageLoad(a, a_at + int(a_panel + LANES));
    vec4 a21 = imageLoad(a, a_at + int(2u * a_panel + LANES));

    GROUP(0)
#if LANES == 4
    GROUP(4) GROUP(12) GROUP(20) GROUP(28)
#endif
#if LANES <= 8
    GROUP(8) GROUP(24)
#endif
    GROUP(16)
    a_at += 2 * LANES;
    b_at += 2 * LANES;
  }

  uint at = c_offset + part(c_batch, c_group) + m * c_panel + lane;

  STORE(0) STORE(1) STORE(2) STORE(3) STORE(4) STORE(5) STORE(6) STORE(7)
}
