#version 460
// SPDX-License-Identifier: LGPL-2.1-or-later
#extension GL_GOOGLE_include_directive : require
// Attention for GPUs: four invocations share a query; each iterates over a
// quarter of the keys with a running maximum and sum (online softmax), so that
// logits are never stored. The quarters are merged at the end. Keys and values
// are loaded into shared memory 16 at a time, where a subgroup reads one of
// them at a time.
//   y[q] = sum_k softmax_k (query[q] . key[k] / 8) * value[k], see attention.glsl
//   binding 0 queries, keys, values in · 1 y out
// Dispatch: x = ceil (tokens / 64), y = head, z = image; 256 invocations.
// Numerics: fp32. Host: fe_op_attention(). Reference: ref_attention().
#include "attention.glsl"

#define QUERIES 64u
#define PARTS 4u
#define KEYS 4u  // keys of a block, per quarter

layout(constant_id = 0) const uint PANEL = 8u;
layout(local_size_x = 256) in;
layout(binding = 0) readonly buffer Inputs { vec4 qkv[]; };
layout(binding = 1) writeonly buffer Attended { vec4 y[]; };

// Keys of a block, then its values, [key][channel / 4]; at the end the state
// that the quarters exchange.
shared vec4 block[512];
shared float tops[PARTS * QUERIES];
shared float sums[PARTS * QUERIES];

// Offset of a row's first channels in its matrix.
uint row_at(uint row, uint panel_step)
{
  return row / PANEL * panel_step + row % PANEL;
}

void main()
{
  uint id = gl_LocalInvocationID.x, part = id / QUERIES;
  uint query = gl_WorkGroupID.x * QUERIES + id % QUERIES;
  uint head_at = gl_WorkGroupID.y * 16u * PANEL;
  uint qkv_at = qkv_offset + gl_WorkGroupID.z * qkv_image + head_at;
  uint count = keys_of(uvec3(query)).x;
  uint key_row = id % PANEL + id / (16u * PANEL) * PANEL;  // the row that it loads
  uint key_c4 = id / PANEL % 16u;
  vec4 q[16], sum_y[16];
  float top = LOWEST, sum = 0.0;

  for (uint c = 0u; c < 16u; c++) {
    q[c] = qkv[qkv_at + row_at(query, qkv_panel) + c * PANEL];
    sum_y[c] = vec4(0.0);
  }
  for (uint first = 0u; first < tokens; first += PARTS * KEYS) {
    uint from = qkv_at + row_at(first + key_row, qkv_panel) + key_c4 * PANEL;
    uint place = key_row * 16u + key_c4;
    float s[KEYS];

    block[place] = qkv[from + width4 * PANEL];
    block[256u + place] = qkv[from + 2u * width4 * PANEL];
    barrier();
    float before = top;
    for (uint j = 0u; j < KEYS; j++) {
      uint key = part * KEYS + j;
      vec4 products = vec4(0.0);

      for (uint c = 0u; c < 16u; c++)
        products += q[c] * block[key * 16u + c];
      s[j] = first + key < count ? dot(products, vec4(1.0)) : LOWEST;
      top = max(top, s[j]);
    }
    float shrink = exp2((before - top) * SCALE);
    sum *= shrink;
    for (uint c = 0u; c < 16u; c++)
      sum_y[c] *= shrink;
    for (uint j = 0u; j < KEYS; j++) {
      uint key = part * KEYS + j;
      float weight = first + key < count ? exp2((s[j] - top) * SCALE) : 0.0;

      sum += weight;
      for (uint c = 0u; c < 16u; c++)
        sum_y[c] += weight * block[256u + key * 16u + c];
    }
    barrier();
  }

  tops[id] = top;
  barrier();
  for (uint p = 0u; p < PARTS; p++)
    top = max(top, tops[p * QUERIES + id % QUERIES]);
  float shrink = exp2((tops[id] - top) * SCALE);
  sums[id] = sum * shrink;
  uint to = y_offset + gl_WorkGroupID.z * y_image + head_at
            + row_at(query, y_panel);
  for (uint c = 0u; c < 16u; c += 2u) {
    block[id] = sum_y[c] * shrink;
    block[256u + id] = sum_y[c + 1u] * shrink;
    barrier();
    if (part < 2u) {
      uint at = part * 256u + id % QUERIES;
      vec4 all = block[at] + block[at + 64u] + block[at + 128u]
                 + block[at + 192u];
      uint s = id % QUERIES;

      y[to + (c + part) * PANEL] =
          all / (sums[s] + sums[s + 64u] + sums[s + 128u] + sums[s + 192u]);
    }
    barrier();
  }
}
