/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "eval/layouts.h"
#include "cli/message.h"

#define LIST "split_csv/1cls.csv"

/* The list's columns. */
enum { OBJECT, SPLIT, LABEL, IMAGE, MASK, N_COLUMNS };

static const char *const titles[N_COLUMNS] = {"object", "split", "label",
                                              "image", "mask"};

/* One list and its columns' places. */
typedef struct {
  FeDataset *dataset;
  const char *name;
  guint places[N_COLUMNS];
} List;

static void
fail (List *list, guint line, const char *reason)
{
  fe_message_error ("%s: line %u: %s", list->name, line, reason);
  list->dataset->n_failed++;
}

static gboolean
find_columns (List *list, char *const *fields)
{
  for (guint column = 0; column < N_COLUMNS; column++) {
    guint place = 0;

    while (fields[place] && !g_str_equal (fields[place], titles[column]))
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
  for (guint i = 0; i < dataset->categories->len; i++) {
    FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (g_str_equal (category->name, name))
      return category;
  }
  return fe_dataset_add_category (dataset, name);
}

static void
add_row (List *list, guint line, char *const *fields)
{
  const char *values[N_COLUMNS];
  g_autofree char *path = NULL;
  g_autofree char *mask_path = NULL;
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;
  gboolean good;

  for (guint column = 0; column < N_COLUMNS; column++) {
    if (list->places[column] >= g_strv_length ((GStrv)fields)) {
      fail (list, line, "there are too few columns");
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
  fe_category_add (get_category (list->dataset, values[OBJECT]), path, name,
                   mask_path, good ? FE_TRUTH_GOOD : FE_TRUTH_DEFECTIVE);
}

static void
read_rows (List *list, const char *content)
{
  g_auto (GStrv) lines = g_strsplit (content, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (g_strchomp (lines[i]), ",", -1);

    if (i > 0 && lines[i][0]) {
      add_row (list, i + 1, fields);
    } else if (i == 0 && !find_columns (list, fields)) {
      fail (list, 1,
            "it does not name the columns object, split, label, image, mask");
      return;
    }
  }
}

gboolean
fe_visa_list_read (FeDataset *dataset)
{
  g_autofree char *path = g_build_filename (dataset->path, LIST, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  List list = {.dataset = dataset, .name = name};

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
