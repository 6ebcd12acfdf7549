/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/weight_file.h"

#include <feclip/error.h>
#include <glib/gstdio.h>

#include "support/weight_writer.h"

static char *folder;
static char *path;

void
weight_file_init (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (argc, argv, NULL);
  folder = g_dir_make_tmp ("feclip-weights-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (folder, "file", NULL);
}

int
weight_file_run (void)
{
  int status = g_test_run ();

  g_unlink (path);
  g_rmdir (folder);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&folder, g_free);
  return status;
}

const char *
weight_file_get_path (void)
{
  return path;
}

FeWeights *
weight_file_open (GByteArray *bytes, GError **error)
{
  writer_save (bytes, path);
  g_byte_array_unref (bytes);
  return fe_weights_open (path, error);
}

FeWeights *
weight_file_open_good (GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  FeWeights *weights = weight_file_open (bytes, &error);

  g_assert_no_error (error);
  return weights;
}

void
weight_file_assert_sentence (const GError *error, const char *sentence)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", path, sentence);

  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_assert_cmpstr (error->message, ==, text);
}

void
weight_file_assert_refused (GByteArray *bytes, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", sentence);
  g_assert_null (weight_file_open (bytes, &error));
  weight_file_assert_sentence (error, sentence);
}
