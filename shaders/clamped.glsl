// SPDX-License-Identifier: LGPL-2.1-or-later
// Probabilities that a logarithm can take.
const float LEAST = 1e-6;

float clamp_probability(float p)
{
  return clamp(p, LEAST, 1.0 - LEAST);
}

// The derivative of the above.
float slope_of_clamp(float p)
{
  return p > LEAST && p < 1.0 - LEAST ? 1.0 : 0.0;
}
