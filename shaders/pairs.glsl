// SPDX-License-Identifier: LGPL-2.1-or-later
// A vec4 as two 64-bit integers. CPU drivers store each lane and each component
// separately, and a 64-bit store takes as long as a 32-bit one.
#extension GL_ARB_gpu_shader_int64 : require

u64vec2 in_pairs(vec4 x)
{
  uvec4 bits = floatBitsToUint(x);

  return u64vec2(packUint2x32(bits.xy), packUint2x32(bits.zw));
}
