/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safetensors: 8 bytes N, little endian; N bytes of JSON with the type, shape
 * and offsets of each tensor; then the data, which the tensors must cover
 * completely. */
#include "files/weights_file.h"

#include <string.h>

#include "files/json_scan.h"

/* Limit of the format. */
#define MAX_HEADER 100000000

/* Types with known sizes, so that their offsets can be checked. */
static const struct {
  const char *name;
  guint64 size;
  int dtype; /* FeDtype, or -1 */
} types[] = {
    {"F32", 4, FE_DTYPE_F32},
    {"F16", 2, FE_DTYPE_F16},
    {"BF16", 2, FE_DTYPE_BF16},
    {"F64", 8, -1},
    {"I64", 8, -1},
    {"U64", 8, -1},
    {"I32", 4, -1},
    {"U32", 4, -1},
    {"I16", 2, -1},
    {"U16", 2, -1},
    {"I8", 1, -1},
    {"U8", 1, -1},
    {"BOOL", 1, -1},
};

/* One entry of the header. */
typedef struct {
  GString *name;
  GString *type;
  FeShape shape;
  guint n_dims; /* may exceed FE_WEIGHTS_MAX_DIMS */
  guint64 n_elements;
  gboolean too_many;  /* number of elements exceeds 64 bits */
  guint64 begin, end; /* in bytes from the start of the data */
} Entry;

typedef struct {
  const char *name; /* belongs to the directory */
  guint64 begin, end;
} Extent;

typedef struct {
  FeWeightsFile *file;
  FeJsonScan json;
  guint64 data_offset;
  GArray *extents;
} Scan;

static gboolean
scan_shape (Scan *self, Entry *entry)
{
  gboolean first = TRUE, none = FALSE;

  entry->n_elements = 1;
  if (!fe_json_scan_expect (&self->json, '['))
    return FALSE;
  for (; fe_json_scan_next (&self->json, ']', first); first = FALSE) {
    guint64 dim;

    if (!fe_json_scan_uint (&self->json, &dim))
      return FALSE;
    if (entry->n_dims < FE_WEIGHTS_MAX_DIMS)
      entry->shape.dims[entry->n_dims] = dim;
    entry->n_dims++;
    none |= dim == 0;
    if (!entry->too_many)
      entry->too_many =
          !g_uint64_checked_mul (&entry->n_elements, entry->n_elements, dim);
  }
  if (none) {
    entry->n_elements = 0;
    entry->too_many = FALSE;
  }
  entry->shape.n_dims = MIN (entry->n_dims, FE_WEIGHTS_MAX_DIMS);
  return self->json.problem == NULL;
}

static gboolean
scan_offsets (Scan *self, Entry *entry)
{
  return fe_json_scan_expect (&self->json, '[')
         && fe_json_scan_next (&self->json, ']', TRUE)
         && fe_json_scan_uint (&self->json, &entry->begin)
         && fe_json_scan_next (&self->json, ']', FALSE)
         && fe_json_scan_uint (&self->json, &entry->end)
         && !fe_json_scan_next (&self->json, ']', FALSE)
         && self->json.problem == NULL;
}

/* Reads {"dtype": "F32", "shape": [64, 128], "data_offsets": [0, 32768]}, each
 * member once, in any order. FALSE without json.problem: a member is missing,
 * repeated or unknown. */
static gboolean
scan_entry (Scan *self, Entry *entry)
{
  g_autoptr (GString) key = g_string_new (NULL);
  gboolean first = TRUE, type = FALSE, shape = FALSE, offsets = FALSE;

  if (!fe_json_scan_expect (&self->json, '{'))
    return FALSE;
  for (; fe_json_scan_next (&self->json, '}', first); first = FALSE) {
    gboolean ok = FALSE;

    if (!fe_json_scan_string (&self->json, key)
        || !fe_json_scan_expect (&self->json, ':'))
      return FALSE;
    if (g_str_equal (key->str, "dtype") && !type)
      ok = type = fe_json_scan_string (&self->json, entry->type);
    else if (g_str_equal (key->str, "shape") && !shape)
      ok = shape = scan_shape (self, entry);
    else if (g_str_equal (key->str, "data_offsets") && !offsets)
      ok = offsets = scan_offsets (self, entry);
    if (!ok)
      return FALSE;
  }
  return self->json.problem == NULL && type && shape && offsets;
}

