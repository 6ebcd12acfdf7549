#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Converts a stored frame to upright RGB in 0…1.
//   rgb = clamp (matrix · components + constant)
//   alpha = 1; with MASKED, ignored pixels are (0, 0, 0, 0)
//   Chroma is interpolated bilinearly between its samples, edges are replicated.
//   binding 0 frame in, bytes packed in words · 1 pixels [rows][columns] out
//   2 ignored in, see FeIgnoreMask: words per row, then one bit per stored pixel
// Dispatch: y = rows, x = any number of workgroups, which share the columns of
// a row.
// Numerics: fp32. Host: fe_preprocess_record(). Reference: ref_convert().
#include "packed.glsl"

#ifdef WORKGROUP
layout(binding = 0) readonly buffer Frame { uint frame[]; };
layout(binding = 2) readonly buffer Ignored { uint ignored[]; };
#define WORD(at) frame[at]
#define IGNORED(at) ignored[at]
#else
layout(binding = 0, r32ui) uniform readonly uimageBuffer frame;
layout(binding = 2, r32ui) uniform readonly uimageBuffer ignored;
#define WORD(at) imageLoad(frame, int(at)).x
#define IGNORED(at) imageLoad(ignored, int(at)).x
#endif
layout(binding = 1) writeonly buffer Pixels { vec4 pixels[]; };

layout(constant_id = 1) const bool SUBSAMPLED = true;
layout(constant_id = 2) const bool MASKED = false;

layout(push_constant) uniform Layout {
  vec4 red, green, blue;         // weight of each component, constant
  ivec2 origin, step_x, step_y;  // stored position of an upright pixel
  vec2 chroma_scale;             // chroma position = scale * luma position + shift
  vec2 chroma_shift;
  ivec2 chroma_last;             // last column and row of chroma
  uint first[3];                 // address of each component's first sample
  uint luma_stride, chroma_stride;
  uint luma_step, chroma_step;
  uint columns;
};

float byte_at(uint at)
{
  return float(WORD(at / 4u) >> at % 4u * 8u & 255u);
}

vec2 chroma_at(ivec2 place)
{
  uint at = uint(place.y) * chroma_stride + uint(place.x) * chroma_step;

  return vec2(byte_at(first[1] + at), byte_at(first[2] + at));
}

vec2 interpolate_chroma(ivec2 stored)
{
  vec2 place = clamp(vec2(stored) * chroma_scale + chroma_shift, vec2(0.0),
                     vec2(chroma_last));
  ivec2 low = ivec2(place);
  ivec2 high = min(low + 1, chroma_last);
  vec2 share = place - vec2(low);

  return mix(mix(chroma_at(low), chroma_at(ivec2(high.x, low.y)), share.x),
             mix(chroma_at(ivec2(low.x, high.y)), chroma_at(high), share.x),
             share.y);
}

float kept(uvec2 place)
{
  uint word = IGNORED(1u + place.y * IGNORED(0) + place.x / 32u);

  return float(1u - (word >> place.x % 32u & 1u));
}

void convert(uint x, uint y)
{
  ivec2 stored = origin + int(x) * step_x + int(y) * step_y;
  float luma = byte_at(first[0] + uint(stored.y) * luma_stride
                       + uint(stored.x) * luma_step);
  vec2 chroma = SUBSAMPLED ? interpolate_chroma(stored) : chroma_at(stored);
  vec4 components = vec4(luma, chroma, 1.0);
  vec3 rgb = vec3(dot(red, components), dot(green, components),
                  dot(blue, components));

  rgb = clamp(rgb, 0.0, 1.0);
  pixels[y * columns + x] =
      MASKED ? vec4(rgb, 1.0) * kept(uvec2(stored)) : vec4(rgb, 0.0);
}

void main()
{
  uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;

  for (uint x = gl_GlobalInvocationID.x; x < columns; x += stride)
    convert(x, gl_WorkGroupID.y);
}
