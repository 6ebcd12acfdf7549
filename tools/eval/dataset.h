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

/* One image of a test. */
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
  /* Paths of the normal images that are there to train with. */
  GPtrArray *training;
  guint n_good;
  guint n_defective;
  guint n_masks;
} FeCategory;

typedef enum {
  FE_LAYOUT_AUTO,
  FE_LAYOUT_VISA,
  FE_LAYOUT_BTAD,
  FE_LAYOUT_MVTEC,
  FE_LAYOUT_FOLDER,
  FE_N_LAYOUTS,
} FeLayout;

/* The images below one folder that are there to test with. */
typedef struct {
  char *path;
  FeLayout layout;
  /* FeCategory entries in the order of their names. */
  GPtrArray *categories;
  guint n_cases;
  /* What was named as it could not be read. */
  guint n_failed;
} FeDataset;

/* What a layout is called on the command line. */
const char *fe_layout_get_name (FeLayout layout);

/* Returns FE_N_LAYOUTS where no layout has this name. */
FeLayout fe_layout_find (const char *name);

/*
 * Finds the images of the data set in @path. @only, NULL or ended by NULL,
 * names the categories to take. Fails where there is nothing to test with.
 */
FeDataset *fe_dataset_new (const char *path, FeLayout layout, char *const *only,
                           GError **error);

/* NULL is allowed. */
void fe_dataset_free (FeDataset *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeDataset, fe_dataset_free)

/* For those that read a layout. */
FeCategory *fe_dataset_add_category (FeDataset *self, const char *name);
void fe_category_add (FeCategory *self, const char *path, const char *name,
                      const char *mask_path, FeTruth truth);
void fe_category_add_training (FeCategory *self, const char *path);

G_END_DECLS
