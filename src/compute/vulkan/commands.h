/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command buffers: kernels are recorded once and run for every frame. */
#pragma once

#include "compute/vulkan/memory.h"
#include "compute/vulkan/pipelines.h"

G_BEGIN_DECLS

/* One dispatch of a kernel. */
typedef struct {
  FeKernel kernel;
  const char *use; /* purpose, a static string that profiles show */
  guint32 constants[FE_MAX_CONSTANTS];
  FeBuffer *buffers[FE_MAX_BINDINGS]; /* NULL: the kernel does not access it */
  const void *push;
  gsize push_size;
  guint groups[3]; /* 0 counts as 1 */
  double flop;
  double bytes; /* bytes read or written, each counted once; 0: not counted */
} FeDispatch;

/* Device time of all dispatches of one kernel for one use. */
typedef struct {
  FeKernel kernel;
  const char *use;
  guint dispatches;
  double seconds;
  double flop;
  double bytes;
} FeTiming;

/* A recorded command buffer. Not thread-safe. The buffers that its dispatches
 * name must outlive it. */
typedef struct _FeCommands FeCommands;

/* Starts recording. With `timed`, timestamps are recorded around each kernel.
 */
FeCommands *fe_commands_new (FeDevice *device, gboolean timed, GError **error);

void fe_commands_free (FeCommands *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeCommands, fe_commands_free)

FeDevice *fe_commands_get_device (FeCommands *self);

/* Memory for intermediate results between the next recorded kernels. It belongs
 * to the commands. NULL after an error, which fe_commands_end() reports. */
FeBuffer *fe_commands_get_scratch (FeCommands *self, gsize size);

/* Records one kernel, which runs after all kernels recorded before. An error is
 * stored and reported by fe_commands_end(), so that a network can be written as
 * straight-line code. */
void fe_commands_dispatch (FeCommands *self, const FeDispatch *dispatch);

/* Records the transfer of a shared buffer from an external queue family to this
 * device, which makes the writes of the other device visible. */
void fe_commands_acquire (FeCommands *self, const FeBuffer *buffer);

/* Stores an error of the caller to be reported by fe_commands_end(); takes
 * ownership of `error`. */
void fe_commands_fail (FeCommands *self, GError *error);

/* Ends recording. Fails with the first error since it started. */
gboolean fe_commands_end (FeCommands *self, GError **error);

/* Runs the recorded kernels and blocks until they have finished. May be called
 * any number of times. */
gboolean fe_commands_run (FeCommands *self, GError **error);

/* Runs `first` and then `self` in one submission, and blocks until both have
 * finished. */
gboolean fe_commands_run_after (FeCommands *self, FeCommands *first,
                                GError **error);

/* The same for n command buffers before `self`, in their order. */
gboolean fe_commands_run_after_all (FeCommands *self, FeCommands *const *first,
                                    guint n, GError **error);

/* Times of the last run, one FeTiming per kernel and use; free the array. The
 * commands must have been made with `timed`. */
GArray *fe_commands_get_timings (FeCommands *self, GError **error);

G_END_DECLS
