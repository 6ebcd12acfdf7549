/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/frame_reader.h"

#include "feclip/vulkan/copy.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* 256 colours of 4 bytes. */
#define PALETTE_SIZE ((gsize)1024)

/* The formats that the library reads without conversion. Alpha is ignored. */
static const struct {
  GstVideoFormat gst;
  FeclipPixelFormat feclip;
} native_formats[] = {
    {GST_VIDEO_FORMAT_RGB, FECLIP_PIXEL_FORMAT_RGB},
    {GST_VIDEO_FORMAT_BGR, FECLIP_PIXEL_FORMAT_BGR},
    {GST_VIDEO_FORMAT_RGBx, FECLIP_PIXEL_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_RGBA, FECLIP_PIXEL_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_BGRx, FECLIP_PIXEL_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_BGRA, FECLIP_PIXEL_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_xRGB, FECLIP_PIXEL_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_ARGB, FECLIP_PIXEL_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_xBGR, FECLIP_PIXEL_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_ABGR, FECLIP_PIXEL_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_GRAY8, FECLIP_PIXEL_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_I420, FECLIP_PIXEL_FORMAT_I420},
    {GST_VIDEO_FORMAT_A420, FECLIP_PIXEL_FORMAT_I420},
    {GST_VIDEO_FORMAT_YV12, FECLIP_PIXEL_FORMAT_YV12},
    {GST_VIDEO_FORMAT_NV12, FECLIP_PIXEL_FORMAT_NV12},
    {GST_VIDEO_FORMAT_AV12, FECLIP_PIXEL_FORMAT_NV12},
    {GST_VIDEO_FORMAT_NV21, FECLIP_PIXEL_FORMAT_NV21},
    {GST_VIDEO_FORMAT_Y42B, FECLIP_PIXEL_FORMAT_Y42B},
    {GST_VIDEO_FORMAT_YUY2, FECLIP_PIXEL_FORMAT_YUY2},
    {GST_VIDEO_FORMAT_UYVY, FECLIP_PIXEL_FORMAT_UYVY},
    {GST_VIDEO_FORMAT_Y444, FECLIP_PIXEL_FORMAT_Y444},
};

/* GST_VULKAN_IMAGE_MEMORY_ALLOCATOR_NAME, also without GStreamer's headers for
 * Vulkan. */
#define VULKAN_IMAGE_MEMORY "VulkanImage"

struct _GstFeclipFrameReader {
  GstVideoInfo info;
  GstVideoFrame frame; /* between open and close: mapped; without a buffer if
                        * the frame is not in system memory */
  GstFeclipVulkanCopy *copy; /* NULL before the first frame in Vulkan images */
  FeclipModel *model;

  /* For formats that the library does not read: made for the first frame, and
   * again when a buffer's own size differs from the last one's. */
  GstVideoConverter *converter;
  GstVideoInfo source_info;
  GstVideoInfo converted_info;
  GstBuffer *converted;
};

GstFeclipFrameReader *
gst_feclip_frame_reader_new (FeclipModel *model, const GstVideoInfo *info)
{
  GstFeclipFrameReader *self = g_new0 (GstFeclipFrameReader, 1);

  self->model = g_object_ref (model);
  self->info = *info;
  return self;
}

static void
drop_converter (GstFeclipFrameReader *self)
{
  g_clear_pointer (&self->converter, gst_video_converter_free);
  gst_clear_buffer (&self->converted);
}

void
gst_feclip_frame_reader_free (GstFeclipFrameReader *self)
{
  if (self == NULL)
    return;
  drop_converter (self);
  gst_feclip_vulkan_copy_free (self->copy);
  g_object_unref (self->model);
  g_free (self);
}

/* The first component that lies in @plane. */
static int
first_component (const GstVideoFormatInfo *format, guint plane)
{
  int components[GST_VIDEO_MAX_COMPONENTS];

  gst_video_format_info_component (format, plane, components);
  return components[0];
}

/* Bytes of @width pixels in a row of @plane, up to the last component's first
 * byte. */
static gsize
row_size (const GstVideoFormatInfo *format, guint plane, guint width)
{
  gsize size = 0;

  for (guint c = 0; c < GST_VIDEO_FORMAT_INFO_N_COMPONENTS (format); c++) {
    gsize columns = GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (format, c, width);

    if (GST_VIDEO_FORMAT_INFO_PLANE (format, c) == plane)
      size = MAX (size, GST_VIDEO_FORMAT_INFO_POFFSET (format, c) + 1
                            + (columns - 1)
                                  * GST_VIDEO_FORMAT_INFO_PSTRIDE (format, c));
  }
  return size;
}

