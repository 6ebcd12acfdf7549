#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Softmax of the attention logits over the keys, for every query and head.
//   p[q][k] = exp (s[q][k] / 8 - max) / sum, 0 for padding and masked keys
//   8 = sqrt (64), 64 channels per head
//   binding 0 s [heads][queries][keys] in · 1 p out, same shape, must not alias s
// Dispatch: x = one invocation per query, z = head.
// Numerics: fp32, shifted by the maximum of the row.
// Host: fe_op_softmax(). Reference: ref_softmax().
#include "packed.glsl"

layout(constant_id = 1) const uint CAUSAL = 0u;  // masks keys after the query

PACKED_INPUT(0, s)
layout(binding = 1) writeonly buffer Probabilities { vec4 p[]; };

layout(push_constant) uniform Shape {
  uint keys;
  uint keys4;  // padded keys / 4
  uint head_stride;
};

void main()
{
  uint query = gl_GlobalInvocationID.x;
  uint at = gl_WorkGroupID.z * head_stride + packed_at(query, 0u, keys4);
  uint count = CAUSAL != 0u ? min(query + 1u, keys) : keys;
  vec4 largest = vec4(-3.4e38);
  vec4 sum = vec4(0.0);

  for (uint k = 0u; k < keys4; k++) {
    bvec4 valid = lessThan(4u * k + uvec4(0u, 1u, 2u, 3u), uvec4(count));
    largest = max(largest, mix(vec4(-3.4e38), LOAD(s, at + k * PANEL), valid));
  }
  float top = max(max(largest.x, largest.y), max(largest.z, largest.w));

  for (uint k = 0u; k < keys4; k++) {
    bvec4 valid = lessThan(4u * k + uvec4(0u, 1u, 2u, 3u), uvec4(count));
    vec4 e = exp((LOAD(s, at + k * PANEL) - top) * 0.125);
    sum += mix(vec4(0.0), e, valid);
  }
  float factor = 1.0 / dot(sum, vec4(1.0));

  // Computed again, which is faster than reading back what was written.
  for (uint k = 0u; k < keys4; k++) {
    bvec4 valid = lessThan(4u * k + uvec4(0u, 1u, 2u, 3u), uvec4(count));
    vec4 e = exp((LOAD(s, at + k * PANEL) - top) * 0.125);

    p[at + k * PANEL] = mix(vec4(0.0), e * factor, valid);
  }
}
