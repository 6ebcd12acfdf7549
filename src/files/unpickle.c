/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/unpickle.h"

#include <string.h>

#include <feclip/error.h>

#include "files/pickle_machine.h"

struct _FeUnpickled {
  GPtrArray *values;
  const FePickle *root;
};

/* Parser state. */
typedef struct {
  const guint8 *start;
  const guint8 *at;
  const guint8 *end;
  FePickleMachine *machine;
  gboolean done;
} Reader;

/* The next n bytes, or NULL. */
static const guint8 *
take_bytes (Reader *self, guint64 n)
{
  const guint8 *bytes = self->at;

  if (n > (guint64)(self->end - self->at)) {
    fe_machine_fail (self->machine, "it ends too early");
    return NULL;
  }
  self->at += n;
  return bytes;
}

/* A little-endian integer of n bytes, at most 8. */
static gboolean
take_uint (Reader *self, guint n, guint64 *number)
{
  const guint8 *bytes = take_bytes (self, n);

  *number = 0;
  for (guint i = 0; bytes != NULL && i < n; i++)
    *number |= (guint64)bytes[i] << (8 * i);
  return bytes != NULL;
}

static gboolean
read_int (Reader *self, guint size)
{
  guint64 number;

  if (!take_uint (self, size, &number))
    return FALSE;
  /* Integers of four bytes are signed, those of one or two are not. */
  return fe_machine_push_int (self->machine, size == 4 ? (gint32)(guint32)number
                                                       : (gint64)number);
}

/* A signed integer of any length, in two's complement. */
static gboolean
read_long (Reader *self, guint length_size)
{
  guint64 length, number;
  const guint8 *bytes;

  if (!take_uint (self, length_size, &length))
    return FALSE;
  if (length > 8)
    return take_bytes (self, length) != NULL
           && fe_machine_push_new (self->machine, FE_PICKLE_OPAQUE);
  bytes = self->at;
  if (!take_uint (self, (guint)length, &number))
    return FALSE;
  if (length > 0 && length < 8 && (bytes[length - 1] & 0x80) != 0)
    number |= G_MAXUINT64 << (8 * length);
  return fe_machine_push_int (self->machine, (gint64)number);
}

static gboolean
read_float (Reader *self)
{
  const guint8 *bytes = take_bytes (self, 8);
  guint64 bits;
  double real;

  if (bytes == NULL)
    return FALSE;
  memcpy (&bits, bytes, sizeof bits);
  bits = GUINT64_FROM_BE (bits);
  memcpy (&real, &bits, sizeof real);
  return fe_machine_push_float (self->machine, real);
}

/* A string that is not UTF-8 or contains NUL cannot be a tensor's name, but may
 * be among other values of a checkpoint. */
static gboolean
read_string (Reader *self, guint length_size)
{
  guint64 length;
  const char *bytes;

  if (!take_uint (self, length_size, &length))
    return FALSE;
  bytes = (const char *)take_bytes (self, length);
  if (bytes == NULL)
    return FALSE;
  if (!g_utf8_validate_len (bytes, length, NULL))
    return fe_machine_push_new (self->machine, FE_PICKLE_OPAQUE);
  return fe_machine_push_text (self->machine, FE_PICKLE_STRING,
                               g_strndup (bytes, length));
}

static gboolean
read_bytes (Reader *self, guint length_size)
{
  guint64 length;

  return take_uint (self, length_size, &length)
         && take_bytes (self, length) != NULL
         && fe_machine_push_new (self->machine, FE_PICKLE_OPAQUE);
}

/* A name up to the end of the line; NULL if it is invalid. */
static char *
take_line (Reader *self)
{
  const char *line = (const char *)self->at;
  const gsize n_left = (gsize)(self->end - self->at);
  const char *end = n_left > 0 ? memchr (line, '\n', n_left) : NULL;

  if (end == NULL || !g_utf8_validate_len (line, (gsize)(end - line), NULL)) {
    fe_machine_fail (self->machine, "a name in it is damaged");
    return NULL;
  }
  self->at = (const guint8 *)end + 1;
  return g_strndup (line, (gsize)(end - line));
}