/* Returns: whether @width by @height pixels of @plane lie in the buffer's
 * memory, which a GstVideoMeta alone does not ensure */
static gboolean
holds_plane (const GstVideoFrame *frame, guint width, guint height, guint plane)
{
  const GstVideoFormatInfo *format = frame->info.finfo;
  const GstMapInfo *map = &frame->map[frame->meta != NULL ? plane : 0];
  const guint8 *start = GST_VIDEO_FRAME_PLANE_DATA (frame, plane);
  gssize stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane);
  int component = first_component (format, plane);
  gssize rows = 0, first = start - map->data, last = 0;

  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE (format)
      && plane == GST_VIDEO_COMP_PALETTE)
    return first + PALETTE_SIZE <= map->size;
  rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (format, component, height);
  last = first + stride * (rows - 1);
  return MIN (first, last) >= 0
         && MAX (first, last) + row_size (format, plane, width) <= map->size;
}

static gboolean
holds_planes (const GstVideoFrame *frame, guint width, guint height)
{
  /* The stride of a tiled format counts tiles, not bytes. */
  if (GST_VIDEO_FORMAT_INFO_IS_TILED (frame->info.finfo))
    return TRUE;
  for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES (frame); plane++)
    if (!holds_plane (frame, width, height, plane))
      return FALSE;
  return TRUE;
}

/* Bytes from @plane's first pixel to the first visible one. */
static gsize
skipped_size (const GstVideoInfo *info, const GstVideoRectangle *visible,
              guint plane)
{
  const GstVideoFormatInfo *format = info->finfo;
  int component = first_component (format, plane);
  gsize row = visible->y >> GST_VIDEO_FORMAT_INFO_H_SUB (format, component);
  gsize column = visible->x >> GST_VIDEO_FORMAT_INFO_W_SUB (format, component);

  return GST_VIDEO_INFO_PLANE_STRIDE (info, plane) * row
         + column * GST_VIDEO_FORMAT_INFO_PSTRIDE (format, component);
}

/* Returns: whether the library can walk over the frame where it lies: rows run
 * forwards in memory and begin on a sample of every component */
static gboolean
is_walkable (const GstVideoInfo *info, const GstVideoRectangle *visible)
{
  const GstVideoFormatInfo *format = info->finfo;

  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES (info); plane++)
    if (GST_VIDEO_INFO_PLANE_STRIDE (info, plane) < 0)
      return FALSE;
  for (guint c = 0; c < GST_VIDEO_FORMAT_INFO_N_COMPONENTS (format); c++) {
    int w_mask = (1 << GST_VIDEO_FORMAT_INFO_W_SUB (format, c)) - 1;
    int h_mask = (1 << GST_VIDEO_FORMAT_INFO_H_SUB (format, c)) - 1;

    if ((visible->x & w_mask) != 0 || (visible->y & h_mask) != 0)
      return FALSE;
  }
  return TRUE;
}

/* Of a native format, without the alpha planes. */
static guint
count_planes (const GstVideoInfo *info)
{
  return MIN (GST_VIDEO_INFO_N_PLANES (info), FECLIP_FRAME_MAX_PLANES);
}

static FeclipColorRange
color_range (const GstVideoInfo *info)
{
  switch (GST_VIDEO_INFO_COLORIMETRY (info).range) {
  case GST_VIDEO_COLOR_RANGE_0_255:
    return FECLIP_COLOR_RANGE_FULL;
  case GST_VIDEO_COLOR_RANGE_16_235:
    return FECLIP_COLOR_RANGE_LIMITED;
  default:
    return FECLIP_COLOR_RANGE_DEFAULT;
  }
}

/* Fills the color range, matrix and chroma site of @view. */
static void
view_colors (const GstVideoInfo *info, FeclipFrame *view)
{
  GstVideoChromaSite site = GST_VIDEO_INFO_CHROMA_SITE (info);

  view->range = color_range (info);
  /* Leaves both at 0, BT.601, for a matrix that has no such weights. */
  gst_video_color_matrix_get_Kr_Kb (GST_VIDEO_INFO_COLORIMETRY (info).matrix,
                                    &view->kr, &view->kb);
  if (site & GST_VIDEO_CHROMA_SITE_H_COSITED)
    view->chroma_site |= FECLIP_CHROMA_SITE_H_COSITED;
  if (site & GST_VIDEO_CHROMA_SITE_V_COSITED)
    view->chroma_site |= FECLIP_CHROMA_SITE_V_COSITED;
}

