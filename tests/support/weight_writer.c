/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/weight_writer.h"

#include <string.h>

static void
append (GByteArray *self, const void *bytes, gsize n)
{
  if (n > 0)
    g_byte_array_append (self, bytes, (guint)n);
}

static void
append_number (GByteArray *self, guint64 number, guint n)
{
  g_assert_cmpuint (n, <=, sizeof number);
  number = GUINT64_TO_LE (number);
  append (self, &number, n);
}

static void
append_data (GByteArray *self, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint8 byte = i % 2 == 0 ? (guint8)(i / 2) : (guint8)(i / 512 % 64);

    append (self, &byte, 1);
  }
}

GByteArray *
writer_safetensors (const char *header, gsize n_data)
{
  GByteArray *file = g_byte_array_new ();

  append_number (file, strlen (header), 8);
  append (file, header, strlen (header));
  append_data (file, n_data);
  return file;
}

Pickle *
pickle_new (void)
{
  Pickle *self = g_byte_array_new ();

  pickle_raw (self, "\x80\2");
  return self;
}

void
pickle_raw (Pickle *self, const char *opcodes)
{
  append (self, opcodes, strlen (opcodes));
}

void
pickle_byte (Pickle *self, guint8 byte)
{
  append (self, &byte, 1);
}

void
pickle_string (Pickle *self, const char *text)
{
  pickle_raw (self, "X");
  append_number (self, strlen (text), 4);
  pickle_raw (self, text);
}

void
pickle_int (Pickle *self, gint64 number)
{
  if (number >= 0 && number < 256) {
    pickle_raw (self, "K");
    append_number (self, (guint64)number, 1);
  } else {
    pickle_raw (self, "\x8a\x8");
    append_number (self, (guint64)number, 8);
  }
}

void
pickle_float (Pickle *self, double number)
{
  guint64 bits;

  memcpy (&bits, &number, sizeof bits);
  bits = GUINT64_TO_BE (bits);
  pickle_raw (self, "G");
  append (self, &bits, sizeof bits);
}

void
pickle_list (Pickle *self, const gint64 *numbers, guint n)
{
  pickle_raw (self, "](");
  for (guint i = 0; i < n; i++)
    pickle_int (self, numbers[i]);
  pickle_raw (self, "e");
}

void
pickle_tuple (Pickle *self, const gint64 *numbers, guint n)
{
  pickle_raw (self, "(");
  for (guint i = 0; i < n; i++)
    pickle_int (self, numbers[i]);
  pickle_raw (self, "t");
}

static void
pickle_storage (Pickle *self, const PickleTensor *tensor)
{
  const char *dot = strrchr (tensor->storage, '.');

  pickle_raw (self, "(");
  pickle_string (self, "storage");
  pickle_raw (self, "c");
  if (dot != NULL) {
    append (self, tensor->storage, (gsize)(dot - tensor->storage));
    pickle_raw (self, "\n");
    pickle_raw (self, dot + 1);
  } else {
    pickle_raw (self, "torch\n");
    pickle_raw (self, tensor->storage);
  }
  pickle_raw (self, "\n");
  pickle_string (self, tensor->key);
  pickle_string (self, "cpu");
  pickle_int (self, tensor->n_elements);
  pickle_raw (self, "tQ");
}

void
pickle_tensor (Pickle *self, const PickleTensor *tensor)
{
  gint64 strides[6], stride = 1;
  gboolean packed = TRUE;

  for (guint i = tensor->n_dims; i > 0; i--) {
    packed &= tensor->strides[i - 1] == 0;
    strides[i - 1] = stride;
    /* Some dims are meant to overflow. */
    stride = (gint64)((guint64)stride * (guint64)tensor->dims[i - 1]);
  }
  if (tensor->parameter)
    pickle_raw (self, "ctorch._utils\n_rebuild_parameter\n(");
  pickle_raw (self, tensor->function != NULL
                        ? tensor->function
                        : "ctorch._utils\n_rebuild_tensor_v2\n");
  pickle_raw (self, "(");
  pickle_storage (self, tensor);
  pickle_int (self, tensor->first);
  pickle_tuple (self, tensor->dims, tensor->n_dims);
  pickle_tuple (self, packed ? strides : tensor->strides, tensor->n_dims);
  pickle_raw (self, "\x89"
                    "ccollections\nOrderedDict\n)RtR");
  if (tensor->parameter)
    pickle_raw (self, "\x88"
                      "ccollections\nOrderedDict\n)RtR");
}

