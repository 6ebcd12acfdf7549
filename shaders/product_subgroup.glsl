// SPDX-License-Identifier: LGPL-2.1-or-later
// Inner product loop of the subgroup kernels (CPU drivers): multiplies a tile
// of 5 * LANES rows of a by 16 rows of b, one lane per row of a panel. The
// including file defines MATRIX()es a and b, a_panel and b_panel (strides
// between panels of rows in vec4) and k4 (columns / 4, a multiple of 2), and in
// its function the accumulators float sums[80]; those of panel r start at 16 *
// r. SHORT: the tile has 3 * LANES rows; the other accumulators are unused.
//
// A CPU decodes this code as fast as it executes it: a loop of more than about
// 16 KiB is slower although it loads less data. Hence the few columns, and
// accumulators that stay in registers for all eight steps of k.

#include "texels.glsl"

#ifdef SHORT
#define IF_WHOLE(work)
#else
#define IF_WHOLE(work) work
#endif

// One step of k for one column: its weight times five rows per lane.
#define ADD_ROW(r, n, at, k) sums[16 * (r) + n] += rows[at + (r)].k * weight;
#define ADD(n, at, weights, lane, k)                                           \
  {                                                                            \
    float weight = subgroupShuffle(weights.k, lane);                           \
    ADD_ROW(0, n, at, k)                                                       \
    ADD_ROW(1, n, at, k)                                                       \
    ADD_ROW(2, n, at, k)                                                       \
    IF_WHOLE(ADD_ROW(3, n, at, k) ADD_ROW(4, n, at, k))                        \
  }
#define ADD_4(n, at, weights, lane)                                            \
  ADD(n, at, weights, lane, x)                                                 \
  ADD(n, at, weights, lane, y)                                                 \
  ADD(n, at, weights, lane, z)                                                 \
  ADD(n, at, weights, lane, w)
#define COLUMN(n, lane) ADD_4(n, 0, now, lane) ADD_4(n, 5, next, lane)
#define COLUMNS_4(n, lane)                                                     \
  COLUMN(n, lane)                                                              \
  COLUMN(n + 1, lane + 1u)                                                     \
  COLUMN(n + 2, lane + 2u)                                                     \
  COLUMN(n + 3, lane + 3u)

// As many columns as one load returns: LANES, for eight steps of k.
#if LANES == 4
#define COLUMNS(n) COLUMNS_4(n, 0u)
#elif LANES == 8
#define COLUMNS(n) COLUMNS_4(n, 0u) COLUMNS_4(n + 4, 4u)
#else
#define COLUMNS(n)                                                             \
  COLUMNS_4(n, 0u)                                                             \
  COLUMNS_4(n + 4, 4u)                                                         \
  COLUMNS_4(n + 8, 8u)                                                         \
  COLUMNS_4(n + 12, 12u)
#endif
#define GROUP(n)                                                               \
  {                                                                            \
    int at = b_at + int((n) / LANES * b_panel);                                \
    vec4 now = TEXEL(b, at), next = TEXEL(b, at + LANES);                      \
    COLUMNS(n)                                                                 \
  }

// All 16 columns.
#if LANES == 4
#define GROUPS GROUP(0) GROUP(4) GROUP(8) GROUP(12)
#elif LANES == 8
#define GROUPS GROUP(0) GROUP(8)
#else
#define GROUPS GROUP(0)
#endif

// Unrolled by hand: a loop that is not unrolled would keep the accumulators in
// memory.
#define CLEAR_4(n) sums[n] = sums[n + 1] = sums[n + 2] = sums[n + 3] = 0.0;
#define CLEAR_16(n) CLEAR_4(n) CLEAR_4(n + 4) CLEAR_4(n + 8) CLEAR_4(n + 12)

#define CLEAR_TILE                                                             \
  CLEAR_16(0) CLEAR_16(16) CLEAR_16(32) CLEAR_16(48) CLEAR_16(64)

#define ROW(r)                                                                 \
  rows[r] = TEXEL(a, a_at + int((r) * a_panel));                               \
  rows[5 + (r)] = TEXEL(a, a_at + int((r) * a_panel) + LANES);

#define ROWS ROW(0u) ROW(1u) ROW(2u) IF_WHOLE(ROW(3u) ROW(4u))

// sums += rows a_at … a_at + 5 * LANES of a times 16 rows of b from b_at on.
// Advances a_at and b_at behind the last column.
#define ADD_TILE(a_at, b_at)                                                   \
  for (uint k = 0u; k < k4; k += 2u) {                                         \
    vec4 rows[10];                                                             \
                                                                               \
    ROWS                                                                       \
    GROUPS                                                                     \
    a_at += 2 * LANES;                                                         \
    b_at += 2 * LANES;                                                         \
  }
