#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Matrix product for GPUs: a workgroup loads tiles of both operands into shared
// memory; each invocation accumulates 4 x 4 of its 64 x 64 outputs.
//   c = act (a . b^T + bias) + residual, see matmul.glsl
//   binding 0 a in · 1 b in · 2 bias [n] in · 3 residual in
//   4 c out, may alias residual
// Dispatch: x = ceil (rows / 64), y = ceil (n / 64), z = batch; 256
// invocations.
// Numerics: fp32. Host: fe_op_matmul(). Reference: ref_matmul().
#include "matmul.glsl"

layout(constant_id = 0) const uint PANEL = 8u;
layout(local_size_x = 256) in;
layout(binding = 0) readonly buffer A { vec4 a[]; };
#ifdef HALF
layout(binding = 1) readonly buffer B { uvec2 b[]; };
#define WEIGHTS(at) vec4(unpackHalf2x16(b[at].x), unpackHalf2x16(b[at].y))
#else
layout(binding = 1) readonly buffer B { vec4 b[]; };
#define WEIGHTS(at) b[at]
#endif
layout(binding = 2) readonly buffer Bias { vec4 bias[]; };
layout(binding = 3) readonly buffer Residual { vec4 residual[]; };
layout(binding = 4) buffer Product { vec4 c[]; };

#include "product_workgroup.glsl"

void main()
{
  uint id = gl_LocalInvocationID.x;
  uint m = gl_WorkGroupID.x * 64u, n = gl_WorkGroupID.y * 64u;
  uint row = id % 64u;  // the row that this invocation loads
  uint a_at = a_offset + part(a_batch, a_group) + (m + row) / PANEL * a_panel
              + (m + row) % PANEL;
  uint b_at = b_offset + part(b_batch, b_group) + (n + row) / PANEL * b_panel
              + (n + row) % PANEL;
  uint x = id % 16u, y = id / 16u;  // the 4 x 4 outputs that it accumulates
  mat4 sum = multiply_tile(a_at, b_at);
  uint column4 = n / 4u + x;
  if (column4 >= n4)
    return;
  for (uint i = 0u; i < 4u; i++) {
    uint r = m + 4u * y + i;
    uint at = part(c_batch, c_group) + r / PANEL * c_panel + column4 * PANEL + r % PANEL;
    vec4 value = sum[i];

    if ((EPILOGUE & ADD_BIAS) != 0u)
      value += bias[column4];
    value = activate(value);
    if ((EPILOGUE & ADD_RESIDUAL) != 0u)
      value += residual[c_offset + at];
    c[c_offset + at] = value;
  }
}
