/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* From premultiplied ARGB of 8 bits to the channels, alpha first, that a video
 * format has when it is unpacked: AYUV or ARGB of 8 or 16 bits. */
typedef struct {
  gint32 factors[4][4];
} GstFeclipColorMatrix;

/* @unpacked: the format that frames as @info says are unpacked to */
void gst_feclip_color_matrix_init (GstFeclipColorMatrix *self,
                                   const GstVideoInfo *info,
                                   const GstVideoFormatInfo *unpacked);

/* Converts @n pixels of @argb, in native order, to four channels each, which
 * come out premultiplied too: guint16 if the unpacked format is @deep, else
 * guint8. */
void gst_feclip_color_matrix_convert (const GstFeclipColorMatrix *self,
                                      const guint32 *argb, guint n,
                                      gboolean deep, gpointer pixels);

G_END_DECLS
