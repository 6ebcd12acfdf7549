// SPDX-License-Identifier: LGPL-2.1-or-later
// What kernels for graphics hardware share that multiply two packed matrices:
// 256 invocations bring tiles of both operands to shared memory, each sums 4 x 4
// of 64 x 64 outputs.
// The includer has buffers a and b, WEIGHTS(), which reads b, PANEL, and k4,
// columns / 4.

// [k][row], one vec4 of padding per k against bank conflicts
shared vec4 a_tile[16][17];
shared vec4 b_tile[16][17];

// Rows 4 * (id / 16) on of a times rows 4 * (id % 16) on of b: [row of a][row of
// b]. An invocation brings row id % 64 of each, from a_at and b_at on.
mat4 multiply_tile(uint a_at, uint b_at)
{
  uint id = gl_LocalInvocationID.x;
  uint row = id % 64u, quad = id / 64u;
  uint x = id % 16u, y = id / 16u;
  mat4 sum = mat4(0.0);

  for (uint k = 0u; k < k4; k += 4u) {
    bool inside = k + quad < k4;
    vec4 from_a = inside ? a[a_at + (k + quad) * PANEL] : vec4(0.0);
    vec4 from_b = inside ? WEIGHTS(b_at + (k + quad) * PANEL) : vec4(0.0);

    for (uint i = 0u; i < 4u; i++) {
      a_tile[4u * quad + i][row / 4u][row % 4u] = from_a[i];
      b_tile[4u * quad + i][row / 4u][row % 4u] = from_b[i];
    }
    barrier();
    for (uint i = 0u; i < 16u; i++)
      sum += outerProduct(b_tile[i][x], a_tile[i][y]);
    barrier();
  }
  return sum;
}
