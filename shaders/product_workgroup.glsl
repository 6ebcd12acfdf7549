// SPDX-License-Identifier: LGPL-2.1-or-later
// Inner product loop of the workgroup kernels (GPUs): 256 invocations load
// tiles of both operands into shared memory; each accumulates 4 x 4 of 64 x 64
// outputs. The including file defines buffers a and b, WEIGHTS() (which reads
// b), PANEL, and k4 (columns / 4).

// [k][row]; one vec4 of padding per k avoids bank conflicts.
shared vec4 a_tile[16][17];
shared vec4 b_tile[16][17];

// Multiplies rows 4 * (id / 16) … + 3 of a by rows 4 * (id % 16) … + 3 of b;
// the result is [row of a][row of b]. Each invocation loads row id % 64 of both
// tiles, starting at a_at and b_at.
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
