/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The losses of one step, as feclip_trainer_get_losses() orders them: score,
 * focal, Dice. */
#define FE_N_LOSSES 3

/* Shows the losses of a training run to people: as an event file for
 * TensorBoard and as a chart in a PNG file. */
typedef struct _FeLossLog FeLossLog;

/*
 * Starts a new event file in the folder @folder, which is created; NULL for
 * none. @chart is the path of the PNG file, NULL for none.
 */
FeLossLog *fe_loss_log_new (const char *folder, const char *chart,
                            GError **error);

/* NULL is allowed. */
void fe_loss_log_free (FeLossLog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeLossLog, fe_loss_log_free)

/* Adds the losses [FE_N_LOSSES] of step @step, counted from 0. */
gboolean fe_loss_log_add (FeLossLog *self, guint step, const float *losses,
                          GError **error);

/* Flushes the event file and draws the chart of all losses so far,
 * [n][FE_N_LOSSES]. */
gboolean fe_loss_log_update (FeLossLog *self, const float *losses, guint n,
                             guint steps_per_epoch, GError **error);

G_END_DECLS
