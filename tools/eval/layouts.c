/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/layouts.h"

#include <feclip/error.h>
#include <string.h>

#include "cli/message.h"
#include "image_io/image_list.h"

typedef enum {
  LAYOUT_AUTO,
  LAYOUT_VISA,
  LAYOUT_BTAD,
  LAYOUT_MVTEC,
  LAYOUT_FOLDER,
  N_LAYOUTS,
} Layout;

static const char *const layout_names[N_LAYOUTS] = {"auto", "visa", "btad",
                                                    "mvtec", "folder"};

/* Usual names of a folder of normal images, and of a folder of masks. */
static const char *const good_names[] = {
    "good", "ok", "normal", "Normal", "OK", "Good", "GOOD", "NORMAL", NULL};
static const char *const mask_names[] = {"ground_truth", "masks", "mask",
                                         "Masks",        "gt",    NULL};
/* Folders without test images. */
static const char *const other_names[] = {"train", "validation", NULL};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The names of the folders in @path, sorted. */
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

/* The images below @folder; those that fail are counted. */
static GPtrArray *
find_images (FeDataset *dataset, const char *folder)
{
  char *const paths[] = {(char *)folder, NULL};
  guint n_failed;
  GPtrArray *images = fe_image_list_find (paths, &n_failed);

  dataset->n_failed += n_failed;
  return images;
}

/* Maps the names of masks inside @folder, without extension, to their paths. */
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

/* The mask is NAME_mask, as in MVTec AD, or NAME, below @masks itself or in its
 * folder @kind. */
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

/* Adds the images of one folder; @masks may be NULL. */
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

    const FeCase item = {
        .path = image->path,
        .name = name,
        .mask_path = good || !masks
                         ? NULL
                         : (char *)find_mask (masks, kind, image->name),
        .truth = good ? FE_TRUTH_GOOD : FE_TRUTH_DEFECTIVE,
    };

    fe_category_add (category, &item);
  }
}

/* One folder per kind of defect; @mask_folder need not exist. */
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

/* Training images are in train/GOOD, or else in train. */
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

/* GOOD/, other folders, and a folder of masks if there is one. */
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
} layouts[N_LAYOUTS] = {
    [LAYOUT_VISA] = {is_visa, read_visa},
    [LAYOUT_BTAD] = {is_btad, read_split},
    [LAYOUT_MVTEC] = {is_mvtec, read_split},
    [LAYOUT_FOLDER] = {is_kinds, read_kinds},
};

/* The folder is one category, or each folder in it is one. */
static gboolean
read_categories (Layout layout, FeDataset *dataset)
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

/* A folder of images without labels is one category. */
static void
read_images (FeDataset *dataset)
{
  g_autofree char *resolved = g_canonicalize_filename (dataset->path, NULL);
  g_autofree char *name = g_path_get_basename (resolved);
  FeCategory *category = fe_dataset_add_category (dataset, name);
  g_autoptr (GPtrArray) images = find_images (dataset, dataset->path);

  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);
    const FeCase item = {.path = image->path, .name = image->name};

    fe_category_add (category, &item);
  }
}

#define VISA_LIST "split_csv/1cls.csv"

/* The columns of the list of VisA. */
enum { OBJECT, SPLIT, LABEL, IMAGE, MASK, N_COLUMNS };

static const char *const column_titles[N_COLUMNS] = {"object", "split", "label",
                                                     "image", "mask"};

/* The list, and the index of each column in it. */
typedef struct {
  FeDataset *dataset;
  const char *name;
  guint places[N_COLUMNS];
} VisaList;

static void
fail (VisaList *list, guint line, const char *reason)
{
  fe_message_error ("%s: line %u: %s", list->name, line, reason);
  list->dataset->n_failed++;
}

static gboolean
find_columns (VisaList *list, char *const *fields)
{
  for (guint column = 0; column < N_COLUMNS; column++) {
    guint place = 0;

    while (fields[place] && !g_str_equal (fields[place], column_titles[column]))
      place++;
    if (!fields[place])
      return FALSE;
    list->places[column] = place;
  }
  return TRUE;
}

static FeCategory *
get_category (FeDataset *dataset, const char *name)
{
  FeCategory *category = fe_dataset_find_category (dataset, name);

  return category ? category : fe_dataset_add_category (dataset, name);
}

