/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/samples.h"

#include <string.h>

#include "train/array.h"
#include "eval/dataset.h"
#include "eval/mask.h"
#include "cli/image_surface.h"

struct _FeSamples {
  /* Images in files, */
  FeDataset *dataset;
  GPtrArray *cases; /* FeCase, borrowed from it */
  /* or in arrays. */
  FeArray *images; /* [N][height][width][3] */
  FeArray *masks;  /* [N][height][width] */
  guint n_defective;
};

static gboolean
open_arrays (FeSamples *self, const char *path, const char *images,
             GError **error)
{
  g_autofree char *masks = g_build_filename (path, "masks.npy", NULL);
  const guint8 *pixels;
  gsize size;

  self->images = fe_array_open (images, "|u1", 4, error);
  if (!self->images)
    return FALSE;
  self->masks = fe_array_open (masks, "|u1", 3, error);
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
open_dataset (FeSamples *self, const char *path, const char *layout,
              const char *categories, guint *n_left_out, GError **error)
{
  g_auto (GStrv) only = categories ? g_strsplit (categories, ",", -1) : NULL;

  self->dataset = fe_dataset_new (
      path, layout ? fe_layout_find (layout) : FE_LAYOUT_AUTO, only, error);
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
               "%s: no image is known to be good or has a mask", path);
  return FALSE;
}

FeSamples *
fe_samples_open (const char *path, const char *layout, const char *categories,
                 guint *n_left_out, GError **error)
{
  g_autofree char *images = g_build_filename (path, "images.npy", NULL);
  g_autoptr (FeSamples) self = g_new0 (FeSamples, 1);
  gboolean ok;

  *n_left_out = 0;
  if (g_file_test (images, G_FILE_TEST_EXISTS))
    ok = open_arrays (self, path, images, error);
  else
    ok = open_dataset (self, path, layout, categories, n_left_out, error);
  return ok ? g_steal_pointer (&self) : NULL;
}

void
fe_samples_free (FeSamples *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->cases, g_ptr_array_unref);
  fe_dataset_free (self->dataset);
  fe_array_free (self->images);
  fe_array_free (self->masks);
  g_free (self);
}

guint
fe_samples_get_size (const FeSamples *self)
{
  return self->images ? (guint)self->images->dims[0] : self->cases->len;
}

guint
fe_samples_get_n_defective (const FeSamples *self)
{
  return self->n_defective;
}

static GBytes *
encode_array (const FeSamples *self, guint index, FeclipTrainer *trainer,
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

static FeMask *
read_mask (const char *path, const FeclipFrame *frame, GError **error)
{
  gboolean lossy =
      g_str_has_suffix (path, ".jpg") || g_str_has_suffix (path, ".jpeg");
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (FeStillImage) image = fe_still_image_new (path, error);
  g_autoptr (FeMask) mask = NULL;

  if (!image)
    return NULL;
  mask = fe_mask_new (fe_still_image_get_frame (image), lossy);
  if (mask->width == frame->width && mask->height == frame->height)
    return g_steal_pointer (&mask);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: the mask has %u×%u pixels, its image %u×%u", name,
               mask->width, mask->height, frame->width, frame->height);
  return NULL;
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
    mask = read_mask (one->mask_path, frame, error);
    if (!mask)
      return NULL;
  }
  return feclip_trainer_encode (trainer, frame, mask ? mask->pixels : NULL,
                                error);
}

GBytes *
fe_samples_encode (const FeSamples *self, guint index, FeclipTrainer *trainer,
                   GError **error)
{
  if (self->images)
    return encode_array (self, index, trainer, error);
  return encode_file (g_ptr_array_index (self->cases, index), trainer, error);
}
