// SPDX-License-Identifier: LGPL-2.1-or-later
// Epilogue of the subgroup kernels: stores a tile of accumulators. Included
// after matmul.glsl and product_subgroup.glsl.
//   binding 2 bias [n] in · 3 residual in · 4 c out
// The including file defines VALUE(i), the value to store for sums[i]. It may
// define PAIRS and include pairs.glsl, and define ADDS_BIAS and ADDS_RESIDUAL.

#ifndef ADDS_BIAS
#define ADDS_BIAS ((EPILOGUE & ADD_BIAS) != 0u)
#define ADDS_RESIDUAL ((EPILOGUE & ADD_RESIDUAL) != 0u)
#endif

MATRIX(2, rgba32f, bias)
MATRIX(3, rgba32f, residual)
#ifdef PAIRS
layout(binding = 4) writeonly buffer Product { u64vec2 c[]; };
#define STORED(x) in_pairs(x)
#else
layout(binding = 4) writeonly buffer Product { vec4 c[]; };
#define STORED(x) x
#endif

// Stores four columns of c; `column` is the first one / 4.
void store(uint at, uint column, vec4 sum)
{
  if (ADDS_BIAS)
    sum += TEXEL(bias, int(column));
  sum = activate(sum);
  if (ADDS_RESIDUAL)
    sum += TEXEL(residual, int(at));
  c[at] = STORED(sum);
}

#define STORE_ROW(r, j)                                                        \
  store(at + (r) * c_panel + (j) * LANES, column + j,                          \
        vec4(VALUE(16 * (r) + 4 * j), VALUE(16 * (r) + 4 * j + 1),             \
             VALUE(16 * (r) + 4 * j + 2), VALUE(16 * (r) + 4 * j + 3)));

// Stores columns 4 * j … 4 * j + 3 of the tile that begins at c[at], which is
// at column 4 * `column` of c.
#define STORE(j)                                                               \
  STORE_ROW(0, j)                                                              \
  STORE_ROW(1, j)                                                              \
  STORE_ROW(2, j)                                                              \
  IF_WHOLE(STORE_ROW(3, j) STORE_ROW(4, j))
