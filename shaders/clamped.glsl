// SPDX-License-Identifier: LGPL-2.1-or-later
// Clamps probabilities so that their logarithm is finite.
const float LEAST = 1e-6;

float clamp_probability(float p)
{
  return clamp(p, LEAST, 1.0 - LEAST);
}

// Derivative of clamp_probability().
float slope_of_clamp(float p)
{
  return p > LEAST && p < 1.0 - LEAST ? 1.0 : 0.0;
}
