/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/frame_upload.h"

#include <string.h>

#include "compute/vulkan/shared_memory.h"

/* Copying to aligned addresses is faster. */
#define PLANE_ALIGN 16

#define ALL_CHROMA_SITES \
  (FECLIP_CHROMA_SITE_H_COSITED | FECLIP_CHROMA_SITE_V_COSITED)

/* Samples of a component along an edge of `size` pixels. */
static guint
subsample (guint size, guint subsampled)
{
  return (size + subsampled) >> subsampled;
}

static gboolean
check_size (const FeclipFrame *frame, GError **error)
{
  if (frame->width == 0 || frame->height == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a frame of %u×%u pixels holds nothing to analyse",
                 frame->width, frame->height);
    return FALSE;
  }
  if (MAX (frame->width, frame->height) > FE_FRAME_MAX_EDGE) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a frame of %u×%u pixels is longer than %u pixels in one "
                 "direction",
                 frame->width, frame->height, FE_FRAME_MAX_EDGE);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_enum (const char *what, guint value, guint last, GError **error)
{
  if (value <= last)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "a frame has the unknown %s %u", what, value);
  return FALSE;
}

static gboolean
check_luma_weights (const FeclipFrame *frame, const FePixelFormat *format,
                    GError **error)
{
  if (format->model != FE_COLOR_MODEL_YUV)
    return TRUE;
  /* Written so that NaN fails too. */
  if (frame->kr >= 0 && frame->kb >= 0 && frame->kr + frame->kb < 1
      && (frame->kr > 0) == (frame->kb > 0))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "a frame has the luma weights kr %g and kb %g; both must be "
               "above 0 and their sum below 1, or both 0",
               frame->kr, frame->kb);
  return FALSE;
}

static guint64
memory_size (const FeclipFrame *frame)
{
  return fe_shared_memory_get_buffer (frame->memory)->size;
}

/* Whether `row` bytes of each row lie in the memory of the device. */
static gboolean
check_offset (const FeclipFrame *frame, const FePixelFormat *format, guint c,
              gsize row, GError **error)
{
  guint plane = format->components[c].plane;
  gboolean chroma = fe_pixel_format_is_chroma (format, c);
  guint rows = subsample (frame->height, chroma ? format->subsampled_y : 0);
  gsize stride = frame->strides[plane], offset = frame->offsets[plane];
  guint64 size = memory_size (frame);

  if (c == 2 && stride != frame->strides[format->components[1].plane]) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "the chroma planes of a frame in %s on the device have "
                 "different strides",
                 format->name);
    return FALSE;
  }
  if (offset <= size && row <= size - offset
      && rows - 1 <= (size - offset - row) / stride)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "plane %u of a frame of %u×%u pixels in %s at %" G_GSIZE_FORMAT
               " does not lie in the device's memory of %" G_GUINT64_FORMAT
               " bytes",
               plane, frame->width, frame->height, format->name, offset, size);
  return FALSE;
}

static gboolean
check_planes (const FeclipFrame *frame, const FePixelFormat *format,
              GError **error)
{
  for (guint c = 0; c < 3; c++) {
    const FeComponent *component = &format->components[c];
    gboolean chroma = fe_pixel_format_is_chroma (format, c);
    guint subsampled = chroma ? format->subsampled_x : 0;
    gsize row = (gsize)subsample (frame->width, subsampled) * component->step;

    if (!frame->memory && !frame->planes[component->plane]) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "plane %u of a frame in %s is missing", component->plane,
                   format->name);
      return FALSE;
    }
    if (frame->strides[component->plane] < row) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "plane %u of a frame in %s has a stride of %" G_GSIZE_FORMAT
                   " bytes, but a row of %u pixels takes %" G_GSIZE_FORMAT,
                   component->plane, format->name,
                   frame->strides[component->plane], frame->width, row);
      return FALSE;
    }
    if (frame->memory && !check_offset (frame, format, c, row, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
fe_frame_check (const FeclipFrame *frame, GError **error)
{
  const FePixelFormat *format = fe_pixel_format_get (frame->format);

  if (!format) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a frame has the unknown pixel format %u",
                 (guint)frame->format);
    return FALSE;
  }
  return check_size (frame, error)
         && check_enum ("color range", frame->range, FECLIP_COLOR_RANGE_LIMITED,
                        error)
         && check_enum ("chroma site", frame->chroma_site, ALL_CHROMA_SITES,
                        error)
         && check_enum ("orientation", frame->orientation,
                        FECLIP_ORIENTATION_ROTATE_90_CCW, error)
         && check_luma_weights (frame, format, error)
         && check_planes (frame, format, error);
}

