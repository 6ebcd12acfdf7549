/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffers with the same image in any format and size, for tests of elements.
 */
#pragma once

#include <gst/video/video.h>

/* A smooth, colourful image that looks different from each side.
 * Returns: (transfer full): a buffer as @info says, without metadata */
GstBuffer *image_new (const GstVideoInfo *info);

/* The same without colour, in a format that has colour. */
GstBuffer *image_new_gray (const GstVideoInfo *info);

/* Caps and info of a format with its default colorimetry. */
void image_info (GstVideoInfo *info, GstVideoFormat format, guint width,
                 guint height);
