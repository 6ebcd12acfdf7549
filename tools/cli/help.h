/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/*
 * What --help shows: every description under its option, as the model's are
 * sentences and would not fit beside. @model_entries may be NULL.
 */
char *fe_help_format (const FeOptions *options,
                      const GOptionEntry *model_entries);

G_END_DECLS