static void
add_row (VisaList *list, guint line, char *const *fields)
{
  const char *values[N_COLUMNS];
  g_autofree char *path = NULL;
  g_autofree char *mask_path = NULL;
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;
  gboolean good;

  for (guint column = 0; column < N_COLUMNS; column++) {
    if (list->places[column] >= g_strv_length ((GStrv)fields)) {
      fail (list, line, "there are fewer columns than the first line names");
      return;
    }
    values[column] = fields[list->places[column]];
  }
  good = g_str_equal (values[LABEL], "normal");
  path = g_build_filename (list->dataset->path, values[IMAGE], NULL);
  if (good && g_str_equal (values[SPLIT], "train"))
    fe_category_add_training (get_category (list->dataset, values[OBJECT]),
                              path);
  if (!g_str_equal (values[SPLIT], "test"))
    return;
  if (!good && values[MASK][0])
    mask_path = g_build_filename (list->dataset->path, values[MASK], NULL);
  stem = g_path_get_basename (values[IMAGE]);
  if (strrchr (stem, '.'))
    *strrchr (stem, '.') = '\0';
  name = g_build_filename (values[LABEL], stem, NULL);
  fe_category_add (get_category (list->dataset, values[OBJECT]),
                   &(FeCase){
                       .path = path,
                       .name = name,
                       .mask_path = mask_path,
                       .truth = good ? FE_TRUTH_GOOD : FE_TRUTH_DEFECTIVE,
                   });
}

static void
read_rows (VisaList *list, const char *content)
{
  g_auto (GStrv) lines = g_strsplit (content, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (g_strchomp (lines[i]), ",", -1);

    if (i > 0 && lines[i][0]) {
      add_row (list, i + 1, fields);
    } else if (i == 0 && !find_columns (list, fields)) {
      fail (
          list, 1,
          "it does not name the columns object, split, label, image and mask");
      return;
    }
  }
}

/* Returns FALSE where the data set has no list. A message names each row that
 * cannot be used; n_failed counts them. */
static gboolean
read_visa_list (FeDataset *dataset)
{
  g_autofree char *path = g_build_filename (dataset->path, VISA_LIST, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  VisaList list = {.dataset = dataset, .name = name};

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  if (g_file_get_contents (path, &content, NULL, &error)) {
    read_rows (&list, content);
  } else {
    fe_message_error ("%s", error->message);
    dataset->n_failed++;
  }
  return TRUE;
}

/*
 * Adds the images of the data set if its folder has this layout, which is not
 * LAYOUT_AUTO. Returns whether it has.
 */
static gboolean
read_layout (Layout layout, FeDataset *dataset)
{
  if (layout == LAYOUT_VISA && read_visa_list (dataset))
    return TRUE;
  if (read_categories (layout, dataset))
    return TRUE;
  if (layout != LAYOUT_FOLDER)
    return FALSE;
  read_images (dataset);
  return TRUE;
}

/* Returns the layout that was read, LAYOUT_AUTO for none. */
static Layout
recognize_layout (FeDataset *dataset)
{
  /* The most specific one first. */
  for (guint i = LAYOUT_AUTO + 1; i < N_LAYOUTS; i++)
    if (read_layout (i, dataset))
      return i;
  return LAYOUT_AUTO;
}

static void
drop_categories (FeDataset *dataset, char *const *selected)
{
  for (guint i = dataset->categories->len; i-- > 0;) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (category->cases->len == 0
        || (selected
            && !g_strv_contains ((const char *const *)selected,
                                 category->name)))
      g_ptr_array_remove_index (dataset->categories, i);
  }
}

static gboolean
check_categories (const FeDataset *dataset, char *const *selected,
                  gboolean is_auto, GError **error)
{
  g_autofree char *path = g_filename_display_name (dataset->path);

  for (guint i = 0; selected && selected[i]; i++) {
    if (!fe_dataset_find_category (dataset, selected[i])) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--categories: %s has no test images of a category \"%s\"",
                   path, selected[i]);
      return FALSE;
    }
  }
  if (dataset->categories->len > 0)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: there are no test images in this folder%s%s", path,
               is_auto ? "" : " in the layout ",
               is_auto ? "" : dataset->layout);
  return FALSE;
}

/* Returns N_LAYOUTS where no layout has this name. */
static Layout
find_layout (const char *name)
{
  guint layout = 0;

  while (layout < N_LAYOUTS && !g_str_equal (layout_names[layout], name))
    layout++;
  return layout;
}

gboolean
fe_layout_exists (const char *name)
{
  return find_layout (name) < N_LAYOUTS;
}

FeDataset *
fe_layout_open (const char *path, const char *layout, const char *categories,
                GError **error)
{
  g_auto (GStrv) selected =
      categories ? g_strsplit (categories, ",", -1) : NULL;
  g_autoptr (FeDataset) dataset = fe_dataset_new (path);
  Layout wanted = layout ? find_layout (layout) : LAYOUT_AUTO;
  Layout found = wanted;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_autofree char *name = g_filename_display_name (path);

    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 g_file_test (path, G_FILE_TEST_EXISTS)
                     ? "%s: this is not a folder"
                     : "%s: there is no such folder",
                 name);
    return NULL;
  }
  if (wanted == LAYOUT_AUTO)
    found = recognize_layout (dataset);
  else
    read_layout (wanted, dataset);
  dataset->layout = layout_names[found];
  drop_categories (dataset, selected);
  if (!check_categories (dataset, selected, wanted == LAYOUT_AUTO, error))
    return NULL;
  return g_steal_pointer (&dataset);
}
