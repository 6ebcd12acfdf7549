/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses a Python pickle, protocols 2 to 5, into a tree of passive values.
 *
 * A pickle is a program that builds objects by calling functions. Here no name
 * is looked up and nothing is called: a call becomes a value that describes it.
 * Memory and time are bounded by the pickle's length; nesting does not use the
 * stack. */
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
  FE_PICKLE_GLOBAL,     /* a global name; text is "module.name" */
  FE_PICKLE_CALL,       /* describes the result of callable (arguments) */
  FE_PICKLE_PERSISTENT, /* an object outside of the pickle, identified by
                         * arguments */
  FE_PICKLE_OPAQUE,     /* bytes, sets, numbers beyond 64 bits */
} FePickleKind;

typedef struct _FePickle FePickle;

/* Values may be shared and may form cycles. */
struct _FePickle {
  FePickleKind kind;
  /* Items of a list or tuple; alternating keys and values of a dict, or of an
   * object that was created by a call and filled like a dict. */
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

/* Largest pickle that is parsed; the state dicts of the largest CLIP need a
 * 20th. */
#define FE_UNPICKLE_MAX_SIZE (8u << 20)

/* Keeps no pointer to `data`. Error messages do not contain the file's name. */
FeUnpickled *fe_unpickle (const guint8 *data, gsize size, GError **error);

void fe_unpickled_free (FeUnpickled *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeUnpickled, fe_unpickled_free)

/* The pickled object; it and everything it refers to belong to self. */
const FePickle *fe_unpickled_get_root (const FeUnpickled *self);

/* Whether it is the global name "module.name". */
gboolean fe_pickle_is_global (const FePickle *self, const char *name);

/* Whether it is a dict or OrderedDict, with alternating keys and values. */
gboolean fe_pickle_is_dict (const FePickle *self);

/* Value of a string key in a dict, or NULL; the last one of equal keys, as in
 * Python. */
const FePickle *fe_pickle_get (const FePickle *self, const char *key);

G_END_DECLS
