// SPDX-License-Identifier: LGPL-2.1-or-later
// A vec4 as two numbers of 64 bits: processors store lane by lane and number by
// number, and take as long for wide ones.
#extension GL_ARB_gpu_shader_int64 : require

u64vec2 in_pairs(vec4 x)
{
  uvec4 bits = floatBitsToUint(x);

  return u64vec2(packUint2x32(bits.xy), packUint2x32(bits.zw));
}
