/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of an image. */
typedef enum {
  FE_TRUTH_UNKNOWN,
  FE_TRUTH_GOOD,
  FE_TRUTH_DEFECTIVE,
} FeTruth;

/* One test image. */
typedef struct {
  char *path;
  /* Inside its category, such as "scratch/012". */
  char *name;
  /* NULL where none was found. */
  char *mask_path;
  FeTruth truth;
} FeCase;

/* The images of one product. */
typedef struct {
  char *name;
  /* FeCase entries. */
  GPtrArray *cases;
  /* Paths (char *) of the normal training images. */
  GPtrArray *training;
  guint n_good;
  guint n_defective;
  guint n_masks;
} FeCategory;

/* The test images below one folder. */
typedef struct {
  char *path;
  /* The name of the layout that they were found in, such as "mvtec"; static. */
  const char *layout;
  /* FeCategory entries in the order of their names. */
  GPtrArray *categories;
  /* Files that could not be read; a message named each. */
  guint n_failed;
} FeDataset;

/* An empty data set of the folder @path. */
FeDataset *fe_dataset_new (const char *path);

/* NULL is allowed. */
void fe_dataset_free (FeDataset *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeDataset, fe_dataset_free)

/* Returns the new category, which @self owns. */
FeCategory *fe_dataset_add_category (FeDataset *self, const char *name);

/* The category of this name, or NULL. */
FeCategory *fe_dataset_find_category (const FeDataset *self, const char *name);

/* The number of cases of all categories. */
guint fe_dataset_count_cases (const FeDataset *self);

/* Adds a copy of @item. */
void fe_category_add (FeCategory *self, const FeCase *item);

/* Adds a normal training image. */
void fe_category_add_training (FeCategory *self, const char *path);

G_END_DECLS
