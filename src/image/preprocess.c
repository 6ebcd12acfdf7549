/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/preprocess.h"

#include <feclip/error.h>
#include <string.h>

#include "image/frame_upload.h"
#include "image/ignored_fill.h"
#include "compute/ops.h"
#include "image/orientation.h"
#include "image/pixel_format.h"
#include "image/resize_filter.h"
#include "compute/vulkan/shared_memory.h"

/* A frame is converted in bands of about this many bytes of RGB, so that a
 * large one fits in a buffer. */
#define BAND_SIZE (32 * 1024 * 1024)
#define PIXEL_SIZE (4 * sizeof (float))

/* Columns of a row for one lane. llvmpipe ends a kernel's loops after 65535
 * iterations, nested ones added up: this many columns times the largest number
 * of taps, four in an iteration, stay below. */
#define COLUMNS_PER_LANE 8

/* Pixels that a kernel reads beyond the taps, as it reads four at a time. They
 * are multiplied by zero. */
#define SLACK 3

/* One axis of the upright frame on its way to an axis of the result. */
typedef struct {
  guint64 resized; /* the whole axis after resizing */
  guint64 offset;  /* where in it the result begins */
  FeResizeFilter filter;
} Axis;

struct _FePreprocess {
  FeDevice *device;
  guint image_size;
  guint patch_size;
  FeclipFit fit;
  FeMatrix patches;
  FeTiling tiling;
  FePolygons *polygons; /* NULL: nothing is ignored */
  FeRect view;          /* in a larger frame; without width: the frame itself */
  guint view_width;     /* of that frame */
  guint view_height;

  /* The fields below are for frames like this one. */
  gboolean prepared;
  FeclipFrame frame; /* its planes are not used */
  FeFrameUpload upload;
  FeTiles tiles;
  FeIgnoredFill fill; /* where there are polygons */
  Axis x;             /* of one tile */
  Axis y;
  guint band_rows;    /* the largest number of rows of RGB in a band */
  guint band_outputs; /* and of rows of the result */
  FeBuffer *bytes;    /* the frame; NULL where it is in `memory` */
  FeclipSharedMemory *memory;
  FeBuffer *pixels;  /* [band_rows][columns] RGB */
  FeBuffer *resized; /* [band_outputs][columns] RGB */
  FeBuffer *x_filter;
  FeBuffer *y_filter;
};

/* As convert_frame.comp's push constants. */
typedef struct {
  float matrix[3][4];
  FeOrientationTransform transform;
  float chroma_scale[2];
  float chroma_shift[2];
  gint32 chroma_last[2];
  guint32 first[3];
  guint32 luma_stride;
  guint32 chroma_stride;
  guint32 luma_step;
  guint32 chroma_step;
  guint32 columns;
} ConvertPush;

FePreprocess *
fe_preprocess_new (FeDevice *device, guint image_size, guint patch_size,
                   FeclipFit fit, const FeMatrix *patches)
{
  FePreprocess *self = g_new0 (FePreprocess, 1);
  guint grid = image_size / patch_size;

  g_assert (image_size % patch_size == 0);
  g_assert (patches->rows == grid * grid
            && patches->columns == 3 * patch_size * patch_size);
  self->device = fe_device_ref (device);
  self->image_size = image_size;
  self->patch_size = patch_size;
  self->fit = fit;
  self->patches = *patches;
  return self;
}

/* Frees everything that belongs to the frames prepared for. */
static void
reset (FePreprocess *self)
{
  self->prepared = FALSE;
  fe_resize_filter_clear (&self->x.filter);
  fe_resize_filter_clear (&self->y.filter);
  g_clear_pointer (&self->bytes, fe_buffer_free);
  g_clear_object (&self->memory);
  g_clear_pointer (&self->pixels, fe_buffer_free);
  g_clear_pointer (&self->resized, fe_buffer_free);
  g_clear_pointer (&self->x_filter, fe_buffer_free);
  g_clear_pointer (&self->y_filter, fe_buffer_free);
  fe_tiles_clear (&self->tiles);
  fe_ignored_fill_clear (&self->fill);
}

void
fe_preprocess_free (FePreprocess *self)
{
  if (!self)
    return;
  reset (self);
  fe_polygons_free (self->polygons);
  fe_device_unref (self->device);
  g_free (self);
}