static gboolean
read_global (Reader *self)
{
  g_autofree char *module = take_line (self);
  g_autofree char *name = module != NULL ? take_line (self) : NULL;

  return name != NULL
         && fe_machine_push_text (self->machine, FE_PICKLE_GLOBAL,
                                  g_strconcat (module, ".", name, NULL));
}

static gboolean
read_put (Reader *self, guint number_size)
{
  guint64 number;

  return take_uint (self, number_size, &number)
         && fe_machine_memoize (self->machine, number);
}

static gboolean
read_get (Reader *self, guint number_size)
{
  guint64 number;

  return take_uint (self, number_size, &number)
         && fe_machine_recall (self->machine, number);
}

static gboolean
read_protocol (Reader *self)
{
  guint64 protocol;

  if (!take_uint (self, 1, &protocol))
    return FALSE;
  return (protocol >= 2 && protocol <= 5)
         || fe_machine_fail (self->machine, "its protocol is not 2, 3, 4 or 5");
}

/* Opcodes whose value is encoded in the bytes after them. */
static gboolean
step_value (Reader *self, guint8 opcode)
{
  switch (opcode) {
  case 'J': /* BININT */
    return read_int (self, 4);
  case 'K': /* BININT1 */
    return read_int (self, 1);
  case 'M': /* BININT2 */
    return read_int (self, 2);
  case 0x8a: /* LONG1 */
    return read_long (self, 1);
  case 0x8b: /* LONG4 */
    return read_long (self, 4);
  case 'G': /* BINFLOAT */
    return read_float (self);
  case 'U':  /* SHORT_BINSTRING, of Python 2 */
  case 0x8c: /* SHORT_BINUNICODE */
    return read_string (self, 1);
  case 'T': /* BINSTRING, of Python 2 */
  case 'X': /* BINUNICODE */
    return read_string (self, 4);
  case 0x8d: /* BINUNICODE8 */
    return read_string (self, 8);
  case 'C': /* SHORT_BINBYTES */
    return read_bytes (self, 1);
  case 'B': /* BINBYTES */
    return read_bytes (self, 4);
  case 0x8e: /* BINBYTES8 */
  case 0x96: /* BYTEARRAY8 */
    return read_bytes (self, 8);
  case 'c': /* GLOBAL */
    return read_global (self);
  default:
    return fe_machine_fail (self->machine,
                            "it uses an opcode that no state dict needs");
  }
}

/* Opcodes for constants and empty containers. */
static gboolean
step_constant (Reader *self, guint8 opcode)
{
  FePickleMachine *machine = self->machine;

  switch (opcode) {
  case 'N': /* NONE */
    return fe_machine_push (machine, machine->none);
  case 0x88: /* NEWTRUE */
    return fe_machine_push (machine, machine->booleans[1]);
  case 0x89: /* NEWFALSE */
    return fe_machine_push (machine, machine->booleans[0]);
  case ']': /* EMPTY_LIST */
    return fe_machine_push_new (machine, FE_PICKLE_LIST);
  case '}': /* EMPTY_DICT */
    return fe_machine_push_new (machine, FE_PICKLE_DICT);
  case ')': /* EMPTY_TUPLE */
    return fe_machine_push_new (machine, FE_PICKLE_TUPLE);
  case 0x8f: /* EMPTY_SET */
    return fe_machine_push_new (machine, FE_PICKLE_OPAQUE);
  default:
    return step_value (self, opcode);
  }
}

