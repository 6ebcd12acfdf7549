/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/mask_file.h"

#include <feclip/error.h>
#include <string.h>

#include "cli/image_surface.h"

static gboolean
is_lossy (const char *path)
{
  const char *dot = strrchr (path, '.');

  return dot
         && (g_ascii_strcasecmp (dot, ".jpg") == 0
             || g_ascii_strcasecmp (dot, ".jpeg") == 0);
}

FeMask *
fe_mask_file_read (const char *path, const FeclipFrame *image, GError **error)
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
  return fe_mask_new (mask, is_lossy (path));
}