void
fe_preprocess_set_tiling (FePreprocess *self, const FeTiling *tiling)
{
  self->tiling = *tiling;
}

void
fe_preprocess_take_polygons (FePreprocess *self, FePolygons *polygons)
{
  reset (self);
  fe_polygons_free (self->polygons);
  self->polygons = polygons;
}

void
fe_preprocess_set_view (FePreprocess *self, const FeRect *part,
                        guint frame_width, guint frame_height)
{
  const FeRect *old = &self->view;

  if (self->polygons
      && (part->x != old->x || part->y != old->y || part->width != old->width
          || part->height != old->height || frame_width != self->view_width
          || frame_height != self->view_height))
    reset (self);
  self->view = *part;
  self->view_width = frame_width;
  self->view_height = frame_height;
}

const FeTiles *
fe_preprocess_get_tiles (const FePreprocess *self)
{
  return &self->tiles;
}

const FeIgnoreMask *
fe_preprocess_get_mask (const FePreprocess *self)
{
  return self->fill.mask.words ? &self->fill.mask : NULL;
}

static guint
count_tiles (const FePreprocess *self)
{
  return self->tiles.columns * self->tiles.rows;
}

static gboolean
is_prepared_for (const FePreprocess *self, const FeclipFrame *frame)
{
  return self->prepared && fe_frame_is_like (frame, &self->frame);
}

/* Resizes the shorter edge to that of the result. The longer one keeps the
 * ratio and is cropped at both ends; where frames are stretched, both edges
 * become the result's. */
static void
axis_init (Axis *self, guint edge, guint shorter, guint size)
{
  guint64 excess;

  self->resized = (guint64)size * edge / shorter;
  excess = self->resized - size;
  /* Half of the excess, rounded half to even. */
  self->offset = excess / 2 + (excess % 2 & excess / 2 % 2);
  fe_resize_filter_init (&self->filter, edge, self->resized, self->offset,
                         size);
}

/* The frame's pixels that the result is made of: [*first, *first + result). */
static guint
axis_get_part (const Axis *self, guint *first)
{
  const FeTaps *taps = self->filter.taps;

  *first = taps[0].first;
  return taps[self->filter.n_outputs - 1].end - *first;
}

/* From a tile's upright pixels to those of the stored frame. */
static FeOrientationTransform
get_transform (const FePreprocess *self, guint tile)
{
  const FeRect *part = &self->tiles.parts[tile];
  FeOrientationTransform transform = fe_orientation_get_transform (
      self->frame.orientation, part->width, part->height);

  transform.origin[0] += (gint32)part->x;
  transform.origin[1] += (gint32)part->y;
  return transform;
}

/* The same part of a tile in both directions, as the frame is stored. */
static FeRect
get_part (const FePreprocess *self, guint tile)
{
  FeOrientationTransform transform = get_transform (self, tile);
  guint x, y;
  gint32 last_x = (gint32)axis_get_part (&self->x, &x) - 1;
  gint32 last_y = (gint32)axis_get_part (&self->y, &y) - 1;
  gint32 first[2], size[2];

  for (guint i = 0; i < 2; i++) {
    gint32 from = transform.origin[i] + (gint32)x * transform.step_x[i]
                  + (gint32)y * transform.step_y[i];
    gint32 to =
        from + last_x * transform.step_x[i] + last_y * transform.step_y[i];

    first[i] = MIN (from, to);
    size[i] = ABS (to - from) + 1;
  }
  return (FeRect){(guint)first[0], (guint)first[1], (guint)size[0],
                  (guint)size[1]};
}

/* The part of the frame that all tiles need: from the first to the last one,
 * which lies furthest to the right and to the bottom. */
static FeRect
get_all_parts (const FePreprocess *self)
{
  FeRect first = get_part (self, 0);
  FeRect last = get_part (self, count_tiles (self) - 1);

  return (FeRect){first.x, first.y, last.x + last.width - first.x,
                  last.y + last.height - first.y};
}

static gboolean
check_limits (const FePreprocess *self, guint64 pixels_size, GError **error)
{
  guint64 most =
      MIN (self->device->properties.limits.maxStorageBufferRange, G_MAXINT32);

  if (self->upload.size <= most && pixels_size <= most)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "a frame of %u×%u pixels in %s is too large for %s, whose "
               "buffers hold %" G_GUINT64_FORMAT " bytes",
               self->frame.width, self->frame.height, self->upload.format->name,
               self->device->name, most);
  return FALSE;
}