/* Opcodes that build values from the stack. */
static gboolean
step_object (Reader *self, guint8 opcode)
{
  FePickleMachine *machine = self->machine;

  switch (opcode) {
  case 'a': /* APPEND */
    return fe_machine_extend (machine, 1, FALSE);
  case 'e':  /* APPENDS */
  case 0x90: /* ADDITEMS */
    return fe_machine_extend_to_mark (machine, FALSE);
  case 's': /* SETITEM */
    return fe_machine_extend (machine, 2, TRUE);
  case 'u': /* SETITEMS */
    return fe_machine_extend_to_mark (machine, TRUE);
  case 0x85: /* TUPLE1 */
  case 0x86: /* TUPLE2 */
  case 0x87: /* TUPLE3 */
    return fe_machine_make_tuple (machine, opcode - 0x84u);
  case 't': /* TUPLE */
    return fe_machine_make_tuple_to_mark (machine);
  case 0x91: /* FROZENSET */
    return fe_machine_make_opaque_to_mark (machine);
  case 0x93: /* STACK_GLOBAL */
    return fe_machine_make_global (machine);
  case 'R':  /* REDUCE */
  case 0x81: /* NEWOBJ */
    return fe_machine_make_call (machine, 1);
  case 0x92: /* NEWOBJ_EX: keyword arguments follow the others */
    return fe_machine_make_call (machine, 2);
  case 'b': /* BUILD */
    return fe_machine_build (machine);
  case 'Q': /* BINPERSID */
    return fe_machine_make_persistent (machine);
  default:
    return step_constant (self, opcode);
  }
}

static gboolean
step (Reader *self)
{
  const guint8 *opcode = take_bytes (self, 1);
  FePickleMachine *machine = self->machine;

  if (opcode == NULL)
    return FALSE;
  switch (*opcode) {
  case 0x80: /* PROTO */
    return read_protocol (self);
  case 0x95: /* FRAME: a hint for buffered reading */
    return take_bytes (self, 8) != NULL;
  case '.': /* STOP */
    self->done = TRUE;
    return fe_machine_peek (machine) != NULL;
  case '(': /* MARK */
    return fe_machine_mark (machine);
  case '0': /* POP */
    return fe_machine_drop (machine);
  case '1': /* POP_MARK */
    return fe_machine_drop_to_mark (machine);
  case '2': /* DUP */
    return fe_machine_duplicate (machine);
  case 'q': /* BINPUT */
    return read_put (self, 1);
  case 'r': /* LONG_BINPUT */
    return read_put (self, 4);
  case 0x94: /* MEMOIZE */
    return fe_machine_memoize (machine, g_hash_table_size (machine->memo));
  case 'h': /* BINGET */
    return read_get (self, 1);
  case 'j': /* LONG_BINGET */
    return read_get (self, 4);
  default:
    return step_object (self, *opcode);
  }
}

FeUnpickled *
fe_unpickle (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (FeUnpickled) self = NULL;
  g_auto (FePickleMachine) machine = {NULL};
  Reader reader = {data, data, data + size, &machine};

  if (size > FE_UNPICKLE_MAX_SIZE) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "the pickle has %" G_GSIZE_FORMAT
                 " bytes, more than the %u allowed",
                 size, FE_UNPICKLE_MAX_SIZE);
    return NULL;
  }
  fe_machine_init (&machine);
  while (!reader.done) {
    const gsize place = (gsize)(reader.at - data);

    if (!step (&reader)) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "the pickle is damaged at byte %" G_GSIZE_FORMAT ": %s",
                   place, machine.problem);
      return NULL;
    }
  }
  self = g_new0 (FeUnpickled, 1);
  self->root = fe_machine_peek (&machine);
  self->values = g_steal_pointer (&machine.values);
  return g_steal_pointer (&self);
}

void
fe_unpickled_free (FeUnpickled *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_free (self);
}

const FePickle *
fe_unpickled_get_root (const FeUnpickled *self)
{
  return self->root;
}

gboolean
fe_pickle_is_global (const FePickle *self, const char *name)
{
  return self->kind == FE_PICKLE_GLOBAL && g_str_equal (self->text, name);
}

gboolean
fe_pickle_is_dict (const FePickle *self)
{
  return self->kind == FE_PICKLE_DICT
         || (self->kind == FE_PICKLE_CALL
             && fe_pickle_is_global (self->callable,
                                     "collections.OrderedDict"));
}

const FePickle *
fe_pickle_get (const FePickle *self, const char *key)
{
  if (!fe_pickle_is_dict (self))
    return NULL;
  for (guint i = self->n_items; i > 0; i -= 2) {
    const FePickle *found = self->items[i - 2];

    if (found->kind == FE_PICKLE_STRING && g_str_equal (found->text, key))
      return self->items[i - 1];
  }
  return NULL;
}
