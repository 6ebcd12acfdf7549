// SPDX-License-Identifier: LGPL-2.1-or-later
// Operands, shape and epilogue that all matmul kernels share.
//   c[m][n] = act (sum_k a[m][k] * b[n][k] + bias[n]) + residual[m][n]
// All matrices are packed (see packed.glsl). gl_WorkGroupID.z is the matrix in
// a batch, such as an attention head; a batch consists of groups (such as the
// heads of one image) with equal strides.

#include "epilogue.glsl"

// Offset of each matrix, stride between its panels of rows, between the
// matrices of a group and between groups, all in vec4.
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

// Offset of this workgroup's matrix from the first one of the batch.
uint part(uint batch_step, uint group_step)
{
  return gl_WorkGroupID.z / group * group_step
         + gl_WorkGroupID.z % group * batch_step;
}
