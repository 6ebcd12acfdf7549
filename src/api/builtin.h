/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the model that comes with feclip lies. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The path of its weights, or NULL where they have not been installed. */
char *fe_builtin_find (void);

G_END_DECLS
