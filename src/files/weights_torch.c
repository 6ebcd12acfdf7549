/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of torch.save(): a zip archive with one folder that contains data.pkl,
 * a pickle that describes tensors, and data/KEY, the bytes of each storage. */
#include "files/weights_file.h"

#include <string.h>

#include "files/unpickle.h"
#include "files/zip.h"

/* Keys of the state dict in a checkpoint that contains more than it. */
static const char *const state_dict_keys[] = {"model_state_dict", "state_dict",
                                              NULL};

static const struct {
  const char *name;
  const char *type;
  guint64 size;
  int dtype; /* FeDtype, or -1 */
} storages[] = {
    {"torch.FloatStorage", "F32", 4, FE_DTYPE_F32},
    {"torch.HalfStorage", "F16", 2, FE_DTYPE_F16},
    {"torch.BFloat16Storage", "BF16", 2, FE_DTYPE_BF16},
    {"torch.DoubleStorage", "F64", 8, -1},
    {"torch.LongStorage", "I64", 8, -1},
    {"torch.IntStorage", "I32", 4, -1},
    {"torch.ShortStorage", "I16", 2, -1},
    {"torch.CharStorage", "I8", 1, -1},
    {"torch.ByteStorage", "U8", 1, -1},
    {"torch.BoolStorage", "BOOL", 1, -1},
    {"torch.ComplexFloatStorage", "C64", 8, -1},
    {"torch.ComplexDoubleStorage", "C128", 16, -1},
};

typedef struct {
  FeWeightsFile *file;
  FeZip *zip;
  char *folder; /* ends with a slash */
} Archive;

static void
archive_clear (Archive *self)
{
  g_clear_pointer (&self->zip, fe_zip_free);
  g_clear_pointer (&self->folder, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Archive, archive_clear)

static const FeZipEntry *
find_entry (const Archive *self, const char *name)
{
  g_autofree char *path = g_strconcat (self->folder, name, NULL);

  return fe_zip_find (self->zip, path);
}

/* The folder is named after the file that was written. */
static gboolean
find_folder (Archive *self, GError **error)
{
  for (guint i = 0; i < fe_zip_get_n_entries (self->zip); i++) {
    const char *name = fe_zip_get_entry (self->zip, i)->name;
    const char *slash = strchr (name, '/');

    if (slash == NULL || !g_str_equal (slash, "/data.pkl"))
      continue;
    if (self->folder != NULL)
      return fe_weights_file_fail (self->file, error,
                                   "the archive has two folders with a "
                                   "data.pkl, \"%s\" and \"%s\"",
                                   self->folder, name);
    self->folder = g_strndup (name, (gsize)(slash - name) + 1);
  }
  if (self->folder == NULL)
    return fe_weights_file_fail (
        self->file, error,
        "this zip archive is not a PyTorch checkpoint: it has no data.pkl");
  if (find_entry (self, "constants.pkl") != NULL)
    return fe_weights_file_fail (
        self->file, error,
        "this is a TorchScript archive; load it with torch.jit.load() and "
        "save its state_dict() with torch.save()");
  return TRUE;
}

/* Checks that an entry is stored uncompressed. */
static gboolean
require_plain (const Archive *self, const FeZipEntry *entry, GError **error)
{
  return entry->plain
         || fe_weights_file_fail (
             self->file, error,
             "\"%s\" is compressed or encrypted in the archive; "
             "torch.save() stores it uncompressed",
             entry->name);
}

static gboolean
check_byte_order (const Archive *self, GError **error)
{
  const FeZipEntry *entry = find_entry (self, "byteorder");

  if (entry == NULL)
    return TRUE;
  if (!require_plain (self, entry, error))
    return FALSE;
  return (entry->size == 6
          && memcmp (self->file->data + entry->offset, "little", 6) == 0)
         || fe_weights_file_fail (
             self->file, error,
             "its numbers were saved on a big-endian computer; load it and "
             "save it again on a little-endian one");
}

static int
find_storage (const FePickle *class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (storages); i++)
    if (fe_pickle_is_global (class, storages[i].name))
      return (int)i;
  return -1;
}

