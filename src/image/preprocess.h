/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the pixels of a frame to the network's patches.
 *
 * Color conversion by the frame's colorimetry, antialiased bicubic resizing,
 * crop or stretch, normalisation; all on the device. Ignored pixels are filled
 * from the pixels beside them. A frame may be cut into tiles, which are
 * stretched: they are uploaded together and fill the patches one after another.
 * The state of one stream. */
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

/* Makes a preprocessing that fills `patches` [G·G][3·p·p]: one row per patch,
 * row-major over the grid, columns in the order (channel, y, x) of CLIP's patch
 * kernel [D,3,p,p]. image_size = G·p. */
FePreprocess *fe_preprocess_new (FeDevice *device, guint image_size,
                                 guint patch_size, FeclipFit fit,
                                 const FeMatrix *patches);

void fe_preprocess_free (FePreprocess *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePreprocess, fe_preprocess_free)

/* Cuts frames into tiles; call it before the first frame. */
void fe_preprocess_set_tiling (FePreprocess *self, const FeTiling *tiling);

/* Sets what is ignored from the next frame on. Takes ownership of the polygons;
 * NULL: nothing is ignored. Commands that were recorded before are invalid
 * then. */
void fe_preprocess_take_polygons (FePreprocess *self, FePolygons *polygons);

/* Says that the next frame is this part of a larger one, to which the polygons
 * refer. Commands that were recorded before may be invalid then. */
void fe_preprocess_set_view (FePreprocess *self, const FeRect *part,
                             guint frame_width, guint frame_height);

/* Prepares for frames of this format, size, colorimetry and orientation. Checks
 * the frame. Where these differ from those of the last frame, makes new buffers
 * and filters and sets *changed: commands that were recorded before are invalid
 * then. No commands may be running. */
gboolean fe_preprocess_prepare (FePreprocess *self, const FeclipFrame *frame,
                                gboolean *changed, GError **error);

/* The tiles of the frames prepared for. */
const FeTiles *fe_preprocess_get_tiles (const FePreprocess *self);

/* What is ignored in those frames, or NULL for nothing. */
const FeIgnoreMask *fe_preprocess_get_mask (const FePreprocess *self);

/* Records the kernels for the frames prepared for, or for one tile of them. */
void fe_preprocess_record (FePreprocess *self, FeCommands *commands);
void fe_preprocess_record_tile (FePreprocess *self, guint tile,
                                FeCommands *commands);

/* Records them to fill other patches of the same shape. */
void fe_preprocess_record_to (FePreprocess *self, const FeMatrix *patches,
                              FeCommands *commands);

/* Copies the pixels of a frame to where the kernels read them, unless they are
 * in the device's memory. */
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
