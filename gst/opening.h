/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

#include "passage.h"
#include "references.h"

G_BEGIN_DECLS

/* What the element `feclip` opens: a model by its settings, and requests on it.
 * Notes which settings changed since, and says when that counts. */
typedef struct {
  GstElement *element; /* whose this is */
  GstFeclipPassage *passage;
  GstFeclipReferences *references;

  /* Under the object lock. */
  FeclipSettings *settings;
  guint n_requests;
  gboolean reopen; /* a setting changed since model and detectors were made */
  gboolean regions_changed; /* since detectors read them */

  /* Of state changes. */
  FeclipModel *model; /* NULL: closed */
} GstFeclipOpening;

void gst_feclip_opening_init (GstFeclipOpening *self, GstElement *element,
                              GstFeclipPassage *passage,
                              GstFeclipReferences *references);

void gst_feclip_opening_clear (GstFeclipOpening *self);

/* Notes that what @name names only matters while model and detectors are made,
 * and has changed. */
void gst_feclip_opening_request (GstFeclipOpening *self, const char *name);

/* Sets the property @name of the settings, an installed one or "model-file". */
void gst_feclip_opening_set (GstFeclipOpening *self, const char *name,
                             const GValue *value);

/* Loads model and references and makes the requests, in the place of what is
 * open. Takes seconds; of state changes.
 * Returns: FALSE if it failed, which has been posted; all is closed then */
gboolean gst_feclip_opening_open (GstFeclipOpening *self);

/* Returns: whether gst_feclip_opening_open() has to run before frames come */
gboolean gst_feclip_opening_is_due (GstFeclipOpening *self);

void gst_feclip_opening_close (GstFeclipOpening *self);

/* Applies what has changed and counts from the next frame on. Of the thread
 * that brings frames. */
void gst_feclip_opening_update (GstFeclipOpening *self);

G_END_DECLS
