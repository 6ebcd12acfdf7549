/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>

G_BEGIN_DECLS

/*
 * The normal images that the element compares frames with: its properties and
 * actions about them, and which frames are learnt. Thread-safe; the memory
 * itself may be shared by any number of detectors.
 */
typedef struct {
  GMutex lock;
  char *location; /* of what is learnt when the element is opened, or NULL */
  guint learn_frames; /* how many frames are learnt after that */
  guint limit;        /* of patches, as opened */
  guint to_learn; /* how many frames are still to be learnt; written atomically,
                   * so that a frame that is not takes no lock */
  FeclipReferences *memory; /* NULL while the element is closed */
  char *opened; /* the location that was learnt when it was opened, or NULL */
  guint n_located; /* images in the memory that are from that location */
} GstFeclipReferences;

/* The properties that are implemented here, as offsets from the first one. */
enum {
  GST_FECLIP_REFERENCES_LOCATION,
  GST_FECLIP_REFERENCES_LEARN_FRAMES,
  GST_FECLIP_REFERENCES_COUNT,
  GST_FECLIP_REFERENCES_N_PROPERTIES,
};

void gst_feclip_references_init (GstFeclipReferences *self);
void gst_feclip_references_clear (GstFeclipReferences *self);

/* Installs the properties as @first_id and those that follow. */
void gst_feclip_references_install (GObjectClass *klass, guint first_id);

/* @id is an offset from the first property. A new value takes effect when the
 * element is opened. */
void gst_feclip_references_set (GstFeclipReferences *self, guint id,
                                const GValue *value);
void gst_feclip_references_get (GstFeclipReferences *self, guint id,
                                GValue *value);

/* Has the next @n_frames learnt, in addition to those that are to be learnt
 * already. */
void gst_feclip_references_learn_next (GstFeclipReferences *self,
                                       guint n_frames);

/* Removes all normal images, from the next frame on. */
void gst_feclip_references_forget (GstFeclipReferences *self);

/* Writes the memory to the file @path. Blocks. Fails with FECLIP_ERROR, also if
 * @path is NULL or empty or the element is closed. */
gboolean gst_feclip_references_save (GstFeclipReferences *self,
                                     const char *path, GError **error);

/* Creates the memory for detectors like @detector, and learns the images at the
 * location with it. Blocks. Fails with FECLIP_ERROR. */
gboolean gst_feclip_references_open (GstFeclipReferences *self,
                                     FeclipDetector *detector,
                                     FeclipSettings *settings, GError **error);

/* Creates a memory for @detector, which is of another model, with what the
 * current one has from its location. Blocks. Fails with FECLIP_ERROR.
 * Returns: (transfer full): the memory, or NULL */
FeclipReferences *gst_feclip_references_remake (GstFeclipReferences *self,
                                                FeclipDetector *detector,
                                                FeclipSettings *settings,
                                                GError **error);

/* Replaces the memory by @memory (transfer none), which
 * gst_feclip_references_remake() created. The old one is added to @retired, see
 * retired.h.
 * Returns: how many images that were learnt from frames are lost, since they
 * cannot be learnt again with another model */
guint gst_feclip_references_replace (GstFeclipReferences *self,
                                     FeclipReferences *memory,
                                     GPtrArray *retired);

/* Makes a further @detector compare with the memory. Fails with
 * FECLIP_ERROR. */
gboolean gst_feclip_references_attach (GstFeclipReferences *self,
                                       FeclipDetector *detector,
                                       GError **error);

void gst_feclip_references_close (GstFeclipReferences *self);

/* Returns: whether there are normal images, or frames are to be learnt */
gboolean gst_feclip_references_are_expected (GstFeclipReferences *self);

/* Returns: whether frames are to be learnt; a hint, without the lock */
static inline gboolean
gst_feclip_references_may_learn (const GstFeclipReferences *self)
{
  return g_atomic_int_get (&self->to_learn) != 0;
}

/* Returns: whether the next frame is to be learnt; it then counts as learnt */
gboolean gst_feclip_references_take_turn (GstFeclipReferences *self);

/* Undoes gst_feclip_references_take_turn() if there was no frame to learn. */
void gst_feclip_references_return_turn (GstFeclipReferences *self);

/* Learns a frame whose turn was taken, with @detector. Blocks. Fails with
 * FECLIP_ERROR. */
gboolean gst_feclip_references_learn (GstFeclipReferences *self,
                                      FeclipDetector *detector,
                                      const FeclipFrame *frame, GError **error);

G_END_DECLS
