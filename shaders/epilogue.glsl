// SPDX-License-Identifier: LGPL-2.1-or-later
// Epilogue of a matrix product: act (sum + bias) + residual.

#include "gelu.glsl"

// Bits of EPILOGUE.
const uint ADD_BIAS = 1u;
const uint QUICK_GELU = 2u;
const uint GELU = 4u;
const uint ADD_RESIDUAL = 8u;

layout(constant_id = 1) const uint EPILOGUE = 0u;

vec4 activate(vec4 x)
{
  if ((EPILOGUE & QUICK_GELU) != 0u)
    return quick_gelu(x);
  if ((EPILOGUE & GELU) != 0u)
    return gelu(x);
  return x;
}
