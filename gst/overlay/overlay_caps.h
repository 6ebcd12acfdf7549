/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Caps say in a feature whether frames may carry an overlay as metadata. Frames
 * in system memory need not: the overlay is blended into them. */

/* Whether all of @caps' frames may carry an overlay. */
gboolean gst_feclip_overlay_caps_carry (const GstCaps *caps);

/* Whether all of @caps' frames lie in system memory. */
gboolean gst_feclip_overlay_caps_is_system (const GstCaps *caps);

/* Returns: (transfer full): @caps, and behind them the same with the feature */
GstCaps *gst_feclip_overlay_caps_extend (const GstCaps *caps);

/* Returns: (transfer full): what may come in where @caps may go out: @caps,
 * frames in other memory only if they carry an overlay, and frames without the
 * feature wherever there is one with it */
GstCaps *gst_feclip_overlay_caps_accept (const GstCaps *caps);

G_END_DECLS
