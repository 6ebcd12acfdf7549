/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "still/image_file.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/base/gsttypefindhelper.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

/* Bytes from the start of a file for detecting its type. */
#define HEAD_SIZE (64 * 1024)
/* Longer than any working decoder takes for one image. */
#define DECODE_TIMEOUT (30 * GST_SECOND)
/* The largest image that cairo can hold. */
#define CAPS_SIZE "width = [ 1, 32767 ], height = [ 1, 32767 ]"
#define CANNOT_DECODE \
  "cannot be decoded, it is damaged or has an edge of over 32767 pixels"

struct _FeStillImage {
  GstSample *sample;
  GstVideoFrame video;
  FeclipFrame frame;
};

/*
 * Formats that image decoders output. They are used without conversion because
 * GStreamer's fast conversions from YUV to RGB round coarsely.
 */
static const struct {
  GstVideoFormat video;
  FeclipPixelFormat frame;
} formats[] = {
    {GST_VIDEO_FORMAT_RGB, FECLIP_PIXEL_FORMAT_RGB},
    {GST_VIDEO_FORMAT_BGR, FECLIP_PIXEL_FORMAT_BGR},
    {GST_VIDEO_FORMAT_RGBx, FECLIP_PIXEL_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_BGRx, FECLIP_PIXEL_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_GRAY8, FECLIP_PIXEL_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_I420, FECLIP_PIXEL_FORMAT_I420},
    {GST_VIDEO_FORMAT_Y42B, FECLIP_PIXEL_FORMAT_Y42B},
    {GST_VIDEO_FORMAT_Y444, FECLIP_PIXEL_FORMAT_Y444},
};

GstCaps *
fe_still_image_make_caps (void)
{
  g_autoptr (GString) text = g_string_new ("video/x-raw, " CAPS_SIZE);

  g_string_append (text, ", format = { ");
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            gst_video_format_to_string (formats[i].video));
  g_string_append (text, " }");
  return gst_caps_from_string (text->str);
}

/* The first bytes of a file. */
static GBytes *
read_head (const char *path, GError **error)
{
  g_autofree guint8 *head = g_malloc (HEAD_SIZE);
  FILE *file = fopen (path, "rbe");
  gsize size = file ? fread (head, 1, HEAD_SIZE, file) : 0;
  gboolean failed = !file || ferror (file);

  if (failed)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "cannot be read: %s",
                 g_strerror (errno));
  if (file)
    fclose (file);
  return failed ? NULL : g_bytes_new_take (g_steal_pointer (&head), size);
}

char *
fe_still_image_find_media_type (const char *path, GError **error)
{
  g_autoptr (GBytes) head = read_head (path, error);
  g_autoptr (GstCaps) caps = NULL;

  if (!head)
    return NULL;
  if (g_bytes_get_size (head) == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT, "the file is empty");
    return NULL;
  }
  caps = gst_type_find_helper_for_data (NULL, g_bytes_get_data (head, NULL),
                                        g_bytes_get_size (head), NULL);
  if (!caps) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "not an image of any known kind");
    return NULL;
  }
  return g_strdup (gst_structure_get_name (gst_caps_get_structure (caps, 0)));
}

static guint
get_file_size (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 ? CLAMP (status.st_size, 1, G_MAXUINT) : 1;
}

/*
 * Returns: the elements between the file source and decodebin. Decoders without
 * a parser before them, for instance those of BMP and TIFF, take the first
 * buffer for the whole image; a queue makes the source push the file as one
 * block.
 */
static const char *
get_input (const char *media_type)
{
  /* Handled by a demuxer, which pulls the data itself. */
  if (g_str_equal (media_type, "image/gif"))
    return "";
  /* Only the parser reads the orientation tag, and decodebin omits the parser
   * before GStreamer 1.26. */
  if (g_str_equal (media_type, "image/jpeg"))
    return "queue max-size-bytes=0 ! jpegparse !";
  return "queue max-size-bytes=0 !";
}

static GstElement *
make_pipeline (const char *path, const char *media_type, GError **error)
{
  g_autofree char *description =
      g_strdup_printf ("filesrc name=source ! %s decodebin ! videoconvert ! "
                       "videoflip video-direction=auto ! appsink name=sink",
                       get_input (media_type));
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstCaps) caps = fe_still_image_make_caps ();

  pipeline = gst_parse_launch_full (description, NULL,
                                    GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!pipeline)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (source, "location", path, "blocksize", get_file_size (path),
                NULL);
  g_object_set (sink, "caps", caps, NULL);
  return g_object_ref_sink (g_steal_pointer (&pipeline));
}

