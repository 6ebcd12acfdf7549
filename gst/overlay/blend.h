/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* A rectangle of an overlay: its place on the frame and its pixels,
 * premultiplied ARGB in native order without padding. */
typedef struct {
  gint x;
  gint y;
  guint width;
  guint height;
  GBytes *pixels;
} GstFeclipOverlayRegion;

/* Overlay regions prepared for the frames of one format: converted to its
 * colour system and depth by its colorimetry, with their transparent margins
 * known. Read only, so that several threads may use it. */
typedef struct _GstFeclipBlend GstFeclipBlend;

/* Returns: whether regions can be blended into frames as @info says, that is,
 * into all formats that GStreamer packs from 8 or 16 bits per channel */
gboolean gst_feclip_blend_supports (const GstVideoInfo *info);

/* @regions: (element-type GstFeclipOverlayRegion) (transfer full)
 * @info: of the frames, supported */
GstFeclipBlend *gst_feclip_blend_new (GPtrArray *regions,
                                      const GstVideoInfo *info);

/* NULL is allowed. */
void gst_feclip_blend_free (GstFeclipBlend *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipBlend, gst_feclip_blend_free)

/* Blends the regions into a frame mapped for reading and writing, @x and @y
 * pixels from its origin. Pixels under a transparent part keep their value to
 * the last bit. */
void gst_feclip_blend_apply (const GstFeclipBlend *self, GstVideoFrame *frame,
                             gint x, gint y);

G_END_DECLS
