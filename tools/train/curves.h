/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Losses per step, as feclip_trainer_get_losses() has them. */
#define FE_CURVES 3

/* What they are called. */
extern const char *const fe_curve_names[FE_CURVES];

/*
 * Draws the losses over the steps into a PNG file: @losses [n][FE_CURVES],
 * each point the mean of its share of the steps.
 */
gboolean fe_curves_draw (const float *losses, guint n, guint steps_per_epoch,
                         const char *path, GError **error);

G_END_DECLS