/* Text from the pickle, shortened for messages. */
static const char *
show (const char *text)
{
  gsize length = 0;

  while (g_ascii_isgraph (text[length]))
    length++;
  return text[length] == '\0' && length > 0 && length <= 128 ? text : "…";
}

static const char *
show_global (const FePickle *global)
{
  return global->kind == FE_PICKLE_GLOBAL ? show (global->text)
                                          : "something without a name";
}

static gboolean
get_size (const FePickle *value, guint64 *size)
{
  *size = value->kind == FE_PICKLE_INT ? (guint64)value->integer : 0;
  return value->kind == FE_PICKLE_INT && value->integer >= 0;
}

static gboolean
get_sizes (const FePickle *tuple, guint64 sizes[FE_WEIGHTS_MAX_DIMS])
{
  if (tuple->kind != FE_PICKLE_TUPLE)
    return FALSE;
  for (guint i = 0; i < tuple->n_items; i++) {
    guint64 size;

    if (!get_size (tuple->items[i], &size))
      return FALSE;
    if (i < FE_WEIGHTS_MAX_DIMS)
      sizes[i] = size;
  }
  return TRUE;
}

/* Finds the bytes of a storage ("storage", class, key, location, number of
 * elements), whose members is_storage() has checked. */
static const FeZipEntry *
find_storage_entry (const Archive *self, const char *name,
                    const FePickle *storage, guint64 element_size,
                    GError **error)
{
  const FePickle *key = storage->items[2];
  g_autofree char *path = g_strconcat ("data/", key->text, NULL);
  const FeZipEntry *entry = find_entry (self, path);
  guint64 n_elements, n_bytes;

  if (entry == NULL) {
    fe_weights_file_fail (self->file, error,
                          "tensor \"%s\" lies in an entry \"%sdata/%s\" that "
                          "the archive does not have",
                          name, self->folder, show (key->text));
    return NULL;
  }
  if (!require_plain (self, entry, error))
    return NULL;
  n_elements = (guint64)storage->items[4]->integer;
  if (!g_uint64_checked_mul (&n_bytes, n_elements, element_size)
      || n_bytes > entry->size) {
    fe_weights_file_fail (
        self->file, error,
        "tensor \"%s\" lies in \"%s\", whose %" G_GUINT64_FORMAT
        " bytes are too few for its %" G_GUINT64_FORMAT " elements",
        name, entry->name, entry->size, n_elements);
    return NULL;
  }
  return entry;
}

/* Sets the view's offset and checks that it is inside its storage. */
static gboolean
place_view (const Archive *self, const char *name, const FePickle *storage,
            guint64 first, guint64 element_size, FeView *view, GError **error)
{
  const FeZipEntry *entry =
      find_storage_entry (self, name, storage, element_size, error);
  const guint64 n_elements = (guint64)storage->items[4]->integer;

  if (entry == NULL)
    return FALSE;
  if (first > n_elements || !fe_view_fits (view, n_elements - first)) {
    g_autofree char *shape = fe_shape_to_string (&view->shape);

    return fe_weights_file_fail (
        self->file, error,
        "tensor \"%s\" of shape %s, from element %" G_GUINT64_FORMAT
        " on, does not fit into \"%s\" with its %" G_GUINT64_FORMAT " elements",
        name, shape, first, entry->name, n_elements);
  }
  view->offset = entry->offset + first * element_size;
  return TRUE;
}

/* An object outside of the pickle is a storage. */
static gboolean
is_storage (const FePickle *value)
{
  const FePickle *what = value->arguments;
  guint64 unused;

  return value->kind == FE_PICKLE_PERSISTENT && what->kind == FE_PICKLE_TUPLE
         && what->n_items >= 5 && what->items[0]->kind == FE_PICKLE_STRING
         && g_str_equal (what->items[0]->text, "storage")
         && what->items[2]->kind == FE_PICKLE_STRING
         && get_size (what->items[4], &unused);
}

