/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/mask.h"

#include <feclip/error.h>
#include <string.h>

#include "still/image_file.h"

/* Bytes per pixel of the first plane, and which of them hold brightness. */
typedef struct {
  guint size;
  guint first;
  guint n;
} Layout;

static Layout
get_layout (FeclipPixelFormat format)
{
  switch (format) {
  case FECLIP_PIXEL_FORMAT_RGB:
  case FECLIP_PIXEL_FORMAT_BGR:
    return (Layout){3, 0, 3};
  case FECLIP_PIXEL_FORMAT_RGBX:
  case FECLIP_PIXEL_FORMAT_BGRX:
    return (Layout){4, 0, 3};
  case FECLIP_PIXEL_FORMAT_XRGB:
  case FECLIP_PIXEL_FORMAT_XBGR:
    return (Layout){4, 1, 3};
  case FECLIP_PIXEL_FORMAT_YUY2:
    return (Layout){2, 0, 1};
  case FECLIP_PIXEL_FORMAT_UYVY:
    return (Layout){2, 1, 1};
  default:
    /* The first plane is luma. */
    return (Layout){1, 0, 1};
  }
}

static FeMask *
mask_new (const FeclipFrame *frame, gboolean lossy)
{
  const Layout layout = get_layout (frame->format);
  guint8 least = lossy ? 128 : 1;
  FeMask *self = g_new0 (FeMask, 1);

  self->width = frame->width;
  self->height = frame->height;
  self->pixels = g_new0 (guint8, (gsize)frame->width * frame->height);
  for (guint row = 0; row < frame->height; row++) {
    const guint8 *from =
        frame->planes[0] + row * frame->strides[0] + layout.first;
    guint8 *to = self->pixels + (gsize)row * frame->width;

    for (guint i = 0; i < frame->width; i++, from += layout.size)
      for (guint j = 0; j < layout.n; j++)
        to[i] |= from[j] >= least;
  }
  return self;
}

void
fe_mask_free (FeMask *self)
{
  if (!self)
    return;
  g_free (self->pixels);
  g_free (self);
}

static gboolean
is_lossy (const char *path)
{
  const char *dot = strrchr (path, '.');

  return dot
         && (g_ascii_strcasecmp (dot, ".jpg") == 0
             || g_ascii_strcasecmp (dot, ".jpeg") == 0);
}

FeMask *
fe_mask_read (const char *path, const FeclipFrame *image, GError **error)
{
  g_autoptr (FeStillImage) file = fe_still_image_new (path, error);
  const FeclipFrame *mask = file ? fe_still_image_get_frame (file) : NULL;

  if (!mask)
    return NULL;
  if (mask->width != image->width || mask->height != image->height) {
    g_autofree char *name = g_filename_display_name (path);

    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: the mask has %u×%u pixels and its image %u×%u", name,
                 mask->width, mask->height, image->width, image->height);
    return NULL;
  }
  return mask_new (mask, is_lossy (path));
}
