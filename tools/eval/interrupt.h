/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Makes Ctrl-C and a polite kill wait until the work has come to a place where
 * it can end. A second one ends the program at once.
 */
void fe_interrupt_catch (void);

/* Whether there was one. */
gboolean fe_interrupt_is_pending (void);

/* Ends the program as the signal would have done. */
void fe_interrupt_obey (void);

G_END_DECLS
