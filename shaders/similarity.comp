#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Cosine similarity of each row of features to the two prompts, as probability
// or margin.
//   l_n = z . t_n / (|z| tau), l_a likewise; t_n, t_a have L2 norm 1
//   probability = 1 / (1 + exp (l_n - l_a)) · margin = l_a - l_n
//   binding 0 z [images][rows][features] in
//   1 t [2][features] in: normal, anomalous; one pair, or one per row or image
//   2 values out: [first + image * rows + row] = or += weight * value;
//   with EDGE: packed maps [images][EDGE][EDGE], rows = EDGE * EDGE
// Dispatch: one invocation per row, z = image. Numerics: fp32.
// Host: fe_op_similarity(). Reference: ref_similarity().
#include "packed.glsl"

layout(constant_id = 1) const uint MARGIN = 0u;
layout(constant_id = 2) const uint ACCUMULATE = 0u;
layout(constant_id = 3) const uint EDGE = 0u;

PACKED_INPUT(0, z)
PACKED_INPUT(1, t)
layout(binding = 2) buffer Values { float values[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint features4;  // padded features / 4
  uint first;
  float inverse_temperature;
  float weight;
  uint z_step, map_step;  // strides between images, in vec4
  uint t_row, t_image;  // strides between the prompts of rows and of images
};

void main()
{
  uint row = gl_GlobalInvocationID.x;
  uint at = gl_WorkGroupID.z * z_step + packed_at(row, 0u, features4);
  uint own = row * t_row + gl_WorkGroupID.z * t_image;
  vec4 normal = vec4(0.0), anomalous = vec4(0.0), square = vec4(0.0);

  if (row >= rows)
    return;
  for (uint c = 0u; c < features4; c++) {
    vec4 v = LOAD(z, at + c * PANEL);

    normal += v * LOAD(t, own + c);
    anomalous += v * LOAD(t, own + features4 + c);
    square += v * v;
  }
  float norm = max(sqrt(dot(square, vec4(1.0))), 1e-12);
  float margin = dot(anomalous - normal, vec4(1.0)) / norm
                 * inverse_temperature;
  float value = weight * (MARGIN != 0u ? margin : 1.0 / (1.0 + exp(-margin)));

  uint to = first + (EDGE != 0u ? 4u * gl_WorkGroupID.z * map_step
                                      + map_at(row, EDGE)
                                : gl_WorkGroupID.z * rows + row);
  values[to] = ACCUMULATE != 0u ? values[to] + value : value;
}
