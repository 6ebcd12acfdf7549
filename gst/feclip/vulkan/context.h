/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* The Vulkan device of GStreamer's that the element shares with its neighbours
 * through GstContext, so that frames in Vulkan memory need no copy to system
 * memory. GStreamer's own elements open the device without the extension that
 * exports its memory; therefore this element creates it when a neighbour
 * queries one. Thread-safe. */
typedef struct _GstFeclipVulkan GstFeclipVulkan;

GstFeclipVulkan *gst_feclip_vulkan_new (void);

void gst_feclip_vulkan_free (GstFeclipVulkan *self);

/* Creates devices that can share memory with @model's from now on. NULL:
 * creates none and drops device and queue. The reference to the model before is
 * dropped. */
void gst_feclip_vulkan_set_model (GstFeclipVulkan *self, FeclipModel *model);

/* Takes GStreamer's Vulkan instance from @context, if it holds one. */
void gst_feclip_vulkan_set_context (GstFeclipVulkan *self, GstElement *element,
                                    GstContext *context);

/* Answers a CONTEXT query for a device or a queue with the current ones; with
 * @make, creates them if there are none.
 * Returns: whether it was answered */
gboolean gst_feclip_vulkan_answer (GstFeclipVulkan *self, GstElement *element,
                                   GstQuery *query, gboolean make);

/* Finds the queue that the neighbours use. Before frames of @caps arrive. */
void gst_feclip_vulkan_negotiate (GstFeclipVulkan *self, GstElement *element,
                                  GstCaps *caps);

G_END_DECLS