static gboolean
find_native (GstVideoFormat format, FeclipPixelFormat *found)
{
  for (guint i = 0; i < G_N_ELEMENTS (native_formats); i++) {
    if (native_formats[i].gst == format) {
      *found = native_formats[i].feclip;
      return TRUE;
    }
  }
  return FALSE;
}

/* Fills all of @view but the addresses of its planes.
 * Returns: whether the library can read it there */
static gboolean
describe (const GstVideoInfo *info, const GstVideoRectangle *visible,
          FeclipFrame *view)
{
  FeclipPixelFormat format;

  if (!find_native (GST_VIDEO_INFO_FORMAT (info), &format)
      || !is_walkable (info, visible))
    return FALSE;
  *view = (FeclipFrame){
      .format = format,
      .width = visible->w,
      .height = visible->h,
  };
  for (guint plane = 0; plane < count_planes (info); plane++)
    view->strides[plane] = GST_VIDEO_INFO_PLANE_STRIDE (info, plane);
  view_colors (info, view);
  return TRUE;
}

static gboolean
view_native (const GstVideoFrame *frame, const GstVideoRectangle *visible,
             FeclipFrame *view)
{
  const GstVideoInfo *info = &frame->info;

  if (!describe (info, visible, view))
    return FALSE;
  for (guint plane = 0; plane < count_planes (info); plane++)
    view->planes[plane] =
        (const guint8 *)GST_VIDEO_FRAME_PLANE_DATA (frame, plane)
        + skipped_size (info, visible, plane);
  return TRUE;
}

/* The native format that loses least: colours stay as they are, so that only
 * bits and subsampling are converted. */
static GstVideoFormat
nearest_native (const GstVideoFormatInfo *format)
{
  if (GST_VIDEO_FORMAT_INFO_IS_YUV (format))
    return GST_VIDEO_FORMAT_Y444;
  if (GST_VIDEO_FORMAT_INFO_IS_GRAY (format))
    return GST_VIDEO_FORMAT_GRAY8;
  return GST_VIDEO_FORMAT_RGBx;
}

static gboolean
make_converter (GstFeclipFrameReader *self)
{
  const GstVideoInfo *source = &self->frame.info;
  GstVideoInfo *info = &self->converted_info;

  drop_converter (self);
  self->source_info = *source;
  if (!gst_video_info_set_interlaced_format (
          info, nearest_native (source->finfo),
          GST_VIDEO_INFO_INTERLACE_MODE (source), source->width,
          source->height))
    return FALSE;
  info->colorimetry = source->colorimetry;
  /* The converter requires equal frame rates. */
  info->fps_n = source->fps_n;
  info->fps_d = source->fps_d;
  self->converter = gst_video_converter_new (source, info, NULL);
  if (self->converter == NULL)
    return FALSE;
  self->converted = gst_buffer_new_allocate (NULL, info->size, NULL);
  GST_DEBUG ("converting %s frames to %s", GST_VIDEO_INFO_NAME (source),
             GST_VIDEO_INFO_NAME (info));
  return TRUE;
}

/* Converts the mapped frame, then holds the converted one in its place. All of
 * it: the converter can begin at even places only. */
static gboolean
convert (GstFeclipFrameReader *self)
{
  GstVideoFrame converted;

  if (self->converter == NULL
      || !gst_video_info_is_equal (&self->source_info, &self->frame.info)) {
    if (!make_converter (self))
      return FALSE;
  }
  if (!gst_video_frame_map (&converted, &self->converted_info, self->converted,
                            GST_MAP_READWRITE))
    return FALSE;
  gst_video_converter_frame (self->converter, &self->frame, &converted);
  gst_video_frame_unmap (&self->frame);
  self->frame = converted;
  return TRUE;
}

/* Of frames that are stored in a size of @width by @height. */
static GstVideoRectangle
visible_part (const GstFeclipFrameReader *self, GstBuffer *buffer, int width,
              int height)
{
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (buffer);
  GstVideoRectangle part = {
      .w = MIN (self->info.width, width),
      .h = MIN (self->info.height, height),
  };

  if (crop != NULL && crop->width > 0 && crop->height > 0
      && (guint64)crop->x + crop->width <= (guint)width
      && (guint64)crop->y + crop->height <= (guint)height)
    part = (GstVideoRectangle){crop->x, crop->y, crop->width, crop->height};
  return part;
}

