/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* What an element shares with those around it so that frames in Vulkan memory
 * need not pass through system memory: the Vulkan device of GStreamer's. By
 * itself that is opened without the extension by which its memory can be
 * shared, so that it is made here when neighbours ask for one. Thread-safe. */
typedef struct _GstFeclipVulkan GstFeclipVulkan;

GstFeclipVulkan *gst_feclip_vulkan_new (void);

void gst_feclip_vulkan_free (GstFeclipVulkan *self);

/* Makes devices for frames that @model analyses from now on. NULL: none, and
 * lets go of device and queue. */
void gst_feclip_vulkan_set_model (GstFeclipVulkan *self, FeclipModel *model);

/* Notes GStreamer's Vulkan instance. */
void gst_feclip_vulkan_set_context (GstFeclipVulkan *self, GstElement *element,
                                    GstContext *context);

/* Answers a query for device or queue with those there are; with @make, makes
 * them.
 * Returns: whether it was answered */
gboolean gst_feclip_vulkan_answer (GstFeclipVulkan *self, GstElement *element,
                                   GstQuery *query, gboolean make);

/* Finds the queue that neighbours use. Before frames of @caps come. */
void gst_feclip_vulkan_negotiate (GstFeclipVulkan *self, GstElement *element,
                                  GstCaps *caps);

G_END_DECLS
