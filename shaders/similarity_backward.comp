#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of similarity.comp's probability with respect to the features.
//   d = t_a - t_n, m = d . z / |z|, P = 1 / (1 + exp (-m / tau))
//   dz = dP * P (1 - P) / tau * (d - m z / |z|) / |z|
//   binding 0 z [images][rows][features] in
//   1 t [2][features] in: normal, anomalous
//   2 dP in: [first + row]; with EDGE: packed maps [images][EDGE][EDGE]
//   3 dz out, shape of z
// Dispatch: one invocation per row, z = image. Numerics: fp32.
// Host: fe_op_similarity_backward(). Reference: differences of
// ref_similarity().
#include "packed.glsl"

layout(constant_id = 1) const uint EDGE = 0u;

PACKED_INPUT(0, z)
PACKED_INPUT(1, t)
layout(binding = 2) readonly buffer Gradients { float gradients[]; };
layout(binding = 3) writeonly buffer Gradient { vec4 dz[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint features4;  // padded features / 4
  uint first;
  float inverse_temperature;
  uint z_step, map_step;  // strides between images, in vec4
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  uint at = gl_WorkGroupID.z * z_step + packed_at(row, 0u, features4);
  uint from = first + (EDGE != 0u ? 4u * gl_WorkGroupID.z * map_step
                                        + map_at(row, EDGE)
                                  : row);
  vec4 product = vec4(0.0), square = vec4(0.0);

  if (row >= rows)
    return;
  for (uint c = 0u; c < features4; c++) {
    vec4 v = LOAD(z, at + c * PANEL);

    product += v * (LOAD(t, features4 + c) - LOAD(t, c));
    square += v * v;
  }
  float inverse_norm = 1.0 / max(sqrt(dot(square, vec4(1.0))), 1e-12);
  float difference = dot(product, vec4(1.0)) * inverse_norm;
  float p = 1.0 / (1.0 + exp(-difference * inverse_temperature));
  float factor = gradients[from] * p * (1.0 - p) * inverse_temperature
                 * inverse_norm;
  float along = difference * inverse_norm;

  for (uint c = 0u; c < features4; c++)
    dz[at + c * PANEL] = factor * (LOAD(t, features4 + c) - LOAD(t, c)
                                   - along * LOAD(z, at + c * PANEL));
}