static gboolean
lies_alike (const FeclipFrame *self, const FeclipFrame *other)
{
  guint n_planes = fe_pixel_format_get (self->format)->n_planes;

  if (self->memory != other->memory)
    return FALSE;
  for (guint p = 0; self->memory && p < n_planes; p++)
    if (self->offsets[p] != other->offsets[p]
        || self->strides[p] != other->strides[p])
      return FALSE;
  return TRUE;
}

gboolean
fe_frame_is_like (const FeclipFrame *self, const FeclipFrame *other)
{
  return self->format == other->format && self->width == other->width
         && self->height == other->height && self->range == other->range
         && self->kr == other->kr && self->kb == other->kb
         && self->chroma_site == other->chroma_site
         && self->orientation == other->orientation && lies_alike (self, other);
}

void
fe_frame_crop (const FeclipFrame *frame, FeRect *part, FeclipFrame *cropped)
{
  const FePixelFormat *format = fe_pixel_format_get (frame->format);
  guint odd_x = format->subsampled_x ? part->x % 2 : 0;
  guint odd_y = format->subsampled_y ? part->y % 2 : 0;

  *part = (FeRect){part->x - odd_x, part->y - odd_y, part->width + odd_x,
                   part->height + odd_y};
  *cropped = *frame;
  cropped->width = part->width;
  cropped->height = part->height;
  for (guint c = 0; c < 3; c++) {
    const FeComponent *component = &format->components[c];
    gboolean chroma = fe_pixel_format_is_chroma (format, c);
    guint x = part->x >> (chroma ? format->subsampled_x : 0);
    guint y = part->y >> (chroma ? format->subsampled_y : 0);
    guint p = component->plane;
    gsize skipped = y * frame->strides[p] + (gsize)x * component->step;

    if (frame->memory)
      cropped->offsets[p] = frame->offsets[p] + skipped;
    else
      cropped->planes[p] = frame->planes[p] + skipped;
  }
}

/* The samples [range[0], range[1]) that the pixels [first, first + n) of an
 * edge are made of; `all` is how many the edge has. */
static void
find_samples (guint first, guint n, guint subsampled, guint neighbours,
              gsize all, gsize range[2])
{
  gsize from = first >> subsampled;
  gsize last = (first + n - 1) >> subsampled;

  range[0] = from - MIN (from, neighbours);
  range[1] = MIN (last + neighbours + 1, all);
}

/* Makes the part of a component's plane large enough for it. */
static void
cover (FeFrameUpload *self, const FeclipFrame *frame, const FeRect *part,
       guint index)
{
  const FePixelFormat *format = self->format;
  const FeComponent *component = &format->components[index];
  FePlaneRegion *plane = &self->planes[component->plane];
  gboolean chroma = fe_pixel_format_is_chroma (format, index);
  guint x = chroma ? format->subsampled_x : 0;
  guint y = chroma ? format->subsampled_y : 0;
  /* Interpolation looks one sample ahead in both directions or in none. */
  guint neighbours = x || y;
  gsize columns[2], rows[2];

  find_samples (part->x, part->width, x, neighbours,
                subsample (frame->width, x), columns);
  find_samples (part->y, part->height, y, neighbours,
                subsample (frame->height, y), rows);
  plane->first_byte =
      MIN (plane->first_byte, columns[0] * component->step + component->offset);
  plane->end_byte = MAX (plane->end_byte, (columns[1] - 1) * component->step
                                              + component->offset + 1);
  plane->first_row = MIN (plane->first_row, rows[0]);
  plane->end_row = MAX (plane->end_row, rows[1]);
}

static gsize
row_size (const FePlaneRegion *plane)
{
  return plane->end_byte - plane->first_byte;
}

