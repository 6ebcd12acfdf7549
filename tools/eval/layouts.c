/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/layouts.h"

#include <string.h>

#include "cli/images.h"

/* What people call a folder of images without defects, and one of masks. */
static const char *const good_names[] = {
    "good", "ok", "normal", "Normal", "OK", "Good", "GOOD", "NORMAL", NULL};
static const char *const mask_names[] = {"ground_truth", "masks", "mask",
                                         "Masks",        "gt",    NULL};
/* What is not there to test with. */
static const char *const other_names[] = {"train", "validation", NULL};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The folders in one, in the order of their names. */
static GPtrArray *
list_folders (const char *path)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *inside = g_build_filename (path, name, NULL);

    if (name[0] != '.' && g_file_test (inside, G_FILE_TEST_IS_DIR))
      g_ptr_array_add (folders, g_strdup (name));
  }
  g_ptr_array_sort (folders, compare_names);
  return folders;
}

static gboolean
has_folder (const char *path, const char *inside)
{
  g_autofree char *folder = g_build_filename (path, inside, NULL);

  return g_file_test (folder, G_FILE_TEST_IS_DIR);
}

static const char *
find_folder (const char *path, const char *const *names)
{
  for (guint i = 0; names[i]; i++)
    if (has_folder (path, names[i]))
      return names[i];
  return NULL;
}

static GPtrArray *
find_images (FeDataset *dataset, const char *folder)
{
  char *const paths[] = {(char *)folder, NULL};
  guint n_failed;
  GPtrArray *images = fe_image_files_find (paths, &n_failed);

  dataset->n_failed += n_failed;
  return images;
}

/* Paths of masks by their names inside @folder, without extension. */
static GHashTable *
find_masks (FeDataset *dataset, const char *folder)
{
  GHashTable *masks =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) images = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return masks;
  images = find_images (dataset, folder);
  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);

    g_hash_table_insert (masks, g_strdup (image->name), g_strdup (image->path));
  }
  return masks;
}

/* NAME_mask as MVTec AD has it, or NAME; in the folder of its kind or not. */
static const char *
find_mask (GHashTable *masks, const char *kind, const char *name)
{
  g_autofree char *inside = g_build_filename (kind, name, NULL);
  const char *const stems[] = {inside, name};

  for (gsize i = 0; i < G_N_ELEMENTS (stems); i++) {
    g_autofree char *marked = g_strconcat (stems[i], "_mask", NULL);
    const char *path = g_hash_table_lookup (masks, marked);

    if (!path)
      path = g_hash_table_lookup (masks, stems[i]);
    if (path)
      return path;
  }
  return NULL;
}

/* The images of one folder; @masks may be NULL. */
static void
add_folder (FeDataset *dataset, FeCategory *category, const char *folder,
            const char *kind, GHashTable *masks)
{
  g_autofree char *path = g_build_filename (folder, kind, NULL);
  g_autoptr (GPtrArray) images = find_images (dataset, path);
  gboolean good = g_strv_contains (good_names, kind);

  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);
    g_autofree char *name = g_build_filename (kind, image->name, NULL);

    fe_category_add (category, image->path, name,
                     good || !masks ? NULL
                                    : find_mask (masks, kind, image->name),
                     good ? FE_TRUTH_GOOD : FE_TRUTH_DEFECTIVE);
  }
}

/* A folder for each kind of defect, and perhaps one of masks. */
static void
add_kinds (FeDataset *dataset, FeCategory *category, const char *folder,
           const char *mask_folder)
{
  g_autoptr (GHashTable) masks = find_masks (dataset, mask_folder);
  g_autoptr (GPtrArray) kinds = list_folders (folder);

  for (guint i = 0; i < kinds->len; i++) {
    const char *kind = g_ptr_array_index (kinds, i);

    if (!g_strv_contains (mask_names, kind)
        && !g_strv_contains (other_names, kind))
      add_folder (dataset, category, folder, kind, masks);
  }
}

