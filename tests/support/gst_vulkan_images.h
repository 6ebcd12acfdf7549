/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames in Vulkan images, as GStreamer's vulkanupload makes them, and what
 * feclip says of the way that they take. */
#pragma once

#include <gst/gst.h>

#define IMAGES "memory:VulkanImage"

/* How often, since images_are_ready(). */
typedef struct {
  int made_device; /* to share memory with, for neighbours */
  int copied_on_device;
  int read_back;
} ImagesSeen;

extern ImagesSeen images_seen;

/* Listens to the element; after gst_init(). */
void images_init (void);

/* Returns: whether there is what a test needs; it is skipped if not */
gboolean images_are_ready (void);
