/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training_set.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/layouts.h"
#include "eval/mask.h"
#include "still/image_file.h"

/*
 * Encoded images on disk, so that each is encoded once. The file has no name
 * and vanishes with the program; the system keeps in memory what is used often.
 */
typedef struct {
  int fd;
  guint64 limit;
  gsize size; /* of an encoded image, 0 before the first */
  guint n_slots;
  guint32 *slots; /* [n] index in the file + 1, 0: not there */
} Cache;

/* NULL is allowed. */
static void
cache_free (Cache *self)
{
  if (!self)
    return;
  close (self->fd);
  g_free (self->slots);
  g_free (self);
}

/* For @n images, as many as fit into @limit bytes of the folder @path. */
static Cache *
cache_new (const char *path, guint n, guint64 limit, GError **error)
{
  g_autofree char *name = g_build_filename (path, "feclip-train-XXXXXX", NULL);
  int fd = g_mkstemp (name);
  Cache *self;

  if (fd < 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: could not be created: %s", name, g_strerror (errno));
    return NULL;
  }
  g_unlink (name);
  self = g_new0 (Cache, 1);
  self->fd = fd;
  self->limit = limit;
  self->slots = g_new0 (guint32, n);
  return self;
}

/* Returns NULL where the image is not there. */
static GBytes *
cache_get (Cache *self, guint index)
{
  g_autofree guint8 *data = NULL;
  guint32 slot = self->slots[index];
  off_t at = (off_t)(slot - 1) * (off_t)self->size;

  if (!slot)
    return NULL;
  data = g_malloc (self->size);
  for (gsize done = 0; done < self->size;) {
    gssize n =
        pread (self->fd, data + done, self->size - done, at + (off_t)done);

    if (n <= 0)
      return NULL; /* the image is encoded again */
    done += (gsize)n;
  }
  return g_bytes_new_take (g_steal_pointer (&data), self->size);
}

/* Keeps an image if there is room; all have the same size. */
static void
cache_put (Cache *self, guint index, GBytes *sample)
{
  const guint8 *data = g_bytes_get_data (sample, &self->size);
  off_t at = (off_t)self->n_slots * (off_t)self->size;

  if (self->slots[index] || (guint64)at + self->size > self->limit)
    return;
  for (gsize done = 0; done < self->size;) {
    gssize n =
        pwrite (self->fd, data + done, self->size - done, at + (off_t)done);

    if (n <= 0) {
      self->limit = 0; /* the disk is full: nothing more is cached */
      return;
    }
    done += (gsize)n;
  }
  self->slots[index] = ++self->n_slots;
}

#define MAX_DIMS 4

/* A memory-mapped NumPy file. */
typedef struct {
  GMappedFile *file;
  guint n_dims;
  guint64 dims[MAX_DIMS];
  const void *data;
} Array;

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MAGIC_SIZE 6

/* NULL is allowed. */
static void
array_free (Array *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->file, g_mapped_file_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Array, array_free)

/* The header is a Python dictionary; its length has 2 bytes in version 1 and 4
 * afterwards. */
static char *
read_header (GMappedFile *file, gsize *data_offset)
{
  const guint8 *bytes = (const guint8 *)g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file), start, length;

  if (size < 12 || memcmp (bytes, NPY_MAGIC, NPY_MAGIC_SIZE) != 0)
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

/* Reads the "(2, 3, 4)" after 'shape'. */
static gboolean
parse_shape (Array *self, const char *header)
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
    if (self->n_dims == MAX_DIMS || value == 0 || value > G_MAXINT)
      return FALSE;
    self->dims[self->n_dims++] = value;
    at = end;
  }
  return *at == ')';
}

/* Whether the file holds all numbers of its shape. */
static gboolean
check_size (const Array *self, gsize data_offset, const char *type)
{
  guint64 room = g_mapped_file_get_length (self->file) - data_offset;

  room /= (guint64)atoi (type + 2);
  for (guint i = 0; i < self->n_dims; i++)
    room /= self->dims[i];
  return room > 0;
}

/*
 * Opens a C-ordered array whose numbers are of @type, such as "|u1". Fails
 * where the file is anything else or is cut short.
 */
static Array *
array_open (const char *path, const char *type, guint n_dims, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *wanted = g_strdup_printf ("'descr': '%s'", type);
  g_autofree char *header = NULL;
  g_autoptr (Array) self = g_new0 (Array, 1);
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
               "%s: not a complete NumPy array of %u dimensions and type %s",
               name, n_dims, type);
  return NULL;
}

struct _FeTrainingSet {
  /* Either image files, */
  FeDataset *dataset;
  GPtrArray *cases; /* FeCase, borrowed from it */
  /* or arrays. */
  Array *images; /* [N][height][width][3] */
  Array *masks;  /* [N][height][width] */
  guint n_defective;
  Cache *cache; /* NULL before it is opened */
};

