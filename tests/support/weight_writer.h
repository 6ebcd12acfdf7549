/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes weight files, right and wrong ones, for the tests of their readers. */
#pragma once

#include <glib.h>

/* A safetensors file: the header as it stands, then n_data bytes that count up
 * from 0 in each 16-bit half, which are finite numbers in every format. */
GByteArray *writer_safetensors (const char *header, gsize n_data);

/* A pickle in the making. Strings and numbers get the opcodes that Python would
 * use in protocol 2. */
typedef GByteArray Pickle;

Pickle *pickle_new (void);
void pickle_raw (Pickle *self, const char *opcodes); /* up to its NUL */
void pickle_byte (Pickle *self, guint8 byte);
void pickle_string (Pickle *self, const char *text);
void pickle_int (Pickle *self, gint64 number);
void pickle_float (Pickle *self, double number);
/* Pickle of [numbers …], or of the tuple. */
void pickle_list (Pickle *self, const gint64 *numbers, guint n);
void pickle_tuple (Pickle *self, const gint64 *numbers, guint n);

typedef struct {
  const char *storage; /* "HalfStorage"; with a dot: the whole name */
  const char *key;     /* the entry data/KEY */
  gint64 n_elements;   /* of the storage */
  gint64 first;
  guint n_dims;
  gint64 dims[6];
  gint64 strides[6];    /* all 0: without gaps */
  const char *function; /* NULL: torch._utils._rebuild_tensor_v2 */
  gboolean parameter;   /* within torch._utils._rebuild_parameter */
} PickleTensor;

void pickle_tensor (Pickle *self, const PickleTensor *tensor);
GByteArray *pickle_stop (Pickle *self);

/* A zip archive in the making. */
typedef struct {
  GByteArray *file;
  GByteArray *directory;
  guint n_entries;
} Zip;

typedef struct {
  guint16 method; /* 0: stored */
  guint16 flags;
  gboolean zip64; /* sizes and place in the extra field */
} ZipOptions;

Zip *zip_new (void);
void zip_add (Zip *self, const char *name, const void *bytes, gsize n_bytes,
              const ZipOptions *options);
GByteArray *zip_finish (Zip *self, gboolean zip64);

/* A checkpoint: "model/data.pkl" and storages "0", "1", … of the sizes given up
 * to 0, filled as in writer_safetensors(). Takes the pickle. */
GByteArray *writer_checkpoint (GByteArray *pickle, const gsize *storages);

/* Where in `file` the nth occurrence of a signature is, from 0. */
gsize writer_find (const GByteArray *file, const char *signature, guint nth);

/* Little-endian number of n bytes over what is there. */
void writer_poke (GByteArray *file, gsize at, guint64 number, guint n);
