/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/help.h"

G_BEGIN_DECLS

/*
 * The help as a page of the manual, in roff. Its date is that of
 * SOURCE_DATE_EPOCH, or today.
 */
extern const FeHelpForm fe_manual;

G_END_DECLS
