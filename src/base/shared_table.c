/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/shared_table.h"

void
fe_shared_init (FeShared *self)
{
  *self = (FeShared){.ref_count = 1};
}

void
fe_shared_clear (FeShared *self)
{
  g_clear_pointer (&self->key, g_free);
}

void
fe_shared_ref (FeShared *self)
{
  g_atomic_int_inc (&self->ref_count);
}

/* Gives a reference up, unless it is the last one. */
static gboolean
unref_one_of_several (FeShared *self)
{
  for (;;) {
    gint count = g_atomic_int_get (&self->ref_count);

    if (count == 1)
      return FALSE;
    if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count - 1))
      return TRUE;
  }
}

gboolean
fe_shared_unref (FeShared *self)
{
  FeSharedTable *table = self->table;
  gboolean last;

  if (unref_one_of_several (self))
    return FALSE;
  if (!table)
    return g_atomic_int_dec_and_test (&self->ref_count);
  /* Under the lock, so that nobody finds an object without references. */
  g_mutex_lock (&table->lock);
  last = g_atomic_int_dec_and_test (&self->ref_count);
  if (last)
    g_hash_table_remove (table->objects, self->key);
  g_mutex_unlock (&table->lock);
  return last;
}

FeShared *
fe_shared_table_begin (FeSharedTable *self, const char *key)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  gpointer found = NULL;

  if (!self->objects)
    self->objects =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (g_hash_table_lookup_extended (self->objects, key, NULL, &found)) {
    if (found) {
      fe_shared_ref (found);
      return found;
    }
    g_cond_wait (&self->made, &self->lock);
  }
  g_hash_table_insert (self->objects, g_strdup (key), NULL);
  return NULL;
}

void
fe_shared_table_end (FeSharedTable *self, const char *key, FeShared *made)
{
  g_mutex_lock (&self->lock);
  if (made) {
    made->table = self;
    made->key = g_strdup (key);
    g_hash_table_insert (self->objects, g_strdup (key), made);
  } else {
    g_hash_table_remove (self->objects, key);
  }
  g_cond_broadcast (&self->made);
  g_mutex_unlock (&self->lock);
}
