// SPDX-License-Identifier: LGPL-2.1-or-later
// What both kernels share that look for each row's nearest reference:
//   best[part][row] = max over the part's rows r of b of a[row] . b[r]
//   All rows have length one, so that this is the largest cosine similarity. A
//   part is up to PART_ROWS rows of b; b's padding repeats one of its rows.

// A multiple of both tiles' columns. With the widest network it keeps the rounds
// of an invocation's loops, of which lavapipe allows 65535, at half of that.
const uint PART_ROWS = 256u;

layout(push_constant) uniform Shape {
  uint a_panel, b_panel;  // in vec4, from one panel of rows to the next
  uint k4;  // columns of a and b / 4, a multiple of 2
  uint b_rows;  // of b, a multiple of 64
  uint first_part;  // where b's parts begin in best
  uint rows;  // of a, padded: the step from one part to the next
};
