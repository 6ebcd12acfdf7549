#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Gradient of softmax.comp with respect to the logits.
//   ds[q][k] = p[q][k] * (dp[q][k] - sum_j dp[q][j] * p[q][j]) / 8
//   binding 0 p [heads][queries][keys] in, 0 for padding keys
//   1 dp in · 2 ds out, both in the shape of p
// Dispatch: x = one invocation per query, z = head. Numerics: fp32.
// Host: fe_op_softmax_backward(). Reference: differences of ref_softmax().
#include "packed.glsl"

PACKED_INPUT(0, p)
PACKED_INPUT(1, dp)
layout(binding = 2) writeonly buffer Gradient { vec4 ds[]; };

layout(push_constant) uniform Shape {
  uint queries;
  uint keys4;  // padded keys / 4
  uint head_step;
};

void main()
{
  uint query = gl_GlobalInvocationID.x;
  uint at = gl_WorkGroupID.z * head_step + packed_at(query, 0u, keys4);
  vec4 products = vec4(0.0);

  if (query >= queries)
    return;
  for (uint k = 0u; k < keys4; k++)
    products += LOAD(p, at + k * PANEL) * LOAD(dp, at + k * PANEL);
  float mean = dot(products, vec4(1.0));

  for (uint k = 0u; k < keys4; k++)
    ds[at + k * PANEL] = LOAD(p, at + k * PANEL)
                         * (LOAD(dp, at + k * PANEL) - mean) * 0.125;
}
