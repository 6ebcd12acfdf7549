/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_REFERENCES (feclip_references_get_type ())

/**
 * FeclipReferences:
 *
 * Features of a few normal images, for few-shot detection: for each tap the
 * L2-normalised features of all patches, after the adapter if the model has
 * adapters. A detector with references (see feclip_detector_set_references())
 * compares every patch of a frame with them and so finds patches that look like
 * none in the normal images (FE-CLIP, section 4.6). PatchCore calls this a
 * memory bank.
 *
 * Thread-safe. Several detectors may share one object; each frame is compared
 * with the references that were there when its analysis began.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipReferences, feclip_references, FECLIP, REFERENCES,
                      GObject)

/**
 * feclip_references_new:
 * @detector: defines the network and its settings; not kept
 * @error: return location for an error
 *
 * Returns: (transfer full): references without images, for detectors with the
 *   same model and settings, or %NULL with @error set
 */
FECLIP_API
FeclipReferences *feclip_references_new (FeclipDetector *detector,
                                         GError **error);

/**
 * feclip_references_add:
 * @self: the references
 * @detector: runs the network; no other thread may use it during the call
 * @frame: a normal image; only read, and not needed after the call
 * @error: return location for an error
 *
 * Adds the features of one image. After an error the references are unchanged.
 * Blocks about as long as feclip_detector_analyse().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_references_add (FeclipReferences *self,
                                FeclipDetector *detector,
                                const FeclipFrame *frame, GError **error);

/**
 * feclip_references_get_count:
 * @self: the references
 *
 * Returns: the number of images that were added
 */
FECLIP_API
guint feclip_references_get_count (FeclipReferences *self);

/**
 * feclip_references_get_n_rows:
 * @self: the references
 *
 * Returns: the number of patches per tap: G·G for each image or, with tiles,
 *   for each tile of an image; fewer after feclip_references_reduce()
 */
FECLIP_API
guint feclip_references_get_n_rows (FeclipReferences *self);

/**
 * feclip_references_clear:
 * @self: the references
 *
 * Removes all images.
 */
FECLIP_API
void feclip_references_clear (FeclipReferences *self);

/**
 * feclip_references_reduce:
 * @self: the references
 * @limit: number of patches to keep for each tap; 0 keeps all
 *
 * Reduces the patches to a coreset by greedy k-centre selection, as PatchCore
 * does: starting with the first patch, repeatedly adds the patch that is
 * furthest from all patches selected so far. Deterministic. Does nothing if
 * there are at most @limit patches. Blocks for seconds if there are many;
 * meanwhile other threads use the patches from before.
 */
FECLIP_API
void feclip_references_reduce (FeclipReferences *self, guint limit);

/**
 * feclip_references_save:
 * @self: the references
 * @path: (type filename): the file to write; an existing one is replaced
 *   atomically
 * @error: return location for an error
 *
 * Writes all features as a safetensors file. Fails if there are none. Blocks
 * until it is written.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_references_save (FeclipReferences *self, const char *path,
                                 GError **error);

/**
 * feclip_references_load:
 * @self: the references
 * @path: (type filename): a file written by feclip_references_save()
 * @error: return location for an error
 *
 * Replaces the features by those of a file. Fails if the file is damaged or was
 * made with another network or other settings; @self is then unchanged. Blocks
 * while it reads.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_references_load (FeclipReferences *self, const char *path,
                                 GError **error);

/**
 * feclip_detector_set_references:
 * @self: a detector
 * @references: (nullable): normal images to compare frames with, or %NULL for
 *   none; the detector keeps a reference
 * @error: return location for an error
 *
 * From the next frame on, the distance to the references contributes to the map
 * and the score, provided that @references has at least one image. Fails if
 * they were made for another model or other settings; the detector is then
 * unchanged.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_detector_set_references (FeclipDetector *self,
                                         FeclipReferences *references,
                                         GError **error);

G_END_DECLS
