/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * From this call on, the first SIGINT or SIGTERM is only remembered, so that
 * the work can stop at a point where nothing is lost. A second one ends the
 * program at once.
 */
void fe_interrupt_catch (void);

/* Whether a signal was remembered. Safe to call from any thread. */
gboolean fe_interrupt_is_pending (void);

/* Ends the program with the remembered signal, as if it were not caught. */
void fe_interrupt_obey (void);

G_END_DECLS
