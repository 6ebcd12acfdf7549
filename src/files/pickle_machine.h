/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stack machine for the opcodes of a pickle. It builds passive values and
 * does not parse opcodes. */
#pragma once

#include "files/unpickle.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *values; /* all values; owns them */
  GPtrArray *stack;
  GArray *marks;    /* guint: stack heights */
  GHashTable *memo; /* number → FePickle */
  FePickle *none;
  FePickle *booleans[2];
  gsize text_size;     /* total length of all names and strings */
  const char *problem; /* why it stopped, a clause "it …" */
} FePickleMachine;

void fe_machine_init (FePickleMachine *self);
void fe_machine_clear (FePickleMachine *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FePickleMachine, fe_machine_clear)

/* All functions below return FALSE or NULL after an error. */
gboolean fe_machine_fail (FePickleMachine *self, const char *problem);

/* Push new values. */
gboolean fe_machine_push (FePickleMachine *self, FePickle *value);
gboolean fe_machine_push_new (FePickleMachine *self, FePickleKind kind);
gboolean fe_machine_push_int (FePickleMachine *self, gint64 integer);
gboolean fe_machine_push_float (FePickleMachine *self, double real);
/* Takes ownership of `text`, a string or a name. */
gboolean fe_machine_push_text (FePickleMachine *self, FePickleKind kind,
                               char *text);

/* Top of the stack; NULL if there is nothing above the last mark. */
FePickle *fe_machine_peek (FePickleMachine *self);

/* Replace the n topmost values, or all above the last mark, by a new value. */
gboolean fe_machine_make_tuple (FePickleMachine *self, guint n);
gboolean fe_machine_make_tuple_to_mark (FePickleMachine *self);
gboolean fe_machine_make_opaque_to_mark (FePickleMachine *self);
gboolean fe_machine_make_global (FePickleMachine *self);
gboolean fe_machine_make_persistent (FePickleMachine *self);
/* Pops n values, the lowest of which are the arguments, and the callable below
 * them, and pushes an FE_PICKLE_CALL. */
gboolean fe_machine_make_call (FePickleMachine *self, guint n);

/* Pops the n topmost values, or all above the last mark, and adds them to the
 * object below. */
gboolean fe_machine_extend (FePickleMachine *self, guint n, gboolean pairs);
gboolean fe_machine_extend_to_mark (FePickleMachine *self, gboolean pairs);

/* Pops the top value, the state that BUILD would set on the object below, and
 * ignores it. */
gboolean fe_machine_build (FePickleMachine *self);

gboolean fe_machine_mark (FePickleMachine *self);
gboolean fe_machine_drop (FePickleMachine *self);
gboolean fe_machine_drop_to_mark (FePickleMachine *self);
gboolean fe_machine_duplicate (FePickleMachine *self);

gboolean fe_machine_memoize (FePickleMachine *self, guint64 number);
gboolean fe_machine_recall (FePickleMachine *self, guint64 number);

G_END_DECLS
