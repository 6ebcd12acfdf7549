/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stack machine that a pickle's opcodes drive. It builds inert values and
 * knows nothing of how opcodes are written. */
#pragma once

#include "files/unpickle.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *values; /* every FePickle there is; frees them */
  GPtrArray *stack;
  GArray *marks;    /* guint: heights of the stack */
  GHashTable *memo; /* number → FePickle */
  FePickle *none;
  FePickle *booleans[2];
  gsize text_size;     /* of all names and strings together */
  const char *problem; /* why it stopped, as "it …" */
} FePickleMachine;

void fe_machine_init (FePickleMachine *self);
void fe_machine_clear (FePickleMachine *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FePickleMachine, fe_machine_clear)

/* All that follow return FALSE or NULL once there is a problem. */
gboolean fe_machine_fail (FePickleMachine *self, const char *problem);

/* New values on top of the stack. */
gboolean fe_machine_push (FePickleMachine *self, FePickle *value);
gboolean fe_machine_push_new (FePickleMachine *self, FePickleKind kind);
gboolean fe_machine_push_int (FePickleMachine *self, gint64 integer);
gboolean fe_machine_push_float (FePickleMachine *self, double real);
/* Takes text, a string or a name. */
gboolean fe_machine_push_text (FePickleMachine *self, FePickleKind kind,
                               char *text);

/* The topmost value, NULL if there is none above the last mark. */
FePickle *fe_machine_peek (FePickleMachine *self);

/* Values made of the n topmost ones, or of all above the last mark. */
gboolean fe_machine_make_tuple (FePickleMachine *self, guint n);
gboolean fe_machine_make_tuple_to_mark (FePickleMachine *self);
gboolean fe_machine_make_opaque_to_mark (FePickleMachine *self);
gboolean fe_machine_make_global (FePickleMachine *self);
gboolean fe_machine_make_persistent (FePickleMachine *self);
/* A callable and n values above it, the lowest of them its arguments. */
gboolean fe_machine_make_call (FePickleMachine *self, guint n);

/* Fills the object below the n topmost values, or below the last mark. */
gboolean fe_machine_extend (FePickleMachine *self, guint n, gboolean pairs);
gboolean fe_machine_extend_to_mark (FePickleMachine *self, gboolean pairs);

/* Forgets the topmost value, which was to become the state of the one below. */
gboolean fe_machine_build (FePickleMachine *self);

gboolean fe_machine_mark (FePickleMachine *self);
gboolean fe_machine_drop (FePickleMachine *self);
gboolean fe_machine_drop_to_mark (FePickleMachine *self);
gboolean fe_machine_duplicate (FePickleMachine *self);

gboolean fe_machine_memoize (FePickleMachine *self, guint64 number);
gboolean fe_machine_recall (FePickleMachine *self, guint64 number);

G_END_DECLS
