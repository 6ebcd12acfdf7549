/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/event.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* An event as a structure: in an element message on the bus, and in a custom
 * event that goes downstream between the buffers. */

/* Returns: (transfer full): "anomaly-start" or "anomaly-end" */
GstStructure *gst_feclip_event_to_structure (const FeclipEvent *event);

/* @fields: (nullable)
 * Returns: FALSE if @fields is not an event of feclip */
gboolean gst_feclip_event_from_structure (const GstStructure *fields,
                                          FeclipEvent *event);

G_END_DECLS