/* train/GOOD, or where there is none, train. */
static void
add_training (FeDataset *dataset, FeCategory *category, const char *path)
{
  g_autofree char *train = g_build_filename (path, "train", NULL);
  const char *good = find_folder (train, good_names);
  g_autofree char *folder = g_build_filename (train, good, NULL);
  g_autoptr (GPtrArray) images = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return;
  images = find_images (dataset, folder);
  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);

    fe_category_add_training (category, image->path);
  }
}

/* MVTec AD and BTAD: train/GOOD, test/KIND and ground_truth/KIND. */
static void
read_split (FeDataset *dataset, const char *name, const char *path)
{
  g_autofree char *test = g_build_filename (path, "test", NULL);
  g_autofree char *masks = g_build_filename (path, "ground_truth", NULL);
  FeCategory *category = fe_dataset_add_category (dataset, name);

  add_training (dataset, category, path);
  add_kinds (dataset, category, test, masks);
}

static gboolean
is_btad (const char *path)
{
  return has_folder (path, "test/ok") || has_folder (path, "test/ko");
}

static gboolean
is_mvtec (const char *path)
{
  return has_folder (path, "test");
}

/* VisA: Data/Images/Normal, Data/Images/Anomaly and Data/Masks/Anomaly. */
static void
read_visa (FeDataset *dataset, const char *name, const char *path)
{
  g_autofree char *images = g_build_filename (path, "Data/Images", NULL);
  g_autofree char *masks = g_build_filename (path, "Data/Masks", NULL);

  add_kinds (dataset, fe_dataset_add_category (dataset, name), images, masks);
}

static gboolean
is_visa (const char *path)
{
  return has_folder (path, "Data/Images");
}

/* GOOD/, any others, and masks/ perhaps. */
static void
read_kinds (FeDataset *dataset, const char *name, const char *path)
{
  const char *mask_name = find_folder (path, mask_names);
  g_autofree char *masks =
      g_build_filename (path, mask_name ? mask_name : mask_names[0], NULL);
  FeCategory *category = fe_dataset_add_category (dataset, name);

  add_training (dataset, category, path);
  add_kinds (dataset, category, path, masks);
}

static gboolean
is_kinds (const char *path)
{
  return find_folder (path, good_names) != NULL;
}

static const struct {
  gboolean (*is_category) (const char *path);
  void (*read) (FeDataset *dataset, const char *name, const char *path);
} layouts[FE_N_LAYOUTS] = {
    [FE_LAYOUT_VISA] = {is_visa, read_visa},
    [FE_LAYOUT_BTAD] = {is_btad, read_split},
    [FE_LAYOUT_MVTEC] = {is_mvtec, read_split},
    [FE_LAYOUT_FOLDER] = {is_kinds, read_kinds},
};

/* The folder is a category, or those in it are. */
static gboolean
read_categories (FeLayout layout, FeDataset *dataset)
{
  g_autofree char *resolved = g_canonicalize_filename (dataset->path, NULL);
  g_autofree char *own_name = g_path_get_basename (resolved);
  g_autoptr (GPtrArray) names = list_folders (dataset->path);
  gboolean found = FALSE;

  if (layouts[layout].is_category (dataset->path)) {
    layouts[layout].read (dataset, own_name, dataset->path);
    return TRUE;
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *path = g_build_filename (dataset->path, name, NULL);

    if (layouts[layout].is_category (path)) {
      layouts[layout].read (dataset, name, path);
      found = TRUE;
    }
  }
  return found;
}

/* Images of which nothing is known. */
static void
read_images (FeDataset *dataset)
{
  g_autofree char *resolved = g_canonicalize_filename (dataset->path, NULL);
  g_autofree char *name = g_path_get_basename (resolved);
  FeCategory *category = fe_dataset_add_category (dataset, name);
  g_autoptr (GPtrArray) images = find_images (dataset, dataset->path);

  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);

    fe_category_add (category, image->path, image->name, NULL,
                     FE_TRUTH_UNKNOWN);
  }
}

gboolean
fe_layout_read (FeLayout layout, FeDataset *dataset)
{
  if (layout == FE_LAYOUT_VISA && fe_visa_list_read (dataset))
    return TRUE;
  if (read_categories (layout, dataset))
    return TRUE;
  if (layout != FE_LAYOUT_FOLDER)
    return FALSE;
  read_images (dataset);
  return TRUE;
}
