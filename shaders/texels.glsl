// SPDX-License-Identifier: LGPL-2.1-or-later
// How processors read matrices: as texels of images, or where SAMPLED is defined
// as sampled ones. Older compilers for processors make a function of texelFetch(),
// which is one piece of code instead of many; newer ones of both.
#ifdef SAMPLED
#define MATRIX(at, format, name) layout(binding = at) uniform samplerBuffer name;
#define TEXEL(name, at) texelFetch(name, at)
#else
#define MATRIX(at, format, name)                                               \
  layout(binding = at, format) uniform readonly imageBuffer name;
#define TEXEL(name, at) imageLoad(name, at)
#endif