static FeBuffer *
filter_buffer_new (FePreprocess *self, const FeResizeFilter *filter,
                   GError **error)
{
  gsize size = fe_resize_filter_get_size (filter) * sizeof (float);
  g_autoptr (FeBuffer) buffer =
      fe_buffer_new (self->device, FE_BUFFER_DEVICE,
                     VK_FORMAT_R32G32B32A32_SFLOAT, size, "a filter", error);

  if (!buffer || !fe_buffer_write (buffer, 0, filter->table, size, error))
    return NULL;
  return g_steal_pointer (&buffer);
}

static gboolean
make_buffers (FePreprocess *self, GError **error)
{
  const VkFormat rgb = VK_FORMAT_R32G32B32A32_SFLOAT;
  guint first;
  gsize columns = axis_get_part (&self->x, &first);
  gsize rows = axis_get_part (&self->y, &first);
  gsize row_size = columns * PIXEL_SIZE;
  gsize pixels_size;

  self->band_rows =
      (guint)MIN (rows, MAX (self->y.filter.most, BAND_SIZE / row_size));
  self->band_outputs = (guint)CLAMP (BAND_SIZE / row_size, 1, self->image_size);
  pixels_size = (self->band_rows + SLACK) * row_size;
  if (!check_limits (self, pixels_size, error))
    return FALSE;

  return (self->memory
          || (self->bytes = fe_buffer_new (
                  self->device, FE_BUFFER_UPLOAD, VK_FORMAT_R32_UINT,
                  self->upload.size, "a frame", error)))
         && (self->pixels =
                 fe_buffer_new (self->device, FE_BUFFER_DEVICE, rgb,
                                pixels_size, "a frame in RGB", error))
         && (self->resized = fe_buffer_new (self->device, FE_BUFFER_DEVICE, rgb,
                                            self->band_outputs * row_size
                                                + SLACK * PIXEL_SIZE,
                                            "a resized frame", error))
         && (self->x_filter = filter_buffer_new (self, &self->x.filter, error))
         && (self->y_filter = filter_buffer_new (self, &self->y.filter, error));
}

static gboolean
make_fill (FePreprocess *self, GError **error)
{
  const FeRect whole = {0, 0, self->frame.width, self->frame.height};
  gboolean part = self->view.width > 0;

  if (!self->polygons)
    return TRUE;
  if (!fe_ignored_fill_init (
          &self->fill, self->device, self->polygons,
          part ? &self->view : &whole, part ? self->view_width : whole.width,
          part ? self->view_height : whole.height, self->image_size, error))
    return FALSE;
  for (guint i = 0; i < count_tiles (self); i++) {
    FeOrientationTransform transform = get_transform (self, i);
    g_autofree guint8 *affected = fe_ignore_mask_find_affected (
        &self->fill.mask, &transform, &self->x.filter, &self->y.filter);

    if (!fe_ignored_fill_add_tile (&self->fill, self->device, affected, error))
      return FALSE;
  }
  return TRUE;
}

/* Plans the tiles, and how one becomes the network's image. */
static gboolean
plan (FePreprocess *self, GError **error)
{
  gboolean stretch = self->fit == FECLIP_FIT_STRETCH;
  guint width, height, shorter;
  FeRect part;

  fe_tiles_init (&self->tiles, &self->tiling, self->frame.width,
                 self->frame.height, self->image_size);
  stretch |= count_tiles (self) > 1;
  width = self->tiles.parts[0].width;
  height = self->tiles.parts[0].height;
  if (fe_orientation_swaps (self->frame.orientation)) {
    width = self->tiles.parts[0].height;
    height = self->tiles.parts[0].width;
  }
  shorter = MIN (width, height);
  axis_init (&self->x, width, stretch ? width : shorter, self->image_size);
  axis_init (&self->y, height, stretch ? height : shorter, self->image_size);
  part = get_all_parts (self);
  return fe_frame_upload_init (&self->upload, &self->frame, &part, error);
}

