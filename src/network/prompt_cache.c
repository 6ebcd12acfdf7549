/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/prompt_cache.h"

#include <string.h>

/* More than anybody tries by hand. An application that keeps changing prompts
 * must not fill memory. */
#define MAX_ENTRIES 4096

struct _FePromptCache {
  guint n;         /* numbers of an entry */
  GMutex encoding; /* held while a thread encodes, for seconds; `lock` only for
                      a copy */
  GMutex lock;
  GHashTable *entries; /* key to float[n] */
};

FePromptCache *
fe_prompt_cache_new (guint n)
{
  FePromptCache *self = g_new0 (FePromptCache, 1);

  self->n = n;
  g_mutex_init (&self->encoding);
  g_mutex_init (&self->lock);
  self->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
fe_prompt_cache_free (FePromptCache *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->encoding);
  g_free (self);
}

gboolean
fe_prompt_cache_lookup (FePromptCache *self, const char *key, float *features)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  const float *found = g_hash_table_lookup (self->entries, key);

  if (found)
    memcpy (features, found, self->n * sizeof *found);
  return found != NULL;
}

void
fe_prompt_cache_insert (FePromptCache *self, const char *key,
                        const float *features)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  if (g_hash_table_size (self->entries) >= MAX_ENTRIES)
    g_hash_table_remove_all (self->entries);
  g_hash_table_replace (self->entries, g_strdup (key),
                        g_memdup2 (features, self->n * sizeof *features));
}

void
fe_prompt_cache_begin_encoding (FePromptCache *self)
{
  g_mutex_lock (&self->encoding);
}

void
fe_prompt_cache_end_encoding (FePromptCache *self)
{
  g_mutex_unlock (&self->encoding);
}
