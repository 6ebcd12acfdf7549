// SPDX-License-Identifier: LGPL-2.1-or-later
// Packed matrices (src/matrix.h) as kernels see them. On processors (lanes) a
// workgroup is one subgroup and matrices are read as texels, which is several
// times faster there; elsewhere (WORKGROUP) a workgroup has 64 invocations and all
// is read as a storage buffer.
//   element (r, c4) = r / PANEL * panel_stride + c4 * PANEL + r % PANEL
#include "quotient.glsl"

#ifdef WORKGROUP
layout(constant_id = 0) const uint PANEL = 8u;
layout(local_size_x = 64) in;
#define PACKED_INPUT(at, name)                                                 \
  layout(binding = at) readonly buffer name##_buffer { vec4 name[]; };
#define LOAD(name, at) name[at]
#define OWN_ROW (gl_WorkGroupID.y * PANEL + gl_GlobalInvocationID.x % PANEL)
#define OWN_COLUMN4 (gl_GlobalInvocationID.x / PANEL)
#else
layout(local_size_x_id = 0) in;
#define PANEL gl_WorkGroupSize.x
#define PACKED_INPUT(at, name)                                                 \
  layout(binding = at, rgba32f) uniform readonly imageBuffer name;
#define LOAD(name, at) imageLoad(name, int(at))
#define OWN_ROW (gl_WorkGroupID.y * PANEL + gl_LocalInvocationID.x)
#define OWN_COLUMN4 gl_WorkGroupID.x
#endif

// One number of a list that is read as vec4.
#define NUMBER(name, at) LOAD(name, (at) / 4u)[(at) % 4u]

// The place of (row, c4) in a matrix of `columns4` padded columns / 4.
uint packed_at(uint row, uint c4, uint columns4)
{
  return (row / PANEL * columns4 + c4) * PANEL + row % PANEL;
}

// The row and column / 4 of an invocation where there is one per vec4 of a
// matrix. Each panel of rows has its own row of workgroups: in one direction
// alone they would be more than devices allow. Neighbouring invocations have
// neighbouring rows and write one piece of memory.
uint own_row()
{
  return OWN_ROW;
}

uint own_column4()
{
  return OWN_COLUMN4;
}

// The place of a number in a packed map, a matrix of edge rows and columns.
uint map_at(uint patch_number, uint edge)
{
  uint y = quotient(patch_number, edge), x = patch_number - y * edge;

  return 4u * packed_at(y, x / 4u, (edge + 7u) / 8u * 2u) + x % 4u;
}

// Column and row of a patch.
ivec2 patch_place(uint patch_number, uint grid)
{
  uint y = quotient(patch_number, grid);

  return ivec2(patch_number - y * grid, y);
}