GByteArray *
pickle_stop (Pickle *self)
{
  pickle_raw (self, ".");
  return self;
}

Zip *
zip_new (void)
{
  Zip *self = g_new0 (Zip, 1);

  self->file = g_byte_array_new ();
  self->directory = g_byte_array_new ();
  return self;
}

/* What a local header and an entry of the directory have in common. */
static void
append_head (GByteArray *at, const char *name, gsize n_bytes,
             const ZipOptions *options)
{
  const guint64 size = options->zip64 ? G_MAXUINT32 : n_bytes;

  append_number (at, 0, 2);
  append_number (at, options->flags, 2);
  append_number (at, options->method, 2);
  append_number (at, 0, 8); /* time, date, CRC */
  append_number (at, size, 4);
  append_number (at, size, 4);
  append_number (at, strlen (name), 2);
}

void
zip_add (Zip *self, const char *name, const void *bytes, gsize n_bytes,
         const ZipOptions *options)
{
  const ZipOptions plain = {0};
  const gsize place = self->file->len;

  if (options == NULL)
    options = &plain;
  append (self->file, "PK\3\4", 4);
  append_head (self->file, name, n_bytes, options);
  append_number (self->file, 7, 2);
  append (self->file, name, strlen (name));
  append (self->file, "FB\3\0ZZZ", 7);
  append (self->file, bytes, n_bytes);

  append (self->directory, "PK\1\2\0\0", 6);
  append_head (self->directory, name, n_bytes, options);
  append_number (self->directory, options->zip64 ? 28 : 0, 2);
  append_number (self->directory, 0, 2); /* comment */
  append_number (self->directory, 0, 8); /* disk, attributes */
  append_number (self->directory, options->zip64 ? G_MAXUINT32 : place, 4);
  append (self->directory, name, strlen (name));
  if (options->zip64) {
    append_number (self->directory, 1, 2);
    append_number (self->directory, 24, 2);
    append_number (self->directory, n_bytes, 8);
    append_number (self->directory, n_bytes, 8);
    append_number (self->directory, place, 8);
  }
  self->n_entries++;
}

GByteArray *
zip_finish (Zip *self, gboolean zip64)
{
  GByteArray *file = self->file;
  const gsize place = file->len, size = self->directory->len;

  append (file, self->directory->data, size);
  if (zip64) {
    const gsize end = file->len;

    append (file, "PK\6\6\54\0\0\0\0\0\0\0\36\3\55\0", 16);
    append_number (file, 0, 8);
    append_number (file, self->n_entries, 8);
    append_number (file, self->n_entries, 8);
    append_number (file, size, 8);
    append_number (file, place, 8);
    append (file, "PK\6\7\0\0\0\0", 8);
    append_number (file, end, 8);
    append_number (file, 1, 4);
  }
  append (file, "PK\5\6\0\0\0\0", 8);
  append_number (file, zip64 ? G_MAXUINT16 : self->n_entries, 2);
  append_number (file, zip64 ? G_MAXUINT16 : self->n_entries, 2);
  append_number (file, zip64 ? G_MAXUINT32 : size, 4);
  append_number (file, zip64 ? G_MAXUINT32 : place, 4);
  append_number (file, 0, 2);
  g_byte_array_unref (self->directory);
  g_free (self);
  return file;
}

GByteArray *
writer_checkpoint (GByteArray *pickle, const gsize *storages)
{
  Zip *zip = zip_new ();

  zip_add (zip, "model/data.pkl", pickle->data, pickle->len, NULL);
  for (guint i = 0; storages != NULL && storages[i] > 0; i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_autofree char *name = g_strdup_printf ("model/data/%u", i);

    append_data (bytes, storages[i]);
    zip_add (zip, name, bytes->data, bytes->len, NULL);
  }
  zip_add (zip, "model/version", "3\n", 2, NULL);
  g_byte_array_unref (pickle);
  return zip_finish (zip, FALSE);
}

gsize
writer_find (const GByteArray *file, const char *signature, guint nth)
{
  const gsize n = strlen (signature);

  for (gsize i = 0; i + n <= file->len; i++)
    if (memcmp (file->data + i, signature, n) == 0 && nth-- == 0)
      return i;
  g_error ("no such signature");
}

void
writer_poke (GByteArray *file, gsize at, guint64 number, guint n)
{
  g_assert_cmpuint (at + n, <=, file->len);
  number = GUINT64_TO_LE (number);
  memcpy (file->data + at, &number, n);
}