static int
find_type (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].name, name))
      return (int)i;
  return -1;
}

/* Checks that the entry is inside the file and has the size of its shape. */
static gboolean
check_entry (const Scan *self, const Entry *entry, int type, GError **error)
{
  const guint64 n_bytes = self->file->size - self->data_offset;
  guint64 need;

  if (entry->begin > entry->end)
    return fe_weights_file_fail (
        self->file, error,
        "tensor \"%s\" ends at byte %" G_GUINT64_FORMAT
        " of the data, before it begins at %" G_GUINT64_FORMAT,
        entry->name->str, entry->end, entry->begin);
  if (entry->end > n_bytes)
    return fe_weights_file_fail (
        self->file, error,
        "tensor \"%s\" ends at byte %" G_GUINT64_FORMAT
        " of the data, of which the file has %" G_GUINT64_FORMAT
        ": the file is truncated or damaged",
        entry->name->str, entry->end, n_bytes);
  if (type < 0)
    return TRUE;
  if (entry->too_many
      || !g_uint64_checked_mul (&need, entry->n_elements, types[type].size)
      || need != entry->end - entry->begin) {
    g_autofree char *shape = fe_shape_to_string (&entry->shape);

    return fe_weights_file_fail (
        self->file, error,
        "tensor \"%s\" of type %s and shape %s%s cannot take %" G_GUINT64_FORMAT
        " bytes",
        entry->name->str, types[type].name, shape,
        entry->n_dims > FE_WEIGHTS_MAX_DIMS ? "…" : "",
        entry->end - entry->begin);
  }
  return TRUE;
}

static gboolean
add_entry (Scan *self, const Entry *entry, GError **error)
{
  const int type = find_type (entry->type->str);
  FeStored stored = {
      .view.shape = entry->shape,
      .view.offset = self->data_offset + entry->begin,
  };
  Extent extent = {.begin = entry->begin, .end = entry->end};
  gpointer name;

  if (!fe_weights_file_check_name (self->file, entry->name->str, error)
      || !check_entry (self, entry, type, error))
    return FALSE;
  if (type < 0)
    stored.problem = fe_weights_file_describe_type (NULL);
  else if (types[type].dtype < 0)
    stored.problem = fe_weights_file_describe_type (types[type].name);
  else if (entry->n_dims > FE_WEIGHTS_MAX_DIMS)
    stored.problem = g_strdup_printf ("has %u dimensions, at most %d are read",
                                      entry->n_dims, FE_WEIGHTS_MAX_DIMS);
  else
    stored.view.dtype = (FeDtype)types[type].dtype;
  if (stored.problem == NULL)
    fe_view_set_packed (&stored.view);

  fe_weights_file_add (self->file, entry->name->str, &stored);
  g_hash_table_lookup_extended (self->file->tensors, entry->name->str, &name,
                                NULL);
  extent.name = name;
  g_array_append_val (self->extents, extent);
  return TRUE;
}

static gboolean
fail_json (const Scan *self, GError **error)
{
  return fe_weights_file_fail (
      self->file, error,
      "the safetensors header is damaged at byte %" G_GSIZE_FORMAT
      ": expected %s",
      (gsize)(self->json.at - self->json.start) + 8, self->json.problem);
}

/* Reads {"key": "value", …}. */
static gboolean
scan_metadata (Scan *self, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) value = g_string_new (NULL);
  gboolean first = TRUE;

  if (!fe_json_scan_expect (&self->json, '{'))
    return fail_json (self, error);
  for (; fe_json_scan_next (&self->json, '}', first); first = FALSE) {
    if (!fe_json_scan_string (&self->json, key)
        || !fe_json_scan_expect (&self->json, ':')
        || !fe_json_scan_string (&self->json, value))
      return fail_json (self, error);
    if (!fe_weights_file_add_metadata (self->file, key->str, value->str, error))
      return FALSE;
  }
  return self->json.problem == NULL || fail_json (self, error);
}

