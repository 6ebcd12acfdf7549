/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/*
 * The normal images of one `feclip` element: its properties and actions about
 * them, and which frames are learnt. Thread-safe as a whole; the memory itself
 * may be shared by any number of detectors.
 */
typedef struct {
  GMutex lock;
  char *location; /* of what is learnt when the element is opened, or NULL */
  guint learn_frames;       /* how many frames are learnt after that */
  guint limit;              /* of patches, as opened */
  guint to_learn;           /* how many frames are still to be learnt */
  FeclipReferences *memory; /* NULL while the element is closed */
  char *opened;    /* the location that it began with, or NULL: nothing */
  guint n_located; /* images in it that came from there */
} GstFeclipReferences;

/* The properties that are here, after @first_id. */
enum {
  GST_FECLIP_REFERENCES_LOCATION,
  GST_FECLIP_REFERENCES_LEARN_FRAMES,
  GST_FECLIP_REFERENCES_COUNT,
  GST_FECLIP_REFERENCES_N_PROPERTIES,
};

void gst_feclip_references_init (GstFeclipReferences *self);
void gst_feclip_references_clear (GstFeclipReferences *self);

/* Properties and action signals of GstFeclip's class. */
void gst_feclip_references_install (GObjectClass *klass, guint first_id);

/* @id counts from the first one. What is set takes effect when the element is
 * opened. */
void gst_feclip_references_set (GstFeclipReferences *self, guint id,
                                const GValue *value);
void gst_feclip_references_get (GstFeclipReferences *self, guint id,
                                GValue *value);

/* Makes the memory for detectors like @detector, and has it run the location's
 * images. Blocks. */
gboolean gst_feclip_references_open (GstFeclipReferences *self,
                                     FeclipDetector *detector,
                                     FeclipSettings *settings, GError **error);

/* Makes a memory for @detector, which is of another network, with what the one
 * in use has from its location. Blocks.
 * Returns: (transfer full): the memory, or NULL */
FeclipReferences *gst_feclip_references_remake (GstFeclipReferences *self,
                                                FeclipDetector *detector,
                                                FeclipSettings *settings,
                                                GError **error);

/* Goes on with what gst_feclip_references_remake() made.
 * Returns: how many images that were learnt from frames are no longer known,
 * since nothing can make another network learn them */
guint gst_feclip_references_replace (GstFeclipReferences *self,
                                     FeclipReferences *memory);

/* Has a further @detector compare with the memory. */
gboolean gst_feclip_references_attach (GstFeclipReferences *self,
                                       FeclipDetector *detector,
                                       GError **error);

void gst_feclip_references_close (GstFeclipReferences *self);

/* Returns: whether there is something to compare with, now or soon */
gboolean gst_feclip_references_are_expected (GstFeclipReferences *self);

/* Returns: whether the next frame is to be learnt; it then counts as learnt */
gboolean gst_feclip_references_take_turn (GstFeclipReferences *self);

/* A turn that was taken for what turned out not to be a frame. */
void gst_feclip_references_return_turn (GstFeclipReferences *self);

/* Learns a frame whose turn was taken; @detector runs it. Blocks. */
gboolean gst_feclip_references_learn (GstFeclipReferences *self,
                                      FeclipDetector *detector,
                                      const FeclipFrame *frame, GError **error);

G_END_DECLS
