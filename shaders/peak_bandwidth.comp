#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Measures the peak memory bandwidth with a copy.
//   y = x
//   binding 0 x in · 1 y out, both [groups][steps][invocations of a group] vec4
// Dispatch: one workgroup per `steps` vec4 of each invocation, a multiple of 4.
// Numerics: exact. Host: fe_op_peak_bandwidth(). Reference: x itself.
#include "packed.glsl"

PACKED_INPUT(0, x)
layout(binding = 1) writeonly buffer Copy { vec4 y[]; };

layout(push_constant) uniform Shape { uint steps; };

void main()
{
  uint n = gl_WorkGroupSize.x;
  uint at = gl_WorkGroupID.x * steps * n + gl_LocalInvocationID.x;

  // Four loads in flight, so that the device does not wait for each of them.
  for (uint i = 0u; i < steps; i += 4u) {
    vec4 a = LOAD(x, at), b = LOAD(x, at + n);
    vec4 c = LOAD(x, at + 2u * n), d = LOAD(x, at + 3u * n);

    y[at] = a;
    y[at + n] = b;
    y[at + 2u * n] = c;
    y[at + 3u * n] = d;
    at += 4u * n;
  }
}
