// SPDX-License-Identifier: LGPL-2.1-or-later
// What both matrix products share: operands, shape and epilogue.
//   c[m][n] = act (sum_k a[m][k] * b[n][k] + bias[n]) + residual[m][n]
//   All matrices are packed (see packed.glsl); the third grid axis counts the
//   matrices of a batch, such as attention's heads, in groups of equal steps.

#include "epilogue.glsl"

// In vec4 units: where each matrix begins, the step from one panel of rows to
// the next, from one matrix of a group to the next and from group to group.
layout(push_constant) uniform Shape {
  uint a_offset, a_panel, a_batch;
  uint b_offset, b_panel, b_batch;
  uint c_offset, c_panel, c_batch;
  uint k4;  // columns of a and b / 4, a multiple of 2
  uint n4;  // columns of c / 4
  uint group;  // matrices in a group
  uint a_group, b_group, c_group;
  uint rows;  // of c
#ifdef CONVOLUTION
  uint grid;
#endif
};

// Where this workgroup's matrix begins, relative to the first.
uint part(uint batch_step, uint group_step)
{
  return gl_WorkGroupID.z / group * group_step
         + gl_WorkGroupID.z % group * batch_step;
}
