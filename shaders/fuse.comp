#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Fuses the adapters' outputs with the patch features (FE-CLIP).
//   x = lambda * (ffe + lfs) + (1 - lambda) * x, for the patches' rows alone
//   binding 0 ffe in · 1 lfs in · 2 x in and out, all [rows][channels]
// Dispatch: one invocation per vec4 of x. Numerics: fp32.
// Host: fe_op_fuse(). Reference: ref_fuse().
#include "packed.glsl"

PACKED_INPUT(0, ffe)
PACKED_INPUT(1, lfs)
layout(binding = 2) buffer Features { vec4 x[]; };

layout(push_constant) uniform Shape {
  uint rows;
  uint channels4;
  float lambda;
};

void main()
{
  uint row = own_row(), c4 = own_column4();
  uint at = packed_at(row, c4, channels4);

  if (row < rows && c4 < channels4)
    x[at] = lambda * (LOAD(ffe, at) + LOAD(lfs, at)) + (1.0 - lambda) * x[at];
}
