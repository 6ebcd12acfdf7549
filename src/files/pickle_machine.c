/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/pickle_machine.h"

#include <string.h>

/* Far more than a state dict needs. Together with the limit of the pickle's
 * size, which bounds stack and items, it keeps a hostile file below half a GB.
 */
#define MAX_VALUES 2000000
#define MAX_TEXT (2 * FE_UNPICKLE_MAX_SIZE)

static void
value_free (gpointer data)
{
  FePickle *self = data;

  if (self->kind == FE_PICKLE_STRING || self->kind == FE_PICKLE_GLOBAL)
    g_free (self->text);
  g_free (self->items);
  g_free (self);
}

static FePickle *
new_value (FePickleMachine *self, FePickleKind kind)
{
  FePickle *value = g_new0 (FePickle, 1);

  value->kind = kind;
  g_ptr_array_add (self->values, value);
  if (self->values->len > MAX_VALUES)
    fe_machine_fail (self, "it makes more than 2000000 values");
  return value;
}

void
fe_machine_init (FePickleMachine *self)
{
  *self = (FePickleMachine){
      .values = g_ptr_array_new_with_free_func (value_free),
      .stack = g_ptr_array_new (),
      .marks = g_array_new (FALSE, FALSE, sizeof (guint)),
      .memo = g_hash_table_new (NULL, NULL),
  };
  self->none = new_value (self, FE_PICKLE_NONE);
  for (guint i = 0; i < 2; i++) {
    self->booleans[i] = new_value (self, FE_PICKLE_BOOL);
    self->booleans[i]->integer = i;
  }
}

