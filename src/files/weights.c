/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/weights.h"

#include <string.h>
#include <sys/mman.h>

#include <feclip/error.h>

#include "files/weights_file.h"
#include "files/weights_names.h"

struct _FeWeights {
  FeWeightsFile file;
  GHashTable *tensors; /* open_clip name → FeTensor */
  const char *layout;
};

static gboolean
begins_with (const FeWeightsFile *file, const void *bytes, gsize n_bytes)
{
  return file->size >= n_bytes && memcmp (file->data, bytes, n_bytes) == 0;
}

/* Beginning of files of torch.save() before PyTorch 1.6: several pickles, the
 * first of which is the same number in every file. */
static gboolean
is_old_torch (const FeWeightsFile *file)
{
  static const guint8 magic[] = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

  return file->size > 2 + sizeof magic && file->data[0] == 0x80
         && memcmp (file->data + 2, magic, sizeof magic) == 0;
}

/* Detects the format by content, since file names are unreliable. */
static gboolean
scan (FeWeightsFile *file, GError **error)
{
  if (begins_with (file, "PK\3\4", 4) || begins_with (file, "PK\5\6", 4))
    return fe_torch_scan (file, error);
  if (file->size > 8 && file->data[8] == '{')
    return fe_safetensors_scan (file, error);
  if (is_old_torch (file))
    return fe_weights_file_fail (
        file, error,
        "this PyTorch file has the format of before 1.6; load it in a newer "
        "PyTorch and save it again with torch.save()");
  if (begins_with (file, "version https://git-lfs", 23))
    return fe_weights_file_fail (
        file, error,
        "this is a Git LFS pointer; run \"git lfs pull\" to fetch the file");
  if (file->size == 0)
    return fe_weights_file_fail (file, error, "the file is empty");
  return fe_weights_file_fail (
      file, error,
      "this is neither a safetensors file nor a PyTorch zip checkpoint");
}

FeWeights *
fe_weights_open (const char *path, GError **error)
{
  g_autoptr (FeWeights) self = g_new0 (FeWeights, 1);

  if (!fe_weights_file_map (&self->file, path, error)
      || !scan (&self->file, error))
    return NULL;
  self->tensors = fe_names_map (&self->file, &self->layout, error);
  return self->tensors != NULL ? g_steal_pointer (&self) : NULL;
}

void
fe_weights_free (FeWeights *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tensors, g_hash_table_unref);
  fe_weights_file_clear (&self->file);
  g_free (self);
}

const char *
fe_weights_get_path (const FeWeights *self)
{
  return self->file.path;
}

const char *
fe_weights_get_container (const FeWeights *self)
{
  return self->file.container;
}

const char *
fe_weights_get_layout (const FeWeights *self)
{
  return self->layout;
}

