// SPDX-License-Identifier: LGPL-2.1-or-later
// What kernels for processors share that multiply two packed matrices: a tile
// of 3 * LANES rows of a by 32 rows of b, with lanes as rows.
// The includer has image buffers a and b, a_panel and b_panel, the steps in
// vec4 from one panel of rows to the next, and k4, columns / 4, a multiple of 2;
// and in its function the sums: float c0[32], c1[32], c2[32].

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

// All 32 columns.
#if LANES == 4
#define GROUPS                                                                 \
  GROUP(0) GROUP(4) GROUP(8) GROUP(12) GROUP(16) GROUP(20) GROUP(24) GROUP(28)
#elif LANES == 8
#define GROUPS GROUP(0) GROUP(8) GROUP(16) GROUP(24)
#else
#define GROUPS GROUP(0) GROUP(16)
#endif

// c0, c1 and c2 = 3 * LANES rows of a, from a_at on, times 32 rows of b, from
// b_at on; both are left behind the last column.
#define MULTIPLY_TILE(a_at, b_at)                                              \
  CLEAR_8(0) CLEAR_8(8) CLEAR_8(16) CLEAR_8(24)                                \
  for (uint k = 0u; k < k4; k += 2u) {                                         \
    vec4 a00 = imageLoad(a, a_at);                                             \
    vec4 a10 = imageLoad(a, a_at + int(a_panel));                              \
    vec4 a20 = imageLoad(a, a_at + int(2u * a_panel));                         \
    vec4 a01 = imageLoad(a, a_at + LANES);                                     \
    vec4 a11 = imageLoad(a, a_at + int(a_panel + LANES));                      \
    vec4 a21 = imageLoad(a, a_at + int(2u * a_panel + LANES));                 \
    GROUPS                                                                     \
    a_at += 2 * LANES;                                                         \
    b_at += 2 * LANES;                                                         \
  }
