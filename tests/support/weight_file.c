/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/weight_file.h"

#include <feclip/error.h>

#include "support/scratch.h"

const char *
weight_file_get_path (void)
{
  static char *path;

  if (!path)
    path = scratch_path ("weights");
  return path;
}

FeWeights *
weight_file_open (GByteArray *bytes, GError **error)
{
  scratch_write (weight_file_get_path (), bytes->data, bytes->len);
  g_byte_array_unref (bytes);
  return fe_weights_open (weight_file_get_path (), error);
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
  g_autofree char *text =
      g_strdup_printf ("%s: %s", weight_file_get_path (), sentence);

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
