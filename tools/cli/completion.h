/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/help.h"

G_BEGIN_DECLS

/* The help as the completion of command lines in bash. */
extern const FeHelpForm fe_completion;

G_END_DECLS
