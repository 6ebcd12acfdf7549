// SPDX-License-Identifier: LGPL-2.1-or-later
// Activation functions and their derivatives.

// erf with an error below 1.5e-7 (Abramowitz & Stegun, 7.1.26).
vec4 erf4(vec4 x)
{
  vec4 t = 1.0 / (1.0 + 0.3275911 * abs(x));
  vec4 p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741
               + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-x * x));
}

vec4 quick_gelu(vec4 x)
{
  return x / (1.0 + exp(-1.702 * x));
}

vec4 quick_gelu_slope(vec4 x)
{
  vec4 s = 1.0 / (1.0 + exp(-1.702 * x));

  return s * (1.0 + 1.702 * x * (1.0 - s));
}

vec4 gelu(vec4 x)
{
  return 0.5 * x * (1.0 + erf4(x * 0.70710678118654752));
}

// Phi(x) + x * phi(x) with the standard normal distribution Phi and its density
// phi; 0.3989... = 1 / sqrt (2 pi).
vec4 gelu_slope(vec4 x)
{
  return 0.5 * (1.0 + erf4(x * 0.70710678118654752))
         + 0.39894228040143268 * x * exp(-0.5 * x * x);
}
