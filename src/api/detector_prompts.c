/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "api/detector_network.h"

/* Numbers in self->text: a row for each side, padded as matrices are. */
static guint
count_numbers (const FeclipDetector *self)
{
  return 2
         * fe_padded_columns (
             fe_model_get_network (self->model)->config.embedding);
}

/* Returns: what self->text shall hold; free it */
static float *
encode (const FeclipDetector *self, const FeclipSettings *settings,
        gboolean whole, GError **error)
{
  guint e = fe_model_get_network (self->model)->config.embedding;
  guint n = count_numbers (self);
  g_autofree float *features = g_new (float, 2 * (gsize)e);
  float *rows;

  if (!fe_model_encode_prompts (self->model, settings, self->config.activation,
                                whole, features, error))
    return NULL;
  rows = g_new0 (float, n);
  memcpy (rows, features, e * sizeof (float));
  memcpy (rows + n / 2, features + e, e * sizeof (float));
  return rows;
}

gboolean
fe_detector_prepare_text (FeclipDetector *self, const FeclipSettings *settings,
                          GError **error)
{
  self->text = encode (self, settings, FALSE, error);
  return self->text != NULL;
}

/* They are uploaded where they differ from those that are there. */
gboolean
feclip_detector_update_prompts (FeclipDetector *self, FeclipSettings *settings,
                                GError **error)
{
  float *text;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), FALSE);

  text = encode (self, settings, TRUE, error);
  if (!text)
    return FALSE;
  g_free (self->text);
  self->text = text;
  return TRUE;
}
