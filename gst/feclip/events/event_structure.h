/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/event.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* An event as it goes over the bus, and with the buffers downstream. */

/* Returns: (transfer full): "anomaly-start" or "anomaly-end" */
GstStructure *gst_feclip_event_to_structure (const FeclipEvent *event);

/* Returns: FALSE if @fields, which may be NULL, tells of no event of ours */
gboolean gst_feclip_event_from_structure (const GstStructure *fields,
                                          FeclipEvent *event);

G_END_DECLS
