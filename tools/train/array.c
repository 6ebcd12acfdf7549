/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/array.h"

#include <feclip/error.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6

/* The header is a Python dictionary; its length has 2 bytes in version 1 and 4
 * afterwards. */
static char *
read_header (GMappedFile *file, gsize *data_offset)
{
  const guint8 *bytes = (const guint8 *)g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file), start, length;

  if (size < 12 || memcmp (bytes, MAGIC, MAGIC_SIZE) != 0)
    return NULL;
  start = bytes[6] == 1 ? 10 : 12;
  length = bytes[8] | (gsize)bytes[9] << 8;
  if (bytes[6] != 1)
    length |= (gsize)bytes[10] << 16 | (gsize)bytes[11] << 24;
  if (length > size - start)
    return NULL;
  *data_offset = start + length;
  return g_strndup ((const char *)bytes + start, length);
}

/* Reads "(2, 3, 4)" behind 'shape'. */
static gboolean
parse_shape (FeArray *self, const char *header)
{
  const char *at = strstr (header, "'shape':");

  at = at ? strchr (at, '(') : NULL;
  if (!at)
    return FALSE;
  for (at++; *at != ')' && *at;) {
    guint64 value;
    char *end;

    if (!g_ascii_isdigit (*at)) {
      at++;
      continue;
    }
    value = g_ascii_strtoull (at, &end, 10);
    if (self->n_dims == FE_ARRAY_MAX_DIMS || value == 0 || value > G_MAXINT)
      return FALSE;
    self->dims[self->n_dims++] = value;
    at = end;
  }
  return *at == ')';
}

/* Whether the file holds as many numbers as its shape says. */
static gboolean
check_size (const FeArray *self, gsize data_offset, const char *type)
{
  guint64 room = g_mapped_file_get_length (self->file) - data_offset;

  room /= (guint64)atoi (type + 2);
  for (guint i = 0; i < self->n_dims; i++)
    room /= self->dims[i];
  return room > 0;
}

FeArray *
fe_array_open (const char *path, const char *type, guint n_dims, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *wanted = g_strdup_printf ("'descr': '%s'", type);
  g_autofree char *header = NULL;
  g_autoptr (FeArray) self = g_new0 (FeArray, 1);
  gsize offset = 0;

  self->file = g_mapped_file_new (path, FALSE, error);
  if (!self->file)
    return NULL;
  header = read_header (self->file, &offset);
  if (header && strstr (header, wanted)
      && strstr (header, "'fortran_order': False") && parse_shape (self, header)
      && self->n_dims == n_dims && check_size (self, offset, type)) {
    self->data = g_mapped_file_get_contents (self->file) + offset;
    return g_steal_pointer (&self);
  }
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: not a whole NumPy array of %u dimensions and type %s", name,
               n_dims, type);
  return NULL;
}

void
fe_array_free (FeArray *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->file, g_mapped_file_unref);
  g_free (self);
}
