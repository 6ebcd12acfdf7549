// SPDX-License-Identifier: LGPL-2.1-or-later
// Access to packed matrices (src/compute/matrix.h). On CPU drivers a workgroup
// is one subgroup, and matrices are read as texels, which is several times
// faster there. On GPUs (WORKGROUP) a workgroup has 64 invocations and
// everything is a storage buffer.
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

// One float of an array that is bound as vec4.
#define NUMBER(name, at) LOAD(name, (at) / 4u)[(at) % 4u]

// Index of the vec4 (row, c4) in a matrix with `columns4` padded columns / 4.
uint packed_at(uint row, uint c4, uint columns4)
{
  return (row / PANEL * columns4 + c4) * PANEL + row % PANEL;
}

// Row and column / 4 of an invocation in kernels with one invocation per vec4
// of a matrix. Each panel of rows is a row of workgroups in y, since all
// workgroups in x would exceed maxComputeWorkGroupCount. Neighbouring
// invocations have neighbouring rows, so that their writes are contiguous.
uint own_row()
{
  return OWN_ROW;
}

uint own_column4()
{
  return OWN_COLUMN4;
}

// Index of a float in a packed map, a matrix of `edge` rows and columns.
uint map_at(uint patch_number, uint edge)
{
  uint y = quotient(patch_number, edge), x = patch_number - y * edge;

  return 4u * packed_at(y, x / 4u, (edge + 7u) / 8u * 2u) + x % 4u;
}

// Column and row of a patch in the grid.
ivec2 patch_place(uint patch_number, uint grid)
{
  uint y = quotient(patch_number, grid);

  return ivec2(patch_number - y * grid, y);
}
