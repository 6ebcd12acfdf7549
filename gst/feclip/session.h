/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

#include "feclip/background_task.h"
#include "feclip/dataflow.h"
#include "feclip/references.h"
#include "feclip/adapter_swap.h"

G_BEGIN_DECLS

/* What the element `feclip` opens: a model by its settings, and requests on it.
 * Notes which settings changed since, and has them count from a frame on or
 * from the next start. Prompts are encoded and adapters loaded aside. */
typedef struct {
  GstElement *element; /* whose this is */
  GstFeclipDataflow *passage;
  GstFeclipReferences *references;

  /* Under the object lock. */
  FeclipSettings *settings;
  guint n_requests;
  guint batch_size;
  gboolean reopen;  /* a setting changed since model and detectors were made */
  gboolean playing; /* changes count before the next start */
  gboolean regions_changed;     /* since detectors read them */
  gboolean prompts_changed;     /* since their encoding began */
  gboolean adapter_changed;     /* since its loading began */
  FeclipModel *model;           /* NULL: closed */
  FeclipSettings *in_force;     /* what is at work; NULL: closed */
  FeclipSettings *encoded;      /* whose prompts are ready for the next frame */
  GstFeclipAdapterSwap *loaded; /* likewise, for other adapters */
  gboolean taking;              /* which takes the model's place right now */

  GstFeclipBackgroundTask encoding;
  GstFeclipBackgroundTask loading;
} GstFeclipSession;

void gst_feclip_session_init (GstFeclipSession *self, GstElement *element,
                              GstFeclipDataflow *passage,
                              GstFeclipReferences *references);

void gst_feclip_session_clear (GstFeclipSession *self);

/* Notes that what @name names only matters while model and detectors are made,
 * and has changed. */
void gst_feclip_session_mark_changed (GstFeclipSession *self, const char *name);

/* Sets the property @name of the settings, an installed one or "model-file".
 * gst_feclip_session_begin_change() follows. */
void gst_feclip_session_set (GstFeclipSession *self, const char *name,
                             const GValue *value);

/* Has what was set prepared, once for all that is set together. */
void gst_feclip_session_begin_change (GstFeclipSession *self);

/* Loads model and references and makes the requests, in the place of what is
 * open. Takes seconds; of state changes.
 * Returns: FALSE if it failed, which has been posted; all is closed then */
gboolean gst_feclip_session_open (GstFeclipSession *self);

/* Returns: whether gst_feclip_session_open() has to run before frames come */
gboolean gst_feclip_session_needs_open (GstFeclipSession *self);

/* When it is open and frames may come. */
void gst_feclip_session_start (GstFeclipSession *self);

/* Gives up what is being prepared, and ends the wait for it. */
void gst_feclip_session_stop (GstFeclipSession *self);

void gst_feclip_session_close (GstFeclipSession *self);

/* Has what changed count from the frame on that comes, with @terms. New prompts
 * are waited for if they are being encoded, unless @terms bound the delay: no
 * longer than that. Of the thread that brings frames. */
void gst_feclip_session_apply (GstFeclipSession *self,
                               const GstFeclipFrameParams *terms);

G_END_DECLS
