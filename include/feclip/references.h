/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_REFERENCES (feclip_references_get_type ())

/**
 * FeclipReferences:
 *
 * What a few normal images look like to a network: at each tap the features
 * of all their patches, of length one, after the adapter where there are
 * adapters. A detector that was given them with
 * feclip_detector_set_references() compares every patch of a frame with those
 * and so finds what none of the normal images has (FE-CLIP, section 4.6).
 *
 * All functions may be called from any thread, and several detectors may share
 * one memory: each frame is compared with what was in it when its analysis
 * began.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipReferences, feclip_references, FECLIP, REFERENCES,
                      GObject)

/**
 * feclip_references_new:
 * @detector: what tells which features are kept; not kept itself
 * @error: return location for an error
 *
 * Returns: (transfer full): a memory of no images, for detectors on the same
 *   model with the same settings, or %NULL
 */
FECLIP_API
FeclipReferences *feclip_references_new (FeclipDetector *detector,
                                         GError **error);

/**
 * feclip_references_add:
 * @self: a memory
 * @detector: runs the network; no other thread may use it meanwhile
 * @frame: a normal image; only read, and not needed after the call
 * @error: return location for an error
 *
 * Adds the features of one image, as a whole or, after an error, not at all.
 * Takes about as long as an analysis.
 *
 * Returns: whether it was added
 */
FECLIP_API
gboolean feclip_references_add (FeclipReferences *self,
                                FeclipDetector *detector,
                                const FeclipFrame *frame, GError **error);

/**
 * feclip_references_get_count:
 * @self: a memory
 *
 * Returns: how many images it was made from
 */
FECLIP_API
guint feclip_references_get_count (FeclipReferences *self);

/**
 * feclip_references_get_n_rows:
 * @self: a memory
 *
 * Returns: how many patches it holds for each tap: G·G for each image, or for
 *   each of its tiles, until feclip_references_reduce() was called
 */
FECLIP_API
guint feclip_references_get_n_rows (FeclipReferences *self);

/**
 * feclip_references_clear:
 * @self: a memory
 *
 * Forgets all images.
 */
FECLIP_API
void feclip_references_clear (FeclipReferences *self);

/**
 * feclip_references_reduce:
 * @self: a memory
 * @limit: patches to keep for each tap; 0 keeps all
 *
 * Keeps those patches that cover the others best (k-centre, greedily): first
 * the first one, then always the one that is furthest from all that are kept.
 * The same patches always give the same result. Does nothing where there are
 * not more than @limit. Takes seconds for a large memory; other threads go on
 * with what was there before.
 */
FECLIP_API
void feclip_references_reduce (FeclipReferences *self, guint limit);

/**
 * feclip_references_save:
 * @self: a memory
 * @path: (type filename): the file to write or to replace
 * @error: return location for an error
 *
 * Writes all features as a safetensors file. The old file, if there is one,
 * stays until the new one is whole.
 *
 * Returns: whether it was written
 */
FECLIP_API
gboolean feclip_references_save (FeclipReferences *self, const char *path,
                                 GError **error);

/**
 * feclip_references_load:
 * @self: a memory
 * @path: (type filename): what feclip_references_save() wrote
 * @error: return location for an error
 *
 * Takes the features of a file in the place of those that are there. Fails,
 * changing nothing, where the file is damaged or comes from another network or
 * other settings of it.
 *
 * Returns: whether it was loaded
 */
FECLIP_API
gboolean feclip_references_load (FeclipReferences *self, const char *path,
                                 GError **error);

/**
 * feclip_detector_set_references:
 * @self: a detector
 * @references: (nullable): normal images to compare with; a reference is
 *   kept. %NULL: none
 * @error: return location for an error
 *
 * From the next frame on, @references add to the map and to the score, as soon
 * as there is an image in them. Fails, changing nothing, where they were made
 * for another model or other settings.
 *
 * Returns: whether they were taken
 */
FECLIP_API
gboolean feclip_detector_set_references (FeclipDetector *self,
                                         FeclipReferences *references,
                                         GError **error);

G_END_DECLS