/* An expanded tensor has more elements than its storage. Weights never do, and
 * a small file could demand any amount of memory that way. */
static gboolean
repeats (const FeView *view, const FePickle *n_stored)
{
  guint64 n_elements;

  return !fe_shape_count (&view->shape, &n_elements)
         || n_elements > (guint64)n_stored->integer;
}

/* Reads (storage, first element, size, stride, …). */
static gboolean
read_tensor (const Archive *self, const char *name, const FePickle *arguments,
             FeStored *stored, GError **error)
{
  FeView *view = &stored->view;
  const FePickle *storage, *size, *class;
  guint64 first;
  int type;

  if (arguments->kind != FE_PICKLE_TUPLE || arguments->n_items < 4
      || !is_storage (arguments->items[0])
      || !get_size (arguments->items[1], &first)
      || !get_sizes (arguments->items[2], view->shape.dims)
      || !get_sizes (arguments->items[3], view->strides)
      || arguments->items[2]->n_items != arguments->items[3]->n_items)
    return fe_weights_file_fail (
        self->file, error,
        "the description of tensor \"%s\" in data.pkl is damaged", name);
  storage = arguments->items[0]->arguments;
  size = arguments->items[2];
  class = storage->items[1];
  type = find_storage (class);
  if (type < 0) {
    stored->problem = g_strdup_printf (
        "is stored in %s, which is not supported", show_global (class));
    return TRUE;
  }
  if (size->n_items > FE_WEIGHTS_MAX_DIMS) {
    stored->problem = g_strdup_printf ("has %u dimensions, at most %d are read",
                                       size->n_items, FE_WEIGHTS_MAX_DIMS);
    return TRUE;
  }
  view->shape.n_dims = size->n_items;
  if (!place_view (self, name, storage, first, storages[type].size, view,
                   error))
    return FALSE;
  if (storages[type].dtype < 0)
    stored->problem = fe_weights_file_describe_type (storages[type].type);
  else if (repeats (view, storage->items[4]))
    stored->problem =
        g_strdup ("is an expanded view with more elements than its storage");
  else
    view->dtype = (FeDtype)storages[type].dtype;
  return TRUE;
}

static gboolean
calls (const FePickle *value, const char *function)
{
  return value->kind == FE_PICKLE_CALL
         && fe_pickle_is_global (value->callable, function);
}

/* A Parameter wraps a tensor. */
static const FePickle *
unwrap (const FePickle *value)
{
  if ((calls (value, "torch._utils._rebuild_parameter")
       || calls (value, "torch._utils._rebuild_parameter_with_state"))
      && value->arguments->kind == FE_PICKLE_TUPLE
      && value->arguments->n_items > 0)
    return value->arguments->items[0];
  return value;
}

static gboolean
is_tensor (const FePickle *value)
{
  return calls (value, "torch._utils._rebuild_tensor_v2")
         || calls (value, "torch._utils._rebuild_tensor");
}

/* Plain values besides the tensors are ignored; objects may be tensors of an
 * unsupported kind. */
static gboolean
add_value (Archive *self, const char *name, const FePickle *value,
           GError **error)
{
  FeStored stored = {.problem = NULL};

  value = unwrap (value);
  if (!is_tensor (value)
      && (value->kind != FE_PICKLE_CALL || fe_pickle_is_dict (value)))
    return TRUE;
  if (!fe_weights_file_check_name (self->file, name, error))
    return FALSE;
  if (!is_tensor (value)) {
    stored.problem =
        g_strdup_printf ("is created by %s, which is not supported",
                         show_global (value->callable));
  } else if (!read_tensor (self, name, value->arguments, &stored, error)) {
    g_free (stored.problem);
    return FALSE;
  }
  fe_weights_file_add (self->file, name, &stored);
  return TRUE;
}

static gboolean
add_state_dict (Archive *self, const FePickle *dict, GError **error)
{
  for (guint i = 0; i < dict->n_items; i += 2)
    if (dict->items[i]->kind == FE_PICKLE_STRING
        && !add_value (self, dict->items[i]->text, dict->items[i + 1], error))
      return FALSE;
  return TRUE;
}

