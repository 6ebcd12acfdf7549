/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Overlay patches made ready for the frames of one format: converted to its
 * colour system and depth by its colorimetry, with what is transparent known.
 */
typedef struct _GstFeclipBlend GstFeclipBlend;

/* Whether frames as @info says can be blended into. All can that GStreamer
 * packs from 8 or 16 bits per channel. */
gboolean gst_feclip_blend_supports (const GstVideoInfo *info);

/* @patches: (element-type GstFeclipOverlayRegion) (transfer full)
 * Returns: (transfer full): what blends them into frames as @info says */
GstFeclipBlend *gst_feclip_blend_new (GPtrArray *patches,
                                      const GstVideoInfo *info);

void gst_feclip_blend_free (GstFeclipBlend *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipBlend, gst_feclip_blend_free)

/* Blends the patches into a frame mapped for reading and writing, @x and @y
 * pixels from its origin. Pixels under a transparent part keep their value to
 * the last bit. */
void gst_feclip_blend_apply (const GstFeclipBlend *self, GstVideoFrame *frame,
                             gint x, gint y);

G_END_DECLS
