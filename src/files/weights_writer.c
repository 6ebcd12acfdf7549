/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/weights_writer.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

/* Alignment of the data in a file. */
#define ALIGNMENT 8

typedef struct {
  char *name;
  FeShape shape;
  gsize size; /* in bytes */
  float *values;
} Tensor;

struct _FeWeightsWriter {
  GPtrArray *tensors; /* Tensor */
  GPtrArray *keys;    /* char *, alternating keys and values */
};

static void
tensor_free (Tensor *self)
{
  g_free (self->name);
  g_free (self->values);
  g_free (self);
}

FeWeightsWriter *
fe_weights_writer_new (void)
{
  FeWeightsWriter *self = g_new0 (FeWeightsWriter, 1);

  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify)tensor_free);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fe_weights_writer_free (FeWeightsWriter *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->tensors);
  g_ptr_array_unref (self->keys);
  g_free (self);
}

void
fe_weights_writer_set (FeWeightsWriter *self, const char *key,
                       const char *value)
{
  g_ptr_array_add (self->keys, g_strdup (key));
  g_ptr_array_add (self->keys, g_strdup (value));
}

void
fe_weights_writer_add (FeWeightsWriter *self, const char *name,
                       const FeShape *shape, float *values)
{
  Tensor *tensor = g_new0 (Tensor, 1);

  tensor->name = g_strdup (name);
  tensor->shape = *shape;
  tensor->values = values;
  tensor->size = sizeof (float);
  for (guint i = 0; i < shape->n_dims; i++)
    tensor->size *= shape->dims[i];
  g_ptr_array_add (self->tensors, tensor);
}

static void
describe_tensor (const Tensor *tensor, gsize offset, JsonBuilder *json)
{
  json_builder_set_member_name (json, tensor->name);
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "dtype");
  json_builder_add_string_value (json, "F32");
  json_builder_set_member_name (json, "shape");
  json_builder_begin_array (json);
  for (guint i = 0; i < tensor->shape.n_dims; i++)
    json_builder_add_int_value (json, (gint64)tensor->shape.dims[i]);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "data_offsets");
  json_builder_begin_array (json);
  json_builder_add_int_value (json, (gint64)offset);
  json_builder_add_int_value (json, (gint64)(offset + tensor->size));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

/* Start of the file: the length of the JSON header, then the header. */
static GByteArray *
make_header (const FeWeightsWriter *self)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  GByteArray *header = g_byte_array_new ();
  guint64 length;
  gsize size, offset = 0;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "__metadata__");
  json_builder_begin_object (json);
  for (guint i = 0; i < self->keys->len; i += 2) {
    json_builder_set_member_name (json, g_ptr_array_index (self->keys, i));
    json_builder_add_string_value (json, g_ptr_array_index (self->keys, i + 1));
  }
  json_builder_end_object (json);
  for (guint i = 0; i < self->tensors->len; i++) {
    const Tensor *tensor = g_ptr_array_index (self->tensors, i);

    describe_tensor (tensor, offset, json);
    offset += tensor->size;
  }
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, &size);

  length = GUINT64_TO_LE ((size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  g_byte_array_append (header, (const guint8 *)&length, sizeof length);
  g_byte_array_append (header, (const guint8 *)text, (guint)size);
  while (header->len % ALIGNMENT)
    g_byte_array_append (header, (const guint8 *)" ", 1);
  return header;
}

static gboolean
write_all (const FeWeightsWriter *self, FILE *file)
{
  g_autoptr (GByteArray) header = make_header (self);
  gboolean ok = fwrite (header->data, 1, header->len, file) == header->len;

  for (guint i = 0; ok && i < self->tensors->len; i++) {
    const Tensor *tensor = g_ptr_array_index (self->tensors, i);

    ok = fwrite (tensor->values, 1, tensor->size, file) == tensor->size;
  }
  /* Sync the data before the rename, so that the file is complete after a power
   * failure. */
  return ok && fflush (file) == 0 && fsync (fileno (file)) == 0;
}

gboolean
fe_weights_writer_save (FeWeightsWriter *self, const char *path, GError **error)
{
  g_autofree char *aside = g_strconcat (path, ".part", NULL);
  FILE *file = g_fopen (aside, "wb");
  gboolean ok = file && write_all (self, file);
  int failure = errno;

  if (file && fclose (file) != 0 && ok) {
    ok = FALSE;
    failure = errno;
  }
  if (ok && g_rename (aside, path) != 0) {
    ok = FALSE;
    failure = errno;
  }
  if (ok)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: could not be written: %s", path, g_strerror (failure));
  if (file)
    g_unlink (aside);
  return FALSE;
}