/* A number or string in the format of metadata; NULL for anything else. */
static char *
describe_value (const FePickle *value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  switch (value->kind) {
  case FE_PICKLE_INT:
    return g_strdup_printf ("%" G_GINT64_FORMAT, value->integer);
  case FE_PICKLE_BOOL:
    return g_strdup (value->integer ? "true" : "false");
  case FE_PICKLE_STRING:
    return g_strdup (value->text);
  case FE_PICKLE_FLOAT:
    /* The shorter form, unless it represents another number. */
    g_ascii_formatd (number, sizeof number, "%.15g", value->real);
    if (g_ascii_strtod (number, NULL) != value->real)
      g_ascii_dtostr (number, sizeof number, value->real);
    return g_strdup (number);
  default:
    return NULL;
  }
}

static char *
describe_list (const FePickle *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (list->kind != FE_PICKLE_LIST && list->kind != FE_PICKLE_TUPLE)
    return NULL;
  for (guint i = 0; i < list->n_items; i++) {
    if (list->items[i]->kind != FE_PICKLE_INT)
      return NULL;
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "",
                            list->items[i]->integer);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Reads the values next to the state dict as metadata. */
static gboolean
add_metadata (Archive *self, const FePickle *root, GError **error)
{
  for (guint i = 0; i < root->n_items; i += 2) {
    const FePickle *key = root->items[i], *value = root->items[i + 1];
    g_autofree char *text = NULL;

    if (key->kind != FE_PICKLE_STRING)
      continue;
    if (g_str_equal (key->text, "tap_indices")
        && value->kind != FE_PICKLE_STRING) {
      text = describe_list (value);
      if (text == NULL && value->kind != FE_PICKLE_NONE)
        return fe_weights_file_fail (self->file, error,
                                     "tap_indices is not a list of integers");
    } else {
      text = describe_value (value);
    }
    if (text != NULL
        && !fe_weights_file_add_metadata (self->file, key->text, text, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_root (Archive *self, const FePickle *root, GError **error)
{
  if (!fe_pickle_is_dict (root))
    return fe_weights_file_fail (
        self->file, error,
        "it holds %s, not a state dict: save the model's state_dict()",
        root->kind == FE_PICKLE_CALL ? show_global (root->callable)
                                     : "a single value");
  for (guint i = 0; state_dict_keys[i] != NULL; i++) {
    const FePickle *dict = fe_pickle_get (root, state_dict_keys[i]);

    if (dict != NULL && fe_pickle_is_dict (dict))
      return add_state_dict (self, dict, error)
             && add_metadata (self, root, error);
  }
  for (guint i = 0; i < root->n_items; i += 2)
    if (is_tensor (unwrap (root->items[i + 1])))
      return add_state_dict (self, root, error)
             && add_metadata (self, root, error);
  return fe_weights_file_fail (
      self->file, error,
      "it has no state dict: neither model_state_dict nor state_dict nor "
      "tensors");
}

gboolean
fe_torch_scan (FeWeightsFile *file, GError **error)
{
  g_auto (Archive) self = {.file = file};
  g_autoptr (FeUnpickled) pickle = NULL;
  const FeZipEntry *entry;

  file->container = "PyTorch checkpoint";
  self.zip = fe_zip_new (file->data, file->size, error);
  if (self.zip == NULL) {
    g_prefix_error (error, "%s: ", file->label);
    return FALSE;
  }
  if (!find_folder (&self, error) || !check_byte_order (&self, error))
    return FALSE;
  entry = find_entry (&self, "data.pkl");
  if (!require_plain (&self, entry, error))
    return FALSE;
  pickle = fe_unpickle (file->data + entry->offset, entry->size, error);
  if (pickle == NULL) {
    g_prefix_error (error, "%s: ", file->label);
    return FALSE;
  }
  return add_root (&self, fe_unpickled_get_root (pickle), error);
}