gboolean
fe_preprocess_prepare (FePreprocess *self, const FeclipFrame *frame,
                       gboolean *changed, GError **error)
{
  *changed = FALSE;
  if (!fe_frame_check (frame, error))
    return FALSE;
  if (is_prepared_for (self, frame))
    return TRUE;

  if (frame->memory
      && !fe_shared_memory_check (frame->memory, self->device, error))
    return FALSE;

  reset (self);
  *changed = TRUE;
  self->frame = *frame;
  memset (self->frame.planes, 0, sizeof self->frame.planes);
  g_set_object (&self->memory, frame->memory);
  self->prepared = plan (self, error) && make_buffers (self, error)
                   && make_fill (self, error);
  if (!self->prepared)
    reset (self);
  return self->prepared;
}

gboolean
fe_preprocess_upload (FePreprocess *self, const FeclipFrame *frame,
                      GError **error)
{
  if (!fe_frame_check (frame, error))
    return FALSE;
  g_assert (is_prepared_for (self, frame));
  if (!self->memory)
    fe_frame_upload_copy (&self->upload, frame, self->bytes->mapped);
  return TRUE;
}

/* Workgroups for the columns of a row. Each loops over columns: on processors,
 * where starting a workgroup costs dozens of instructions, fewer of them are
 * faster. */
static guint
groups_across (const FePreprocess *self, guint columns)
{
  guint groups = fe_groups (self->device, columns);

  return self->device->subgroup_kernels
             ? (groups + COLUMNS_PER_LANE - 1) / COLUMNS_PER_LANE
             : groups;
}

/* Fills in everything except the origin of a band. */
static ConvertPush
get_conversion (const FePreprocess *self, guint tile)
{
  const FeclipFrame *frame = &self->frame;
  const FeFrameUpload *upload = &self->upload;
  const FePixelFormat *format = upload->format;
  const guint subsampled[] = {format->subsampled_x, format->subsampled_y};
  const guint edges[] = {frame->width, frame->height};
  const FeclipChromaSite cosited[] = {FECLIP_CHROMA_SITE_H_COSITED,
                                      FECLIP_CHROMA_SITE_V_COSITED};
  guint first;
  ConvertPush push = {
      .transform = get_transform (self, tile),
      /* All bytes that are read have 32-bit addresses. Origins below 0 wrap
       * around, as the kernel's sums do. */
      .first = {(guint32)upload->origin[0], (guint32)upload->origin[1],
                (guint32)upload->origin[2]},
      .luma_stride = (guint32)upload->stride[0],
      .chroma_stride = (guint32)upload->stride[1],
      .luma_step = format->components[0].step,
      .chroma_step = format->components[1].step,
      .columns = axis_get_part (&self->x, &first),
  };

  fe_pixel_format_get_matrix (format, frame, push.matrix);
  for (guint i = 0; i < 2; i++) {
    push.transform.origin[i] += (gint32)first * push.transform.step_x[i];
    push.chroma_scale[i] = subsampled[i] ? 0.5f : 1;
    /* The centre of a sample between two luma samples is half a luma sample
     * further. */
    push.chroma_shift[i] =
        subsampled[i] && !(frame->chroma_site & cosited[i]) ? -0.25f : 0;
    push.chroma_last[i] = (gint32)((edges[i] - 1) >> subsampled[i]);
  }
  return push;
}

/* Converts a tile's upright rows [first, first + n). */
static void
record_conversion (FePreprocess *self, FeCommands *commands, guint tile,
                   guint first, guint n)
{
  const FePixelFormat *format = self->upload.format;
  ConvertPush push = get_conversion (self, tile);
  FeDispatch dispatch = {
      .kernel = FE_KERNEL_CONVERT_FRAME,
      .use = "frame",
      .constants = {format->subsampled_x || format->subsampled_y,
                    fe_ignored_fill_is_needed (&self->fill, tile)},
      .buffers = {self->memory ? fe_shared_memory_get_buffer (self->memory)
                               : self->bytes,
                  self->pixels, self->fill.ignored},
      .push = &push,
      .push_size = sizeof push,
      .groups = {groups_across (self, push.columns), n},
  };

  for (guint i = 0; i < 2; i++)
    push.transform.origin[i] += (gint32)first * push.transform.step_y[i];
  fe_commands_dispatch (commands, &dispatch);
}