static gboolean
open_mapped (GstFeclipFrameReader *self, GstBuffer *buffer, FeclipFrame *frame)
{
  const GstVideoInfo *stored = &self->frame.info;
  GstVideoRectangle visible;

  if (!gst_video_frame_map (&self->frame, &self->info, buffer, GST_MAP_READ))
    return FALSE;
  visible = visible_part (self, buffer, stored->width, stored->height);
  if (holds_planes (&self->frame, visible.x + visible.w, visible.y + visible.h)
      && view_native (&self->frame, &visible, frame))
    return TRUE;
  if (holds_planes (&self->frame, stored->width, stored->height)
      && convert (self) && view_native (&self->frame, &visible, frame))
    return TRUE;
  gst_video_frame_unmap (&self->frame);
  return FALSE;
}

static gboolean
open_system (GstFeclipFrameReader *self, GstBuffer *buffer, FeclipFrame *frame,
             GError **error)
{
  if (open_mapped (self, buffer, frame))
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
               "A buffer of %" G_GSIZE_FORMAT " bytes does not hold a frame "
               "of the size and format that its caps announce.",
               gst_buffer_get_size (buffer));
  return FALSE;
}

/* Begins to copy the images, unless that has begun. */
static gboolean
begin_copy (GstFeclipFrameReader *self, GstBuffer *buffer, GError **error)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  int width = meta != NULL ? (int)meta->width : self->info.width;
  int height = meta != NULL ? (int)meta->height : self->info.height;
  GstVideoRectangle visible = visible_part (self, buffer, width, height);
  FeclipFrame frame;

  if (self->copy == NULL)
    self->copy = gst_feclip_vulkan_copy_new (self->model, &self->info);
  return gst_feclip_vulkan_copy_has_begun (self->copy, buffer)
         || gst_feclip_vulkan_copy_begin (
             self->copy, buffer, describe (&self->info, &visible, &frame),
             error);
}

static gboolean
open_images (GstFeclipFrameReader *self, GstBuffer *buffer, FeclipFrame *frame,
             GError **error)
{
  const GstFeclipVulkanFrame *copy = NULL;
  GstVideoRectangle visible;

  if (!begin_copy (self, buffer, error))
    return FALSE;
  copy = gst_feclip_vulkan_copy_finish (self->copy, error);
  if (copy == NULL)
    return FALSE;
  if (copy->buffer != NULL)
    return open_system (self, copy->buffer, frame, error);
  visible = visible_part (self, buffer, copy->info.width, copy->info.height);
  describe (&copy->info, &visible, frame);
  frame->memory = copy->memory;
  for (guint plane = 0; plane < count_planes (&copy->info); plane++)
    frame->offsets[plane] = GST_VIDEO_INFO_PLANE_OFFSET (&copy->info, plane)
                            + skipped_size (&copy->info, &visible, plane);
  return TRUE;
}

static gboolean
is_in_vulkan_images (GstBuffer *buffer)
{
  return gst_buffer_n_memory (buffer) > 0
         && gst_memory_is_type (gst_buffer_peek_memory (buffer, 0),
                                VULKAN_IMAGE_MEMORY);
}

void
gst_feclip_frame_reader_take (GstFeclipFrameReader *self, GstBuffer *buffer)
{
  if (!is_in_vulkan_images (buffer) || !begin_copy (self, buffer, NULL))
    return;
  /* GStreamer 1.22's vulkanupload has one piece of memory that it uploads from,
   * and writes the next frame to it without asking whether the device has read
   * this one. Behind it in the queue, the copy tells. */
  gst_feclip_vulkan_copy_wait (self->copy);
}

gboolean
gst_feclip_frame_reader_open (GstFeclipFrameReader *self, GstBuffer *buffer,
                              FeclipFrame *frame, GError **error)
{
  self->frame = (GstVideoFrame){0};
  if (is_in_vulkan_images (buffer))
    return open_images (self, buffer, frame, error);
  return open_system (self, buffer, frame, error);
}

void
gst_feclip_frame_reader_close (GstFeclipFrameReader *self)
{
  if (self->frame.buffer != NULL)
    gst_video_frame_unmap (&self->frame);
}