const char *
fe_weights_get_metadata (const FeWeights *self, const char *key)
{
  return g_hash_table_lookup (self->file.metadata, key);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static const char **
list_keys (GHashTable *table, guint *n_keys)
{
  const char **keys =
      (const char **)g_hash_table_get_keys_as_array (table, n_keys);

  qsort (keys, *n_keys, sizeof *keys, compare_names);
  return keys;
}

const char **
fe_weights_list_metadata (const FeWeights *self, guint *n_keys)
{
  return list_keys (self->file.metadata, n_keys);
}

const char **
fe_weights_list (const FeWeights *self, guint *n_names)
{
  return list_keys (self->tensors, n_names);
}

gboolean
fe_weights_has (const FeWeights *self, const char *name)
{
  return g_hash_table_contains (self->tensors, name);
}

/* Finds a tensor; NULL with an error if it is missing or cannot be read. */
static const FeTensor *
find (const FeWeights *self, const char *name, GError **error)
{
  const FeTensor *tensor = g_hash_table_lookup (self->tensors, name);

  if (tensor == NULL)
    fe_weights_file_fail (&self->file, error, "tensor \"%s\" is missing", name);
  else if (tensor->problem != NULL)
    fe_weights_file_fail (&self->file, error, "tensor \"%s\" %s", name,
                          tensor->problem);
  return tensor != NULL && tensor->problem == NULL ? tensor : NULL;
}

gboolean
fe_weights_get_shape (const FeWeights *self, const char *name, FeShape *shape,
                      GError **error)
{
  const FeTensor *tensor = find (self, name, error);

  if (tensor == NULL)
    return FALSE;
  *shape = tensor->shape;
  return TRUE;
}

FeDtype
fe_weights_get_dtype (const FeWeights *self, const char *name)
{
  const FeTensor *tensor = g_hash_table_lookup (self->tensors, name);
  FeDtype dtype;

  g_assert (tensor != NULL);
  dtype = tensor->parts[0].dtype;
  for (guint i = 1; i < tensor->n_parts; i++) {
    /* F16 and BF16 cannot represent each other's values. */
    if (tensor->parts[i].dtype != dtype)
      dtype = FE_DTYPE_F32;
  }
  return dtype;
}

static gboolean
same_shape (const FeShape *a, const FeShape *b)
{
  guint64 n_a, n_b;

  if (a->n_dims == b->n_dims)
    return memcmp (a->dims, b->dims, a->n_dims * sizeof a->dims[0]) == 0;
  /* A scalar has the shape [] or [1], depending on the writer. */
  return a->n_dims <= 1 && b->n_dims <= 1 && fe_shape_count (a, &n_a)
         && fe_shape_count (b, &n_b) && n_a == 1 && n_b == 1;
}

/* Formats the position of an element, counted from the start of a row, as "[2,
 * 0, 5]". */
static char *
describe_place (const FeShape *shape, guint64 first_row, guint64 element)
{
  FeShape place = *shape;

  for (guint i = shape->n_dims; i > 0; i--) {
    place.dims[i - 1] = i > 1 ? element % shape->dims[i - 1] : element;
    element /= shape->dims[i - 1];
  }
  if (place.n_dims > 0)
    place.dims[0] += first_row;
  return fe_shape_to_string (&place);
}

/* Reads the rows of one part that are in the requested range. */
static gboolean
read_parts (const FeWeights *self, const FeTensor *tensor, guint64 first_row,
            guint64 n_rows, float *dst, guint64 *bad)
{
  guint64 row_size = 1, above = 0;
  float *at = dst;

  for (guint i = 1; i < tensor->shape.n_dims; i++)
    row_size *= tensor->shape.dims[i];
  for (guint i = 0; i < tensor->n_parts && n_rows > 0; i++) {
    const FeView *part = &tensor->parts[i];
    const guint64 rows = part->shape.n_dims > 0 ? part->shape.dims[0] : 1;

    if (first_row < above + rows) {
      const guint64 n = MIN (n_rows, above + rows - first_row);

      if (!fe_view_read (part, self->file.data, first_row - above, n, at,
                         bad)) {
        *bad += (guint64)(at - dst);
        return FALSE;
      }
      at += n * row_size;
      first_row += n;
      n_rows -= n;
    }
    above += rows;
  }
  return TRUE;
}

gboolean
fe_weights_read_rows (const FeWeights *self, const char *name,
                      const FeShape *expected, guint64 first_row,
                      guint64 n_rows, float *dst, GError **error)
{
  const FeTensor *tensor = find (self, name, error);
  g_autofree char *found = NULL, *wanted = NULL, *place = NULL;
  guint64 rows, bad;

  if (tensor == NULL)
    return FALSE;
  if (!same_shape (&tensor->shape, expected)) {
    found = fe_shape_to_string (&tensor->shape);
    wanted = fe_shape_to_string (expected);
    return fe_weights_file_fail (&self->file, error,
                                 "tensor \"%s\" has shape %s, expected %s",
                                 name, found, wanted);
  }
  rows = tensor->shape.n_dims > 0 ? tensor->shape.dims[0] : 1;
  g_assert (first_row <= rows && n_rows <= rows - first_row);
  if (read_parts (self, tensor, first_row, n_rows, dst, &bad))
    return TRUE;
  place = describe_place (&tensor->shape, first_row, bad);
  return fe_weights_file_fail (
      &self->file, error, "tensor \"%s\" has a NaN or infinite element at %s",
      name, place);
}

gboolean
fe_weights_read (const FeWeights *self, const char *name,
                 const FeShape *expected, float *dst, GError **error)
{
  const guint64 rows = expected->n_dims > 0 ? expected->dims[0] : 1;

  return fe_weights_read_rows (self, name, expected, 0, rows, dst, error);
}

void
fe_weights_release_pages (const FeWeights *self)
{
  /* An optimisation: if it fails, the pages remain in memory. */
  madvise ((void *)self->file.data, self->file.size, MADV_DONTNEED);
}
