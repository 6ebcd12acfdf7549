/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that are found by a key and shared by all who ask for the same key,
 * such as devices and networks. Each is made once, and freed with its last
 * reference: the table itself keeps no reference.
 *
 * No lock is held while an object is made or freed. Threads that ask for a key
 * whose object is being made wait for that object alone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FeShared FeShared;

/* Zeroed: empty. Lives as long as the process. */
typedef struct {
  GMutex lock;
  GCond made;          /* an object was made, or could not be */
  GHashTable *objects; /* key to FeShared, NULL while it is being made */
} FeSharedTable;

/* The first member of every object in a table. */
struct _FeShared {
  gint ref_count;       /* atomic */
  FeSharedTable *table; /* NULL: not shared by key */
  char *key;            /* owned; NULL likewise */
};

/* One reference, in no table. */
void fe_shared_init (FeShared *self);

/* Thread-safe; never blocks. */
void fe_shared_ref (FeShared *self);

/* Thread-safe; never waits for an object that is being made. Returns TRUE for
 * the last reference: the table has forgotten the object, and the caller frees
 * it, after fe_shared_clear(). */
gboolean fe_shared_unref (FeShared *self);

void fe_shared_clear (FeShared *self);

/* Returns the object of a key, with a reference for the caller. Waits where
 * another thread is making it. Returns NULL where there is none: the caller
 * then makes it and has to call fe_shared_table_end(). */
FeShared *fe_shared_table_begin (FeSharedTable *self, const char *key);

/* Adds what was made for the key; NULL where that failed: the next of those who
 * wait for the key tries itself. */
void fe_shared_table_end (FeSharedTable *self, const char *key, FeShared *made);

G_END_DECLS
