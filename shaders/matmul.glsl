// SPDX-License-Identifier: LGPL-2.1-or-later
// What both matrix products share: operands, shape and epilogue.
//   c[m][n] = act (sum_k a[m][k] * b[n][k] + bias[n]) + residual[m][n]
//   All matrices are packed (see packed.glsl); the third grid axis counts the
//   matrices of a batch, such as attention's heads.

// Bits of EPILOGUE
const uint ADD_BIAS = 1u;
const uint QUICK_GELU = 2u;
const uint GELU = 4u;
const uint ADD_RESIDUAL = 8u;

layout(constant_id = 1) const uint EPILOGUE = 0u;

// In vec4 units: where each matrix begins, the step from one panel of rows to
// the next, and from one matrix of the batch to the next.
layout(push_constant) uniform Shape {
  uint a_offset, a_panel, a_batch;
  uint b_offset, b_panel, b_batch;
  uint c_offset, c_panel, c_batch;
  uint k4;  // columns of a and b / 4, a multiple of 2
  uint n4;  // columns of c / 4
};

// erf with an error below 1.5e-7 (Abramowitz & Stegun, 7.1.26).
vec4 erf4(vec4 x)
{
  vec4 t = 1.0 / (1.0 + 0.3275911 * abs(x));
  vec4 p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741
               + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-x * x));
}

vec4 activate(vec4 x)
{
  if ((EPILOGUE & QUICK_GELU) != 0u)
    return x / (1.0 + exp(-1.702 * x));
  if ((EPILOGUE & GELU) != 0u)
    return 0.5 * x * (1.0 + erf4(x * 0.70710678118654752));
  return x;
}
