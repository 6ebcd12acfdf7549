/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

#include "feclip/dataflow.h"
#include "feclip/references.h"
#include "feclip/vulkan/context.h"

G_BEGIN_DECLS

/* Work that is too slow for a streaming thread or for a property setter, done
 * by a thread that exists while there is something to do. Requests made while
 * it runs are merged into one more run. Thread-safe. */
typedef struct {
  void (*work) (gpointer data);
  gpointer data;

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  GThread *thread;
  gboolean due;
  gboolean running;     /* until the thread has nothing to do */
  gboolean stopped;     /* requests are ignored */
  gboolean interrupted; /* nobody waits */
} GstFeclipBackgroundTask;

/* Other adapters that are loaded and wait to replace those in use. */
typedef struct _GstFeclipAdapterSwap GstFeclipAdapterSwap;

/* The model, the settings in use and the ones that were set since. Changed
 * settings take effect with a frame or with the next start, depending on the
 * setting; prompts are encoded and adapters loaded in the background, while
 * frames go on with the old ones. Old models are released in the background as
 * well. */
typedef struct {
  GstElement *element; /* its owner */
  GstFeclipDataflow *dataflow;
  GstFeclipReferences *references;
  GstFeclipVulkan *vulkan;

  /* Under the object lock. */
  FeclipSettings *settings; /* as set last */
  guint n_workers;
  guint batch_size;
  gboolean reopen;  /* a setting changed since model and detectors were made */
  gboolean playing; /* changes can take effect before the next start */
  gboolean regions_changed;      /* since the detectors read them */
  gboolean prompts_changed;      /* since their encoding began */
  gboolean adapter_changed;      /* since its loading began */
  FeclipModel *model;            /* NULL: closed */
  FeclipSettings *in_force;      /* the settings in use; NULL: closed */
  FeclipSettings *encoded;       /* whose prompts are ready; NULL: none */
  GstFeclipAdapterSwap *pending; /* ready to be applied; NULL: none */
  gboolean swapping;             /* one is being applied */
  GPtrArray *retired;            /* to be released in the background */

  GstFeclipBackgroundTask encoding;
  GstFeclipBackgroundTask loading;
  GstFeclipBackgroundTask releasing;
} GstFeclipSession;

/* The pointers are borrowed for as long as @self exists. */
void gst_feclip_session_init (GstFeclipSession *self, GstElement *element,
                              GstFeclipDataflow *dataflow,
                              GstFeclipReferences *references,
                              GstFeclipVulkan *vulkan);

/* When closed. */
void gst_feclip_session_clear (GstFeclipSession *self);

/* Notes that the property @name, which takes effect when model and detectors
 * are created, has changed. */
void gst_feclip_session_mark_changed (GstFeclipSession *self, const char *name);

/* Sets the property @name of the settings.
 * gst_feclip_session_begin_change() must follow. */
void gst_feclip_session_set (GstFeclipSession *self, const char *name,
                             const GValue *value);

/* Starts to prepare changed prompts and adapters in the background, at once for
 * all properties that were set together. */
void gst_feclip_session_begin_change (GstFeclipSession *self);

/* Loads the model and the references and creates the frame queue, replacing the
 * old ones. Takes seconds; from state changes.
 * Returns: FALSE on failure: an error was posted and the session is closed */
gboolean gst_feclip_session_open (GstFeclipSession *self);

/* Returns: whether gst_feclip_session_open() must be called before frames
 * arrive */
gboolean gst_feclip_session_needs_open (GstFeclipSession *self);

/* When open, before frames arrive. */
void gst_feclip_session_start (GstFeclipSession *self);

/* Cancels what is being prepared and ends the wait for it. Blocks until work in
 * the background has ended. */
void gst_feclip_session_stop (GstFeclipSession *self);

/* While @flushing, nothing waits for prompts that are being encoded. */
void gst_feclip_session_set_flushing (GstFeclipSession *self,
                                      gboolean flushing);

void gst_feclip_session_close (GstFeclipSession *self);

/* Applies pending changes; they take effect with the next frame, which has
 * @params. Blocks while changed prompts are being encoded, at most as long as
 * @params allow a frame to be delayed; a flush or a stop ends that. From the
 * thread that pushes frames to the sink pad. */
void gst_feclip_session_apply (GstFeclipSession *self,
                               const GstFeclipFrameParams *params);

G_END_DECLS
