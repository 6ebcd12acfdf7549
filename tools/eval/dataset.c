/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/dataset.h"

#include <feclip/error.h>
#include <string.h>

#include "eval/layouts.h"

static const char *const names[FE_N_LAYOUTS] = {"auto", "visa", "btad", "mvtec",
                                                "folder"};

const char *
fe_layout_get_name (FeLayout layout)
{
  return names[layout];
}

FeLayout
fe_layout_find (const char *name)
{
  for (guint i = 0; i < FE_N_LAYOUTS; i++)
    if (g_str_equal (names[i], name))
      return i;
  return FE_N_LAYOUTS;
}

static void
case_free (gpointer data)
{
  FeCase *self = data;

  g_free (self->path);
  g_free (self->name);
  g_free (self->mask_path);
  g_free (self);
}

static void
category_free (gpointer data)
{
  FeCategory *self = data;

  g_ptr_array_unref (self->cases);
  g_ptr_array_unref (self->training);
  g_free (self->name);
  g_free (self);
}

FeCategory *
fe_dataset_add_category (FeDataset *self, const char *name)
{
  FeCategory *category = g_new0 (FeCategory, 1);

  category->name = g_filename_display_name (name);
  category->cases = g_ptr_array_new_with_free_func (case_free);
  category->training = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->categories, category);
  return category;
}

void
fe_category_add (FeCategory *self, const char *path, const char *name,
                 const char *mask_path, FeTruth truth)
{
  FeCase *item = g_new0 (FeCase, 1);

  item->path = g_strdup (path);
  item->name = g_filename_display_name (name);
  item->mask_path = g_strdup (mask_path);
  item->truth = truth;
  g_ptr_array_add (self->cases, item);
  self->n_good += truth == FE_TRUTH_GOOD;
  self->n_defective += truth == FE_TRUTH_DEFECTIVE;
  self->n_masks += mask_path != NULL;
}

void
fe_category_add_training (FeCategory *self, const char *path)
{
  g_ptr_array_add (self->training, g_strdup (path));
}

static gboolean
is_wanted (const FeCategory *category, char *const *only)
{
  return !only || g_strv_contains ((const char *const *)only, category->name);
}

/* What was not asked for, and what is empty. */
static void
drop_categories (FeDataset *self, char *const *only)
{
  for (guint i = self->categories->len; i-- > 0;) {
    const FeCategory *category = g_ptr_array_index (self->categories, i);

    if (category->cases->len == 0 || !is_wanted (category, only))
      g_ptr_array_remove_index (self->categories, i);
  }
}

static gboolean
check_categories (const FeDataset *self, char *const *only, GError **error)
{
  g_autofree char *path = g_filename_display_name (self->path);

  for (guint i = 0; only && only[i]; i++) {
    gboolean found = FALSE;

    for (guint j = 0; j < self->categories->len; j++) {
      const FeCategory *category = g_ptr_array_index (self->categories, j);

      found = found || g_str_equal (category->name, only[i]);
    }
    if (!found) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--categories: %s has no test images of a category \"%s\"",
                   path, only[i]);
      return FALSE;
    }
  }
  if (self->categories->len > 0)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: there are no test images in this folder%s%s", path,
               self->layout == FE_LAYOUT_AUTO ? "" : " in the layout ",
               self->layout == FE_LAYOUT_AUTO ? "" : names[self->layout]);
  return FALSE;
}

static void
find_layout (FeDataset *self, FeLayout layout)
{
  self->layout = layout;
  if (layout != FE_LAYOUT_AUTO) {
    fe_layout_read (layout, self);
    return;
  }
  /* The most particular one first. */
  for (guint i = FE_LAYOUT_AUTO + 1; i < FE_N_LAYOUTS; i++) {
    if (fe_layout_read (i, self)) {
      self->layout = i;
      return;
    }
  }
}

FeDataset *
fe_dataset_new (const char *path, FeLayout layout, char *const *only,
                GError **error)
{
  g_autoptr (FeDataset) self = g_new0 (FeDataset, 1);

  self->path = g_strdup (path);
  self->categories = g_ptr_array_new_with_free_func (category_free);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_autofree char *name = g_filename_display_name (path);

    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: there is no such folder", name);
    return NULL;
  }
  find_layout (self, layout);
  drop_categories (self, only);
  if (!check_categories (self, only, error))
    return NULL;
  for (guint i = 0; i < self->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (self->categories, i);

    self->n_cases += category->cases->len;
  }
  return g_steal_pointer (&self);
}

void
fe_dataset_free (FeDataset *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->categories);
  g_free (self->path);
  g_free (self);
}
