/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/dataset.h"

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

FeDataset *
fe_dataset_new (const char *path)
{
  FeDataset *self = g_new0 (FeDataset, 1);

  self->path = g_strdup (path);
  self->categories = g_ptr_array_new_with_free_func (category_free);
  return self;
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

FeCategory *
fe_dataset_find_category (const FeDataset *self, const char *name)
{
  for (guint i = 0; i < self->categories->len; i++) {
    FeCategory *category = g_ptr_array_index (self->categories, i);

    if (g_str_equal (category->name, name))
      return category;
  }
  return NULL;
}

guint
fe_dataset_count_cases (const FeDataset *self)
{
  guint n = 0;

  for (guint i = 0; i < self->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (self->categories, i);

    n += category->cases->len;
  }
  return n;
}

void
fe_category_add (FeCategory *self, const FeCase *item)
{
  FeCase *copy = g_new0 (FeCase, 1);

  copy->path = g_strdup (item->path);
  copy->name = g_filename_display_name (item->name);
  copy->mask_path = g_strdup (item->mask_path);
  copy->truth = item->truth;
  g_ptr_array_add (self->cases, copy);
  self->n_good += item->truth == FE_TRUTH_GOOD;
  self->n_defective += item->truth == FE_TRUTH_DEFECTIVE;
  self->n_masks += item->mask_path != NULL;
}

void
fe_category_add_training (FeCategory *self, const char *path)
{
  g_ptr_array_add (self->training, g_strdup (path));
}
