// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads matrices as texels of storage images or, with SAMPLED, of sampled texel
// buffers. Older versions of llvmpipe compile texelFetch() to a function call,
// which needs less code than inlining it many times; newer versions do so for
// both.
#ifdef SAMPLED
#define MATRIX(at, format, name) layout(binding = at) uniform samplerBuffer name;
#define TEXEL(name, at) texelFetch(name, at)
#else
#define MATRIX(at, format, name)                                               \
  layout(binding = at, format) uniform readonly imageBuffer name;
#define TEXEL(name, at) imageLoad(name, at)
#endif
