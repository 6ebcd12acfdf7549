/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a Python pickle, protocols 2 to 5, into a tree of values that do
 * nothing.
 *
 * A pickle is a program that builds objects by calling functions. Here no name
 * is looked up and nothing is called: what would be a call becomes a value that
 * says so. Memory and time are bounded by the pickle's length, nesting takes no
 * stack.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FE_PICKLE_NONE,
  FE_PICKLE_BOOL,
  FE_PICKLE_INT,
  FE_PICKLE_FLOAT,
  FE_PICKLE_STRING,
  FE_PICKLE_LIST,
  FE_PICKLE_TUPLE,
  FE_PICKLE_DICT,
  FE_PICKLE_GLOBAL,     /* a name: text is "module.name" */
  FE_PICKLE_CALL,       /* what callable (arguments) would have returned */
  FE_PICKLE_PERSISTENT, /* what the writer keeps outside; arguments says what */
  FE_PICKLE_OPAQUE,     /* bytes, sets, numbers beyond 64 bits */
} FePickleKind;

typedef struct _FePickle FePickle;

/* Values may be shared and may form cycles. */
struct _FePickle {
  FePickleKind kind;
  /* Of a list or tuple; a dict, or what a call returned and then filled like
   * one, has a key and a value in turn. */
  guint n_items;
  guint n_allocated;
  const FePickle **items;
  union {
    gint64 integer; /* and BOOL */
    double real;
    char *text; /* UTF-8 */
    struct {
      const FePickle *callable;
      const FePickle *arguments;
    };
  };
};

typedef struct _FeUnpickled FeUnpickled;

/* Longest pickle that is read: state dicts of the largest CLIP take a 20th. */
#define FE_UNPICKLE_MAX_SIZE (8u << 20)

/* Keeps no pointer to `data`. Errors are sentences without a file's name. */
FeUnpickled *fe_unpickle (const guint8 *data, gsize size, GError **error);

void fe_unpickled_free (FeUnpickled *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeUnpickled, fe_unpickled_free)

/* The pickled object; it and all below belong to self. */
const FePickle *fe_unpickled_get_root (const FeUnpickled *self);

/* Whether it is the name "module.name". */
gboolean fe_pickle_is_global (const FePickle *self, const char *name);

/* Whether it is a dict or an OrderedDict, whose items are keys and values. */
gboolean fe_pickle_is_dict (const FePickle *self);

/* The value of a string key in a dict, or NULL; of several the last one, as in
 * Python. */
const FePickle *fe_pickle_get (const FePickle *self, const char *key);

G_END_DECLS
