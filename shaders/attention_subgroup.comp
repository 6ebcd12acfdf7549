#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
// Attention for CPU drivers: a lane owns three queries and iterates over the
// keys, LANES at a time, with a running maximum and sum (online softmax), so
// that logits are never stored. Keys and values are broadcast by shuffles with
// constant lanes, as in matmul_subgroup.comp.
//   y[q] = sum_k softmax_k (query[q] . key[k] / 8) * value[k], see attention.glsl
//   binding 0 queries, keys, values in · 1 y out
// Dispatch: x = ceil (tokens / (3 * LANES)), y = head, z = image; one workgroup
// = one subgroup.
// Numerics: fp32. Host: fe_op_attention(). Reference: ref_attention().
#include "attention.glsl"
#include "texels.glsl"

layout(local_size_x = LANES) in;
MATRIX(0, rgba32f, qkv)
layout(binding = 1) writeonly buffer Attended { vec4 y[]; };

// Unrolled by hand: a loop that is not unrolled would keep its arrays in
// memory.
#define EACH_4(m, n) m(n) m(n + 1) m(n + 2) m(n + 3)
#define EACH_16(m) EACH_4(m, 0) EACH_4(m, 4) EACH_4(m, 8) EACH_4(m, 12)
#define EACH_PAIR(m) m(0) m(2) m(4) m(6) m(8) m(10) m(12) m(14)
#define KEYS_4(m, n) m(n) m(n + 1) m(n + 2) m(n + 3)
#if LANES == 4
#define EACH_KEY(m) KEYS_4(m, 0)
#elif LANES == 8
#define EACH_KEY(m) KEYS_4(m, 0) KEYS_4(m, 4)
#else
#define EACH_KEY(m) KEYS_4(m, 0) KEYS_4(m, 4) KEYS_4(m, 8) KEYS_4(m, 12)
#endif

// One channel of one key times the lane's three queries, for eight channels in
// turn, during which the key's logits stay in registers.
#define LOGIT(key, c, channels, k)                                             \
  {                                                                            \
    float s = subgroupShuffle(channels.k, uint(key));                          \
    s0[key] += q0[c].k * s;                                                    \
    s1[key] += q1[c].k * s;                                                    \
    s2[key] += q2[c].k * s;                                                    \
  }
#define LOGIT_4(key, c, channels)                                              \
  LOGIT(key, c, channels, x)                                                   \
  LOGIT(key, c, channels, y)                                                   \
  LOGIT(key, c, channels, z)                                                   \
  LOGIT(key, c, channels, w)
#define LOGIT_8(key) LOGIT_4(key, C, now) LOGIT_4(key, C + 1, next)

// One channel of one key's value times the three queries' weights: all keys of
// a channel, whose sums stay in registers, and then the next channel.
#define VALUE(key, c, k)                                                       \
  {                                                                            \
    float s = subgroupShuffle(values.k, uint(key));                            \
    y0[c].k += s0[key] * s;                                                    \
    y1[c].k += s1[key] * s;                                                    \
    y2[c].k += s2[key] * s;                                                    \
  }
#define VALUE_X(key) VALUE(key, C, x)
#define VALUE_Y(key) VALUE(key, C, y)
#define VALUE_Z(key) VALUE(key, C, z)
#define VALUE_W(key) VALUE(key, C, w)

#define LOAD_QUERY(c)                                                          \
  q0[c] = TEXEL(qkv, q_at + (c) * LANES);                                      \
  q1[c] = TEXEL(qkv, q_at + int(qkv_panel) + (c) * LANES);                     \
  q2[c] = TEXEL(qkv, q_at + int(2u * qkv_panel) + (c) * LANES);                \
  y0[c] = y1[c] = y2[c] = vec4(0.0);
#define CLEAR(key) s0[key] = s1[key] = s2[key] = 0.0;
#define ADD_LOGITS(c)                                                          \
  {                                                                            \
    const int C = c;                                                           \
    vec4 now = TEXEL(qkv, k_at + (c) * LANES);                                 \
    vec4 next = TEXEL(qkv, k_at + (c + 1) * LANES);                            \
    EACH_KEY(LOGIT_8)                                                          \
  }
// Masks keys beyond the last one that counts; the first key always counts.
#define MASK(key)                                                              \
  s0[key] = first + key < count.x ? s0[key] : LOWEST;                          \
  s1[key] = first + key < count.y ? s1[key] : LOWEST;                          \
  s2[key] = first + key < count.z ? s2[key] : LOWEST;
#define LARGEST(key) top = max(top, vec3(s0[key], s1[key], s2[key]));
#define WEIGH(key)                                                             \
  s0[key] = exp2((s0[key] - top.x) * SCALE);                                   \
  s1[key] = exp2((s1[key] - top.y) * SCALE);                                   \
  s2[key] = exp2((s2[key] - top.z) * SCALE);                                   \
  sum += vec3(s0[key], s1[key], s2[key]);
#define SHRINK(c) y0[c] *= shrink.x, y1[c] *= shrink.y, y2[c] *= shrink.z;
#define ADD_VALUES(c)                                                          \
  {                                                                            \
    const int C = c;                                                           \
    vec4 values = TEXEL(qkv, v_at + (c) * LANES);                              \
    EACH_KEY(VALUE_X)                                                          \
    EACH_KEY(VALUE_Y)                                                          \
    EACH_KEY(VALUE_Z)                                                          \
    EACH_KEY(VALUE_W)                                                          \
  }
#define STORE_0(c) y[to + (c) * LANES] = y0[c] / sum.x;
#define STORE_1(c) y[to + y_panel + (c) * LANES] = y1[c] / sum.y;
#define STORE_2(c) y[to + 2u * y_panel + (c) * LANES] = y2[c] / sum.z;

void main()
{
  uint lane = gl_SubgroupInvocationID;
  uint panel = gl_WorkGroupID.x * 3u;
  uint head_at = gl_WorkGroupID.y * 16u * LANES;
  uint qkv_at = qkv_offset + gl_WorkGroupID.z * qkv_image + head_at + lane;
  int q_at = int(qkv_at + panel * qkv_panel);
  int k_at = int(qkv_at + width4 * LANES);
  int v_at = int(qkv_at + 2u * width4 * LANES);
  uvec3 count = keys_of(panel * LANES + lane + uvec3(0u, LANES, 2u * LANES));
  vec4 q0[16], q1[16], q2[16], y0[16], y1[16], y2[16];
  vec3 largest = vec3(LOWEST), sum = vec3(0.0);

  EACH_16(LOAD_QUERY)
  for (uint first = 0u; first < tokens; first += LANES) {
    float s0[LANES], s1[LANES], s2[LANES];

    EACH_KEY(CLEAR)
    EACH_PAIR(ADD_LOGITS)
    EACH_KEY(MASK)
    vec3 top = largest;
    EACH_KEY(LARGEST)
    vec3 shrink = exp2((largest - top) * SCALE);
    largest = top;
    sum *= shrink;
    EACH_KEY(WEIGH)
    EACH_16(SHRINK)
    EACH_16(ADD_VALUES)
    k_at += int(qkv_panel);
    v_at += int(qkv_panel);
  }

  uint to = y_offset + gl_WorkGroupID.z * y_image + head_at + panel * y_panel
            + lane;
  // The rows after the image's last panel may belong to the next image.
  EACH_16(STORE_0)
  if ((panel + 1u) * LANES < tokens) {
    EACH_16(STORE_1)
  }
  if ((panel + 2u) * LANES < tokens) {
    EACH_16(STORE_2)
  }
}
