/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Recording kernels once and running them for every frame. */
#pragma once

#include "compute/vulkan/memory.h"
#include "compute/vulkan/pipelines.h"

G_BEGIN_DECLS

/* One run of one kernel. */
typedef struct {
  FeKernel kernel;
  const char *use; /* what for, a static string; shown in profiles */
  guint32 constants[FE_MAX_CONSTANTS];
  FeBuffer *buffers[FE_MAX_BINDINGS]; /* NULL: the kernel does not look */
  const void *push;
  gsize push_size;
  guint groups[3]; /* 0 counts as 1 */
  double flop;
  double bytes; /* that are read or written at least once; 0: not counted */
} FeDispatch;

/* Where time went: all runs of one kernel for one use. */
typedef struct {
  FeKernel kernel;
  const char *use;
  guint dispatches;
  double seconds;
  double flop;
  double bytes;
} FeTiming;

/* A recorded command buffer. One thread at a time. The buffers that it names
 * must outlive it. */
typedef struct _FeCommands FeCommands;

/* Starts recording. With `timed` there is a timestamp around each kernel. */
FeCommands *fe_commands_new (FeDevice *device, gboolean timed, GError **error);

void fe_commands_free (FeCommands *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeCommands, fe_commands_free)

FeDevice *fe_commands_get_device (FeCommands *self);

/* Memory for what a kernel that is recorded next leaves to the one after it; it
 * belongs to the commands. NULL where something went wrong. */
FeBuffer *fe_commands_get_scratch (FeCommands *self, gsize size);

/* Records one kernel, to run after all that were recorded before it. What goes
 * wrong is kept and reported by fe_commands_end(), so that a network can be
 * written as a straight line. */
void fe_commands_dispatch (FeCommands *self, const FeDispatch *dispatch);

/* Records that a shared buffer belongs to this device from then on, with what
 * another one has written there. */
void fe_commands_acquire (FeCommands *self, const FeBuffer *buffer);

/* Reports a failure of a caller in the same way; takes the error over. */
void fe_commands_fail (FeCommands *self, GError *error);

/* Ends recording, or says what went wrong since it started. */
gboolean fe_commands_end (FeCommands *self, GError **error);

/* Runs what was recorded and waits for it. Any number of times. */
gboolean fe_commands_run (FeCommands *self, GError **error);

/* Runs `first` and then `self` with one submission, and waits for both. */
gboolean fe_commands_run_after (FeCommands *self, FeCommands *first,
                                GError **error);

/* The same of several, in their order. */
gboolean fe_commands_run_after_all (FeCommands *self, FeCommands *const *first,
                                    guint n, GError **error);

/* What the last run took, one FeTiming per kernel and use. */
GArray *fe_commands_get_timings (FeCommands *self, GError **error);

G_END_DECLS