/* Whether the kernels' 32-bit addresses reach all samples of a component in the
 * device's memory. */
static gboolean
is_addressable (const FeclipFrame *frame, const FePixelFormat *format, guint c)
{
  const FeComponent *component = &format->components[c];
  gboolean chroma = fe_pixel_format_is_chroma (format, c);
  guint rows = subsample (frame->height, chroma ? format->subsampled_y : 0);
  guint columns = subsample (frame->width, chroma ? format->subsampled_x : 0);
  guint64 stride = frame->strides[component->plane];
  guint64 offset = frame->offsets[component->plane];

  /* With both in 32 bits the sum cannot overflow. */
  return stride <= G_MAXUINT32 && offset <= G_MAXUINT32
         && offset + (rows - 1) * stride
                    + (guint64)(columns - 1) * component->step
                    + component->offset
                <= G_MAXUINT32;
}

/* Plans reading a frame where it lies in the device's memory. */
static gboolean
plan_in_place (FeFrameUpload *self, const FeclipFrame *frame, GError **error)
{
  for (guint c = 0; c < 3; c++) {
    const FeComponent *component = &self->format->components[c];
    guint p = component->plane;

    if (!is_addressable (frame, self->format, c)) {
      g_set_error (
          error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
          "plane %u of a frame of %u×%u pixels in %s at %" G_GSIZE_FORMAT
          " with a stride of %" G_GSIZE_FORMAT
          " bytes does not lie in the first 4 GiB of the device's "
          "memory, beyond which frames cannot be read",
          p, frame->width, frame->height, self->format->name, frame->offsets[p],
          frame->strides[p]);
      return FALSE;
    }
    self->stride[c] = frame->strides[p];
    self->origin[c] = (gint64)frame->offsets[p] + component->offset;
  }
  return TRUE;
}

/* Plans copying the bytes of a part, plane after plane. */
static void
plan_copy (FeFrameUpload *self, const FeclipFrame *frame, const FeRect *part)
{
  const FePixelFormat *format = self->format;

  for (guint p = 0; p < format->n_planes; p++)
    self->planes[p] =
        (FePlaneRegion){.first_byte = G_MAXSIZE, .first_row = G_MAXSIZE};
  for (guint c = 0; c < 3; c++)
    cover (self, frame, part, c);

  for (guint p = 0; p < format->n_planes; p++) {
    FePlaneRegion *plane = &self->planes[p];
    guint64 rows = plane->end_row - plane->first_row;
    guint64 size = rows * row_size (plane);

    plane->base = self->size;
    self->size += (size + PLANE_ALIGN - 1) / PLANE_ALIGN * PLANE_ALIGN;
  }
  for (guint c = 0; c < 3; c++) {
    const FeComponent *component = &format->components[c];
    const FePlaneRegion *plane = &self->planes[component->plane];

    self->stride[c] = row_size (plane);
    self->origin[c] =
        (gint64)(plane->base + component->offset)
        - (gint64)(plane->first_byte
                   + (guint64)plane->first_row * row_size (plane));
  }
}

gboolean
fe_frame_upload_init (FeFrameUpload *self, const FeclipFrame *frame,
                      const FeRect *part, GError **error)
{
  *self = (FeFrameUpload){.format = fe_pixel_format_get (frame->format)};
  if (frame->memory)
    return plan_in_place (self, frame, error);
  plan_copy (self, frame, part);
  return TRUE;
}

void
fe_frame_upload_copy (const FeFrameUpload *self, const FeclipFrame *frame,
                      guint8 *dst)
{
  for (guint p = 0; p < self->format->n_planes; p++) {
    const FePlaneRegion *plane = &self->planes[p];
    gsize size = row_size (plane);
    gsize rows = plane->end_row - plane->first_row;
    gsize stride = frame->strides[p];
    const guint8 *from =
        frame->planes[p] + plane->first_row * stride + plane->first_byte;
    guint8 *to = dst + plane->base;

    if (stride == size) {
      memcpy (to, from, size * rows);
      continue;
    }
    for (gsize row = 0; row < rows; row++)
      memcpy (to + row * size, from + row * stride, size);
  }
}
