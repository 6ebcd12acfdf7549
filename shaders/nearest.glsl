// SPDX-License-Identifier: LGPL-2.1-or-later
// Operands and shape of the nearest-neighbour search, for nearest_subgroup.comp
// and nearest_workgroup.comp.
//   best[split][row] = max over the rows r of the split of a[row] . b[r]
// All rows have L2 norm 1, so the dot product is the cosine similarity. b is
// searched in splits of up to SPLIT_ROWS rows; its padding rows repeat one of
// its rows.

// A multiple of the tile width of both kernels. lavapipe aborts a loop after
// 65535 iterations; with the widest network this size needs half of that.
const uint SPLIT_ROWS = 256u;

layout(push_constant) uniform Shape {
  uint a_panel, b_panel;  // stride between panels of rows, in vec4
  uint k4;  // columns of a and b / 4, a multiple of 2
  uint b_rows;  // rows of b, a multiple of 64
  uint first_split;  // index in best of the first split of b
  uint rows;  // padded rows of a, which is the stride between splits in best
};