static gboolean
open_arrays (FeTrainingSet *self, const char *path, const char *images,
             GError **error)
{
  g_autofree char *masks = g_build_filename (path, "masks.npy", NULL);
  const guint8 *pixels;
  gsize size;

  self->images = array_open (images, "|u1", 4, error);
  if (!self->images)
    return FALSE;
  self->masks = array_open (masks, "|u1", 3, error);
  if (!self->masks)
    return FALSE;
  if (self->images->dims[3] != 3
      || memcmp (self->images->dims, self->masks->dims, 3 * sizeof (guint64))
             != 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: images and masks do not have the same shape", path);
    return FALSE;
  }
  pixels = self->masks->data;
  size = self->masks->dims[1] * self->masks->dims[2];
  for (guint64 i = 0; i < self->masks->dims[0]; i++, pixels += size) {
    gsize at = 0;

    while (at < size && pixels[at] == 0)
      at++;
    self->n_defective += at < size;
  }
  return TRUE;
}

static gboolean
open_dataset (FeTrainingSet *self, const char *path, const char *layout,
              const char *categories, guint *n_left_out, GError **error)
{
  self->dataset = fe_layout_open (path, layout, categories, error);
  if (!self->dataset)
    return FALSE;
  self->cases = g_ptr_array_new ();
  for (guint i = 0; i < self->dataset->categories->len; i++) {
    const FeCategory *category =
        g_ptr_array_index (self->dataset->categories, i);

    for (guint j = 0; j < category->cases->len; j++) {
      FeCase *one = g_ptr_array_index (category->cases, j);

      if (one->truth == FE_TRUTH_GOOD
          || (one->truth == FE_TRUTH_DEFECTIVE && one->mask_path))
        g_ptr_array_add (self->cases, one);
      else
        (*n_left_out)++;
      self->n_defective += one->truth == FE_TRUTH_DEFECTIVE && one->mask_path;
    }
  }
  if (self->cases->len)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "%s: no image is good or has a mask of its defect", path);
  return FALSE;
}

FeTrainingSet *
fe_training_set_open (const char *path, const char *layout,
                      const char *categories, guint *n_left_out, GError **error)
{
  g_autofree char *images = g_build_filename (path, "images.npy", NULL);
  g_autoptr (FeTrainingSet) self = g_new0 (FeTrainingSet, 1);
  gboolean ok;

  *n_left_out = 0;
  if (g_file_test (images, G_FILE_TEST_EXISTS))
    ok = open_arrays (self, path, images, error);
  else
    ok = open_dataset (self, path, layout, categories, n_left_out, error);
  return ok ? g_steal_pointer (&self) : NULL;
}

void
fe_training_set_free (FeTrainingSet *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->cases, g_ptr_array_unref);
  fe_dataset_free (self->dataset);
  cache_free (self->cache);
  array_free (self->images);
  array_free (self->masks);
  g_free (self);
}

guint
fe_training_set_get_size (const FeTrainingSet *self)
{
  return self->images ? (guint)self->images->dims[0] : self->cases->len;
}

guint
fe_training_set_get_n_defective (const FeTrainingSet *self)
{
  return self->n_defective;
}

static GBytes *
encode_array (const FeTrainingSet *self, guint index, FeclipTrainer *trainer,
              GError **error)
{
  gsize height = self->images->dims[1], width = self->images->dims[2];
  const guint8 *pixels = self->images->data, *mask = self->masks->data;
  const FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB,
      .width = (guint)width,
      .height = (guint)height,
      .planes = {pixels + index * height * width * 3},
      .strides = {width * 3},
  };

  return feclip_trainer_encode (trainer, &frame, mask + index * height * width,
                                error);
}

static GBytes *
encode_file (const FeCase *one, FeclipTrainer *trainer, GError **error)
{
  g_autoptr (FeStillImage) image = fe_still_image_new (one->path, error);
  g_autoptr (FeMask) mask = NULL;
  const FeclipFrame *frame;

  if (!image)
    return NULL;
  frame = fe_still_image_get_frame (image);
  if (one->truth == FE_TRUTH_DEFECTIVE) {
    mask = fe_mask_read (one->mask_path, frame, error);
    if (!mask)
      return NULL;
  }
  return feclip_trainer_encode (trainer, frame, mask ? mask->pixels : NULL,
                                error);
}

gboolean
fe_training_set_open_cache (FeTrainingSet *self, const char *path,
                            guint64 limit, GError **error)
{
  self->cache = cache_new (path, fe_training_set_get_size (self), limit, error);
  return self->cache != NULL;
}

GBytes *
fe_training_set_encode (FeTrainingSet *self, guint index,
                        FeclipTrainer *trainer, GError **error)
{
  GBytes *sample = self->cache ? cache_get (self->cache, index) : NULL;

  if (sample)
    return sample;
  if (self->images)
    sample = encode_array (self, index, trainer, error);
  else
    sample =
        encode_file (g_ptr_array_index (self->cases, index), trainer, error);
  if (sample && self->cache)
    cache_put (self->cache, index, sample);
  return sample;
}
