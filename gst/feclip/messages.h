/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>
#include <feclip/references.h>

#include "feclip/frame_job.h"
#include "plugin.h"

G_BEGIN_DECLS

/* What an element tells the bus. */

/* What a user should know of the model that runs; @path is its file. */
void gst_feclip_post_builtin_model (GstElement *element);
void gst_feclip_post_no_adapters (GstElement *element, const char *path);

/* Posts the element message "feclip-adapters": from the next frame on @model
 * runs. @forgotten images of those it was compared with are known no more. */
void gst_feclip_post_adapters (GstElement *element, FeclipSettings *settings,
                               FeclipModel *model, FeclipReferences *references,
                               guint forgotten);

/* Posts the element message "feclip" on the analysis of the frame at @times. */
void gst_feclip_post_verdict (GstElement *element, const GstFeclipTimes *times,
                              const FeclipVerdict *verdict, guint n_defects,
                              GstClockTime analysis_time);

G_END_DECLS
