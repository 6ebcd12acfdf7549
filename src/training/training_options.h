/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/trainer.h>

G_BEGIN_DECLS

/* Whether all of them lie where training makes sense. */
gboolean fe_training_options_check (const FeclipTrainingOptions *options,
                                    GError **error);

G_END_DECLS
