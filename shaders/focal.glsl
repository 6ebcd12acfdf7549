// SPDX-License-Identifier: LGPL-2.1-or-later
// Focal loss (Lin et al. 2017) of probabilities p against a mask of zeros and
// ones, and its derivative with respect to p.

vec4 probability_of_truth(vec4 p, vec4 mask)
{
  p = clamp(p, LEAST, 1.0 - LEAST);
  return mix(1.0 - p, p, mask);
}

// x^gamma for x > 0. The method's default, gamma = 2, needs no logarithm.
vec4 power(vec4 x, float gamma)
{
  return gamma == 2.0 ? x * x : pow(x, vec4(gamma));
}

vec4 focal_loss(vec4 p, vec4 mask, float alpha, float gamma)
{
  vec4 t = probability_of_truth(p, mask);

  return -mix(vec4(1.0 - alpha), vec4(alpha), mask)
         * power(1.0 - t, gamma) * log(t);
}

vec4 focal_slope(vec4 p, vec4 mask, float alpha, float gamma)
{
  vec4 t = probability_of_truth(p, mask);
  vec4 slope = power(1.0 - t, gamma) * (gamma * log(t) / (1.0 - t) - 1.0 / t);
  vec4 inside = vec4(greaterThan(p, vec4(LEAST)))
                * vec4(lessThan(p, vec4(1.0 - LEAST)));

  return mix(vec4(1.0 - alpha), vec4(alpha), mask) * slope
         * mix(vec4(-1.0), vec4(1.0), mask) * inside;
}
