/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text features of the prompts that were encoded before, by key. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Thread-safe. */
typedef struct _FePromptCache FePromptCache;

/* For features of `n` numbers. */
FePromptCache *fe_prompt_cache_new (guint n);

/* NULL is allowed. */
void fe_prompt_cache_free (FePromptCache *self);

/* Copies the features [n] of a key; FALSE where it is not known. Never waits
 * for a thread that encodes. */
gboolean fe_prompt_cache_lookup (FePromptCache *self, const char *key,
                                 float *features);

/* Copies the features [n]. Forgets all others where there are too many. */
void fe_prompt_cache_insert (FePromptCache *self, const char *key,
                             const float *features);

/* Only one thread at a time encodes, as each needs memory for a text tower.
 * Blocks until the thread that is encoding calls _end_encoding(). */
void fe_prompt_cache_begin_encoding (FePromptCache *self);
void fe_prompt_cache_end_encoding (FePromptCache *self);

G_END_DECLS