static gboolean
scan_tensor (Scan *self, GString *name, GError **error)
{
  g_autoptr (GString) type = g_string_new (NULL);
  Entry entry = {.name = name, .type = type};

  if (scan_entry (self, &entry))
    return add_entry (self, &entry, error);
  if (self->json.problem != NULL)
    return fail_json (self, error);
  return fe_weights_file_fail (
      self->file, error,
      "the safetensors header is damaged at byte %" G_GSIZE_FORMAT
      ": a tensor has a dtype, a shape and data_offsets, each once",
      (gsize)(self->json.at - self->json.start) + 8);
}

static gboolean
scan_header (Scan *self, GError **error)
{
  g_autoptr (GString) name = g_string_new (NULL);
  gboolean first = TRUE;

  if (!fe_json_scan_expect (&self->json, '{'))
    return fail_json (self, error);
  for (; fe_json_scan_next (&self->json, '}', first); first = FALSE) {
    if (!fe_json_scan_string (&self->json, name)
        || !fe_json_scan_expect (&self->json, ':'))
      return fail_json (self, error);
    if (!(g_str_equal (name->str, "__metadata__")
              ? scan_metadata (self, error)
              : scan_tensor (self, name, error)))
      return FALSE;
  }
  return fe_json_scan_end (&self->json) || fail_json (self, error);
}

static int
compare_extents (gconstpointer a, gconstpointer b)
{
  const Extent *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

/* The format forbids overlaps and gaps; a gap could contain anything. */
static gboolean
check_extents (const Scan *self, GError **error)
{
  const guint64 n_bytes = self->file->size - self->data_offset;
  guint64 end = 0;

  g_array_sort (self->extents, compare_extents);
  for (guint i = 0; i < self->extents->len; i++) {
    const Extent *extent = &g_array_index (self->extents, Extent, i);

    if (extent->begin < end)
      return fe_weights_file_fail (
          self->file, error,
          "tensors \"%s\" and \"%s\" overlap at byte %" G_GUINT64_FORMAT
          " of the data",
          (extent - 1)->name, extent->name, extent->begin);
    if (extent->begin > end)
      return fe_weights_file_fail (
          self->file, error,
          "bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
          " of the data, before tensor \"%s\", belong to no tensor",
          end, extent->begin, extent->name);
    end = extent->end;
  }
  if (end != n_bytes)
    return fe_weights_file_fail (
        self->file, error,
        "the file has %" G_GUINT64_FORMAT
        " bytes of data, but its tensors end at %" G_GUINT64_FORMAT,
        n_bytes, end);
  return TRUE;
}

gboolean
fe_safetensors_scan (FeWeightsFile *file, GError **error)
{
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (Extent));
  Scan self = {.file = file, .extents = extents};
  const char *header;
  guint64 length;

  file->container = "safetensors";
  g_assert (file->size >= sizeof length);
  memcpy (&length, file->data, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > MAX_HEADER)
    return fe_weights_file_fail (
        file, error,
        "the safetensors header would have %" G_GUINT64_FORMAT
        " bytes, the format allows %d",
        length, MAX_HEADER);
  if (length > file->size - sizeof length)
    return fe_weights_file_fail (file, error,
                                 "the safetensors header has %" G_GUINT64_FORMAT
                                 " bytes, but the file has %" G_GSIZE_FORMAT
                                 ": it is truncated or damaged",
                                 length, file->size);
  header = (const char *)file->data + sizeof length;
  if (!g_utf8_validate_len (header, length, NULL))
    return fe_weights_file_fail (
        file, error, "the safetensors header is damaged: it is not UTF-8");

  self.data_offset = sizeof length + length;
  fe_json_scan_init (&self.json, header, length);
  return scan_header (&self, error) && check_extents (&self, error);
}
