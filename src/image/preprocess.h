/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a frame's own pixels to the network's patches.
 *
 * Color conversion by the frame's colorimetry, antialiased bicubic resizing,
 * crop or stretch, normalisation; all on the device. Ignored pixels are
 * painted with those beside them. A frame may be cut into tiles, which are
 * stretched: they are uploaded together and fill the patches one after another.
 * One stream's state. */
#pragma once

#include <feclip/frame.h>
#include <feclip/settings.h>

#include "image/ignore_mask.h"
#include "compute/matrix.h"
#include "image/polygons.h"
#include "image/tiling.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

typedef struct _FePreprocess FePreprocess;

/* Will fill `patches` [G·G][3·p·p]: one row per patch, row-major over the grid,
 * columns in the order (channel, y, x) of CLIP's patch kernel [D,3,p,p].
 * image_size = G·p. */
FePreprocess *fe_preprocess_new (FeDevice *device, guint image_size,
                                 guint patch_size, FeclipFit fit,
                                 const FeMatrix *patches);

void fe_preprocess_free (FePreprocess *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePreprocess, fe_preprocess_free)

/* Cuts frames into tiles; before the first one. */
void fe_preprocess_set_tiling (FePreprocess *self, const FeTiling *tiling);

/* What is ignored from the next frame on, whose commands are then void. Takes
 * the polygons over; NULL: nothing is. */
void fe_preprocess_take_polygons (FePreprocess *self, FePolygons *polygons);

/* Says that the next frame prepared for is this part of a larger one, on which
 * the polygons lie. Commands recorded before may then be void. */
void fe_preprocess_set_view (FePreprocess *self, const FeRect *part,
                             guint frame_width, guint frame_height);

/* Gets ready for frames of this one's format, size, colorimetry and
 * orientation: checks them, and where they differ from the last frame's makes
 * buffers and filters anew and sets *changed: commands recorded before are then
 * void. No commands may be running. */
gboolean fe_preprocess_prepare (FePreprocess *self, const FeclipFrame *frame,
                                gboolean *changed, GError **error);

/* Tiles of the frames prepared for. */
const FeTiles *fe_preprocess_get_tiles (const FePreprocess *self);

/* What is ignored in them, or NULL for nothing. */
const FeIgnoreMask *fe_preprocess_get_mask (const FePreprocess *self);

/* Records the kernels for the frames prepared for, or for one tile of them. */
void fe_preprocess_record (FePreprocess *self, FeCommands *commands);
void fe_preprocess_record_tile (FePreprocess *self, guint tile,
                                FeCommands *commands);

/* Records them so that they fill other patches of the same shape. */
void fe_preprocess_record_to (FePreprocess *self, const FeMatrix *patches,
                              FeCommands *commands);

/* Copies a frame's pixels to where those kernels read them, unless they lie on
 * the device. */
gboolean fe_preprocess_upload (FePreprocess *self, const FeclipFrame *frame,
                               GError **error);

/* The part of the stored frame that the network sees, in a tile or in the only
 * one, as shares of the frame's width and height. */
void fe_preprocess_get_region (const FePreprocess *self, double *x, double *y,
                               double *width, double *height);
void fe_preprocess_get_tile_region (const FePreprocess *self, guint tile,
                                    double *x, double *y, double *width,
                                    double *height);

/* Turns a map that lies upright, as the network saw the frame, into one that
 * lies as the frame is stored. dst is [height][width] with both exchanged where
 * the orientation exchanges rows and columns; edge = map's edge, maps are
 * square. */
void fe_preprocess_map_to_stored (const FePreprocess *self,
                                  const float *upright, guint edge, float *dst);

G_END_DECLS