/* Waits until the first frame has reached the sink. */
static GstSample *
pull_sample (GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstMessage) message = NULL;
  GstSample *sample;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (
      bus, DECODE_TIMEOUT, GST_MESSAGE_ERROR | GST_MESSAGE_ASYNC_DONE);
  if (!message) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "decoding takes too long");
    return NULL;
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) cause = NULL;

    gst_message_parse_error (message, &cause, NULL);
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT, CANNOT_DECODE ": %s",
                 cause->message);
    return NULL;
  }
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  sample = gst_app_sink_try_pull_preroll (GST_APP_SINK (sink), 0);
  if (!sample)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT, CANNOT_DECODE);
  return sample;
}

static GstSample *
decode (const char *path, GError **error)
{
  g_autofree char *media_type = fe_still_image_find_media_type (path, error);
  g_autoptr (GstElement) pipeline = NULL;
  GstSample *sample;

  if (!media_type)
    return NULL;
  if (!g_str_has_prefix (media_type, "image/")) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "not an image but %s%s", media_type,
                 g_str_has_prefix (media_type, "video/")
                     ? ", which the element feclip analyses in a GStreamer "
                       "pipeline"
                     : "");
    return NULL;
  }
  pipeline = make_pipeline (path, media_type, error);
  if (!pipeline)
    return NULL;
  sample = pull_sample (pipeline, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return sample;
}

static FeclipChromaSite
get_chroma_site (GstVideoChromaSite site)
{
  FeclipChromaSite frame_site = FECLIP_CHROMA_SITE_CENTER;

  if (site & GST_VIDEO_CHROMA_SITE_H_COSITED)
    frame_site |= FECLIP_CHROMA_SITE_H_COSITED;
  if (site & GST_VIDEO_CHROMA_SITE_V_COSITED)
    frame_site |= FECLIP_CHROMA_SITE_V_COSITED;
  return frame_site;
}

static void
describe_frame (const GstVideoFrame *video, FeclipFrame *frame)
{
  const GstVideoInfo *info = &video->info;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].video == GST_VIDEO_INFO_FORMAT (info))
      frame->format = formats[i].frame;
  frame->width = GST_VIDEO_INFO_WIDTH (info);
  frame->height = GST_VIDEO_INFO_HEIGHT (info);
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES (info); i++) {
    frame->planes[i] = GST_VIDEO_FRAME_PLANE_DATA (video, i);
    frame->strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE (video, i);
  }
  if (info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255)
    frame->range = FECLIP_COLOR_RANGE_FULL;
  else if (info->colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235)
    frame->range = FECLIP_COLOR_RANGE_LIMITED;
  /* Leaves both at 0 if the matrix is unknown. */
  gst_video_color_matrix_get_Kr_Kb (info->colorimetry.matrix, &frame->kr,
                                    &frame->kb);
  frame->chroma_site = get_chroma_site (info->chroma_site);
  frame->orientation = FECLIP_ORIENTATION_UPRIGHT;
}

FeStillImage *
fe_still_image_new_from_sample (GstSample *sample, const char *name,
                                GError **error)
{
  g_autoptr (FeStillImage) self = g_new0 (FeStillImage, 1);
  GstVideoInfo info;

  self->sample = sample;
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (self->sample))
      || !gst_video_frame_map (&self->video, &info,
                               gst_sample_get_buffer (self->sample),
                               GST_MAP_READ)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: the decoded image cannot be read", name);
    return NULL;
  }
  describe_frame (&self->video, &self->frame);
  return g_steal_pointer (&self);
}

FeStillImage *
fe_still_image_new (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  GstSample *sample = decode (path, error);

  if (!sample) {
    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  return fe_still_image_new_from_sample (sample, name, error);
}

void
fe_still_image_free (FeStillImage *self)
{
  if (!self)
    return;
  if (self->video.buffer)
    gst_video_frame_unmap (&self->video);
  g_clear_pointer (&self->sample, gst_sample_unref);
  g_free (self);
}

const FeclipFrame *
fe_still_image_get_frame (FeStillImage *self)
{
  return &self->frame;
}

GstSample *
fe_still_image_get_sample (FeStillImage *self)
{
  return self->sample;
}

gboolean
fe_still_image_has_extension (const char *path)
{
  static const char *const extensions[] = {
      ".bmp", ".gif", ".jp2", ".jpeg", ".jpg",  ".pbm", ".pgm",
      ".png", ".pnm", ".ppm", ".tif",  ".tiff", ".webp"};
  const char *dot = strrchr (path, '.');

  for (gsize i = 0; dot && i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (dot, extensions[i]) == 0)
      return TRUE;
  return FALSE;
}