/* Makes the rows [first, end) of a tile's result. */
static void
record_band (FePreprocess *self, FeCommands *commands, guint tile, guint first,
             guint end, const FeMatrix *patches)
{
  const FeTaps *taps = self->y.filter.taps;
  guint first_row = taps[first].first;
  guint skipped, columns = axis_get_part (&self->x, &skipped);
  const guint32 columns_push[] = {columns, first_row - taps[0].first, first,
                                  self->y.filter.taps4};
  const guint32 rows_push[] = {
      columns,          first,           self->x.filter.taps4,
      self->image_size, patches->offset, patches->panel_stride};
  const FeDispatch resize_columns = {
      .kernel = FE_KERNEL_RESIZE_COLUMNS,
      .use = "frame",
      .buffers = {self->pixels, self->y_filter, self->resized},
      .push = columns_push,
      .push_size = sizeof columns_push,
      .groups = {groups_across (self, columns), end - first},
  };
  const FeDispatch resize_rows = {
      .kernel = FE_KERNEL_RESIZE_ROWS,
      .use = "frame",
      .constants = {self->patch_size,
                    fe_ignored_fill_is_needed (&self->fill, tile)},
      .buffers = {self->resized, self->x_filter, patches->buffer,
                  self->fill.kept},
      .push = rows_push,
      .push_size = sizeof rows_push,
      .groups = {fe_groups (self->device, self->image_size), end - first},
  };

  record_conversion (self, commands, tile, first_row,
                     taps[end - 1].end - first_row);
  fe_commands_dispatch (commands, &resize_columns);
  fe_commands_dispatch (commands, &resize_rows);
}

static void
record_tile (FePreprocess *self, guint tile, const FeMatrix *patches,
             FeCommands *commands)
{
  const FeTaps *taps = self->y.filter.taps;
  guint end;

  g_assert (self->prepared && tile < count_tiles (self));
  for (guint first = 0; first < self->image_size; first = end) {
    end = first + 1;
    while (end < self->image_size && end - first < self->band_outputs
           && taps[end].end - taps[first].first <= self->band_rows)
      end++;
    record_band (self, commands, tile, first, end, patches);
  }
  if (fe_ignored_fill_is_needed (&self->fill, tile))
    fe_ignored_fill_record (&self->fill, tile, commands, patches,
                            self->patch_size);
}

void
fe_preprocess_record_tile (FePreprocess *self, guint tile, FeCommands *commands)
{
  record_tile (self, tile, &self->patches, commands);
}

void
fe_preprocess_record_to (FePreprocess *self, const FeMatrix *patches,
                         FeCommands *commands)
{
  record_tile (self, 0, patches, commands);
}

void
fe_preprocess_record (FePreprocess *self, FeCommands *commands)
{
  fe_preprocess_record_tile (self, 0, commands);
}

void
fe_preprocess_get_tile_region (const FePreprocess *self, guint tile, double *x,
                               double *y, double *width, double *height)
{
  const FeRect *part = &self->tiles.parts[tile];
  /* The corners of a unit square map as the pixels of a 2×2 image. */
  FeOrientationTransform transform =
      fe_orientation_get_transform (self->frame.orientation, 2, 2);
  const Axis *axes[] = {&self->x, &self->y};
  double first[2], last[2], corner[2], size[2];

  g_assert (self->prepared);
  for (guint i = 0; i < 2; i++) {
    first[i] = (double)axes[i]->offset / (double)axes[i]->resized;
    last[i] =
        (double)(axes[i]->offset + self->image_size) / (double)axes[i]->resized;
  }
  for (guint i = 0; i < 2; i++) {
    double from = transform.origin[i] + first[0] * transform.step_x[i]
                  + first[1] * transform.step_y[i];
    double to = transform.origin[i] + last[0] * transform.step_x[i]
                + last[1] * transform.step_y[i];

    corner[i] = MIN (from, to);
    size[i] = MAX (from, to) - corner[i];
  }
  *x = (part->x + corner[0] * part->width) / self->frame.width;
  *y = (part->y + corner[1] * part->height) / self->frame.height;
  *width = size[0] * part->width / self->frame.width;
  *height = size[1] * part->height / self->frame.height;
}

void
fe_preprocess_get_region (const FePreprocess *self, double *x, double *y,
                          double *width, double *height)
{
  fe_preprocess_get_tile_region (self, 0, x, y, width, height);
}

void
fe_preprocess_map_to_stored (const FePreprocess *self, const float *upright,
                             guint edge, float *dst)
{
  g_assert (self->prepared);
  fe_orientation_map_to_stored (self->frame.orientation, upright, edge, dst);
}