void
fe_machine_clear (FePickleMachine *self)
{
  g_clear_pointer (&self->memo, g_hash_table_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_pointer (&self->stack, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_ptr_array_unref);
}

gboolean
fe_machine_fail (FePickleMachine *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
  return FALSE;
}

gboolean
fe_machine_push (FePickleMachine *self, FePickle *value)
{
  g_ptr_array_add (self->stack, value);
  return self->problem == NULL;
}

gboolean
fe_machine_push_new (FePickleMachine *self, FePickleKind kind)
{
  return fe_machine_push (self, new_value (self, kind));
}

gboolean
fe_machine_push_int (FePickleMachine *self, gint64 integer)
{
  FePickle *value = new_value (self, FE_PICKLE_INT);

  value->integer = integer;
  return fe_machine_push (self, value);
}

gboolean
fe_machine_push_float (FePickleMachine *self, double real)
{
  FePickle *value = new_value (self, FE_PICKLE_FLOAT);

  value->real = real;
  return fe_machine_push (self, value);
}

gboolean
fe_machine_push_text (FePickleMachine *self, FePickleKind kind, char *text)
{
  FePickle *value = new_value (self, kind);

  value->text = text;
  self->text_size += strlen (text);
  if (self->text_size > MAX_TEXT)
    return fe_machine_fail (self, "its strings are too long in total");
  return fe_machine_push (self, value);
}

/* Opcodes may use only the stack above the last mark. */
static guint
get_height (const FePickleMachine *self)
{
  const guint n_marks = self->marks->len;
  const guint below =
      n_marks > 0 ? g_array_index (self->marks, guint, n_marks - 1) : 0;

  return self->stack->len - below;
}

static gboolean
require (FePickleMachine *self, guint n)
{
  return get_height (self) >= n
         || fe_machine_fail (self, "it pops from an empty stack");
}

/* The value below the n topmost ones, which must exist. */
static FePickle *
look_below (FePickleMachine *self, guint n)
{
  return g_ptr_array_index (self->stack, self->stack->len - 1 - n);
}

static void
forget (FePickleMachine *self, guint n)
{
  g_ptr_array_set_size (self->stack, (int)(self->stack->len - n));
}

/* Pops the last mark; *n is the number of values above it. */
static gboolean
pop_mark (FePickleMachine *self, guint *n)
{
  if (self->marks->len == 0)
    return fe_machine_fail (self, "it pops a mark that was not set");
  *n = get_height (self);
  g_array_set_size (self->marks, self->marks->len - 1);
  return TRUE;
}

FePickle *
fe_machine_peek (FePickleMachine *self)
{
  return require (self, 1) ? look_below (self, 0) : NULL;
}

/* Moves the n topmost values, which must exist, to an object's items. */
static void
take_items (FePickleMachine *self, FePickle *object, guint n)
{
  if (n == 0)
    return;
  if (n > object->n_allocated - object->n_items) {
    object->n_allocated = MAX (object->n_items + n, 2 * object->n_allocated);
    object->items =
        g_renew (const FePickle *, object->items, object->n_allocated);
  }
  memcpy (object->items + object->n_items,
          self->stack->pdata + self->stack->len - n, n * sizeof *object->items);
  object->n_items += n;
  forget (self, n);
}

gboolean
fe_machine_make_tuple (FePickleMachine *self, guint n)
{
  FePickle *tuple;

  if (!require (self, n))
    return FALSE;
  tuple = new_value (self, FE_PICKLE_TUPLE);
  take_items (self, tuple, n);
  return fe_machine_push (self, tuple);
}

gboolean
fe_machine_make_tuple_to_mark (FePickleMachine *self)
{
  guint n;

  return pop_mark (self, &n) && fe_machine_make_tuple (self, n);
}

gboolean
fe_machine_make_opaque_to_mark (FePickleMachine *self)
{
  return fe_machine_drop_to_mark (self)
         && fe_machine_push_new (self, FE_PICKLE_OPAQUE);
}

gboolean
fe_machine_make_global (FePickleMachine *self)
{
  const FePickle *module, *name;

  if (!require (self, 2))
    return FALSE;
  module = look_below (self, 1);
  name = look_below (self, 0);
  if (module->kind != FE_PICKLE_STRING || name->kind != FE_PICKLE_STRING)
    return fe_machine_fail (self, "a name in it is not a string");
  forget (self, 2);
  return fe_machine_push_text (
      self, FE_PICKLE_GLOBAL,
      g_strconcat (module->text, ".", name->text, NULL));
}

gboolean
fe_machine_make_persistent (FePickleMachine *self)
{
  FePickle *value;

  if (!require (self, 1))
    return FALSE;
  value = new_value (self, FE_PICKLE_PERSISTENT);
  value->arguments = look_below (self, 0);
  forget (self, 1);
  return fe_machine_push (self, value);
}

gboolean
fe_machine_make_call (FePickleMachine *self, guint n)
{
  FePickle *call;

  g_assert (n > 0);
  if (!require (self, n + 1))
    return FALSE;
  call = new_value (self, FE_PICKLE_CALL);
  call->callable = look_below (self, n);
  call->arguments = look_below (self, n - 1);
  forget (self, n + 1);
  return fe_machine_push (self, call);
}

/* The result of a call may be filled like a dict, a list or both; only those of
 * an OrderedDict are used. */
gboolean
fe_machine_extend (FePickleMachine *self, guint n, gboolean pairs)
{
  FePickle *object;

  if (!require (self, n + 1))
    return FALSE;
  if (pairs && n % 2 != 0)
    return fe_machine_fail (self, "it sets a key without a value");
  object = look_below (self, n);
  switch (object->kind) {
  case FE_PICKLE_OPAQUE:
    forget (self, n);
    return TRUE;
  case FE_PICKLE_CALL:
    if (pairs)
      take_items (self, object, n);
    else
      forget (self, n);
    return TRUE;
  case FE_PICKLE_DICT:
  case FE_PICKLE_LIST:
    if (pairs != (object->kind == FE_PICKLE_DICT))
      break;
    take_items (self, object, n);
    return TRUE;
  default:
    break;
  }
  return fe_machine_fail (self,
                          "it adds items to an object that cannot hold them");
}

gboolean
fe_machine_extend_to_mark (FePickleMachine *self, gboolean pairs)
{
  guint n;

  return pop_mark (self, &n) && fe_machine_extend (self, n, pairs);
}

gboolean
fe_machine_build (FePickleMachine *self)
{
  if (!require (self, 2))
    return FALSE;
  forget (self, 1);
  return TRUE;
}

gboolean
fe_machine_mark (FePickleMachine *self)
{
  g_array_append_val (self->marks, self->stack->len);
  return TRUE;
}

gboolean
fe_machine_drop (FePickleMachine *self)
{
  guint n;

  if (get_height (self) == 0)
    return pop_mark (self, &n);
  forget (self, 1);
  return TRUE;
}

gboolean
fe_machine_drop_to_mark (FePickleMachine *self)
{
  guint n;

  if (!pop_mark (self, &n))
    return FALSE;
  forget (self, n);
  return TRUE;
}

gboolean
fe_machine_duplicate (FePickleMachine *self)
{
  FePickle *value = fe_machine_peek (self);

  return value != NULL && fe_machine_push (self, value);
}

gboolean
fe_machine_memoize (FePickleMachine *self, guint64 number)
{
  FePickle *value = fe_machine_peek (self);

  if (value == NULL)
    return FALSE;
  g_hash_table_insert (self->memo, GSIZE_TO_POINTER (number), value);
  return TRUE;
}

gboolean
fe_machine_recall (FePickleMachine *self, guint64 number)
{
  FePickle *value = g_hash_table_lookup (self->memo, GSIZE_TO_POINTER (number));

  return value != NULL ? fe_machine_push (self, value)
                       : fe_machine_fail (
                           self, "it refers to a value that was not memoized");
}
