/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "references/reference_features.h"

#include <feclip/error.h>
#include <feclip/feclip-enums.h>
#include <math.h>
#include <string.h>

#include "files/weights_writer.h"

#define FORMAT "feclip-references"
#define SAMPLE_NAME "references.sample"
/* Rounded to half precision, weights are still the same. */
#define SAMPLE_TOLERANCE 0.01
/* A unit row in fp32 is within 1e-6 of length one. */
#define LENGTH_TOLERANCE 1e-3
#define IMAGES_KEY "images"
/* What version 0.1.0 wrote instead. */
#define IMAGES_KEY_0_1_0 "pictures"
#define MAX_IMAGES 1000000
/* Rows that are read at a time. */
#define READ_ROWS 4096

void
fe_features_init (FeFeatures *self, guint n_taps, guint width)
{
  *self = (FeFeatures){.n_taps = n_taps};
  for (guint i = 0; i < n_taps; i++)
    self->taps[i] = g_array_new (FALSE, FALSE, width * (guint)sizeof (float));
}

void
fe_features_clear (FeFeatures *self)
{
  for (guint i = 0; i < self->n_taps; i++)
    g_clear_pointer (&self->taps[i], g_array_unref);
  *self = (FeFeatures){0};
}

static char *
tensor_name (guint tap)
{
  return g_strdup_printf ("references.%u", tap);
}

static const char *
nick_of (GType type, int value)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);

  return g_enum_get_value (values, value)->value_nick;
}

static char *
describe (const FeConfig *config, const FeNetwork *network)
{
  const FeVisionConfig *vision = &network->config;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "width %u, grid %u, taps ",
                          vision->transformer.width, vision->grid_size);
  for (guint i = 0; i < config->n_taps; i++)
    g_string_append_printf (text, "%s%u", i ? "," : "", config->taps[i]);
  g_string_append_printf (text, ", %s",
                          nick_of (FECLIP_TYPE_ACTIVATION, config->activation));
  if (network->adapters.n_taps)
    g_string_append_printf (
        text, ", lambda %s, windows %u and %u, %s",
        g_ascii_formatd (number, sizeof number, "%g", config->adapter.lambda),
        config->adapter.ffe_window, config->adapter.lfs_window,
        nick_of (FECLIP_TYPE_LFS_STATISTIC, config->adapter.statistic));
  else
    g_string_append (text, ", no adapters");
  return g_string_free (text, FALSE);
}

/* Reads numbers that are in fp32 on every device: of the class token's
 * position, and of the last adapter. */
static gboolean
read_sample (float *sample, const FeNetwork *network, GError **error)
{
  const FeVisionConfig *vision = &network->config;
  guint half = FE_SAMPLE_SIZE / 2;
  g_autofree float *row = g_new (float, vision->transformer.width);
  guint n_adapters = network->adapters.n_taps;

  memset (sample, 0, FE_SAMPLE_SIZE * sizeof *sample);
  if (!fe_matrix_read (&network->vision.positional, 0, vision->tokens - 1, 1,
                       row, error))
    return FALSE;
  memcpy (sample, row, MIN (half, vision->transformer.width) * sizeof *row);
  return !n_adapters
         || fe_buffer_read (
             network->adapters.taps[n_adapters - 1].lfs_bias, 0, sample + half,
             MIN (half, vision->transformer.width) * sizeof *sample, error);
}

gboolean
fe_references_origin_init (FeReferencesOrigin *self, const FeConfig *config,
                           const FeNetwork *network, GError **error)
{
  self->n_taps = config->n_taps;
  self->width = network->config.transformer.width;
  self->grid = network->config.grid_size;
  self->text = describe (config, network);
  return read_sample (self->sample, network, error);
}

void
fe_references_origin_clear (FeReferencesOrigin *self)
{
  g_clear_pointer (&self->text, g_free);
}

/* Compares each part relative to its own scale: an adapter's bias is small
 * beside a position. */
static gboolean
is_same_part (const float *a, const float *b, guint n)
{
  float scale = 0;

  for (guint i = 0; i < n; i++)
    scale = MAX (scale, fabsf (a[i]));
  for (guint i = 0; i < n; i++)
    if (!(fabsf (a[i] - b[i]) <= SAMPLE_TOLERANCE * scale))
      return FALSE;
  return TRUE;
}

static gboolean
is_same_sample (const float *a, const float *b)
{
  guint half = FE_SAMPLE_SIZE / 2;

  return is_same_part (a, b, half) && is_same_part (a + half, b + half, half);
}

gboolean
fe_references_origin_check (const FeReferencesOrigin *self,
                            const FeReferencesOrigin *other, const char *whose,
                            GError **error)
{
  if (!g_str_equal (self->text, other->text)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s those of another network (%s) than the one in use (%s)",
                 whose, self->text, other->text);
    return FALSE;
  }
  if (!is_same_sample (other->sample, self->sample)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s those of a network with other weights than the one in use",
                 whose);
    return FALSE;
  }
  return TRUE;
}

gboolean
fe_features_save (const FeFeatures *self, const FeReferencesOrigin *origin,
                  const char *path, GError **error)
{
  g_autoptr (FeWeightsWriter) writer = fe_weights_writer_new ();
  g_autofree char *images = g_strdup_printf ("%u", self->images);

  if (self->images == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s: not written, there are no references yet", path);
    return FALSE;
  }
  fe_weights_writer_set (writer, "format", FORMAT);
  fe_weights_writer_set (writer, "network", origin->text);
  fe_weights_writer_set (writer, IMAGES_KEY, images);
  for (guint i = 0; i < self->n_taps; i++) {
    const GArray *rows = self->taps[i];
    g_autofree char *name = tensor_name (i);

    fe_weights_writer_add (
        writer, name, &FE_SHAPE (rows->len, origin->width),
        g_memdup2 (rows->data,
                   (gsize)rows->len * origin->width * sizeof (float)));
  }
  fe_weights_writer_add (writer, SAMPLE_NAME, &FE_SHAPE (FE_SAMPLE_SIZE),
                         g_memdup2 (origin->sample, sizeof origin->sample));
  return fe_weights_writer_save (writer, path, error);
}

static gboolean
check_lengths (const float *rows, guint64 n, guint width, const char *path,
               const char *name, GError **error)
{
  for (guint64 r = 0; r < n; r++) {
    double square = 0;

    for (guint c = 0; c < width; c++)
      square += (double)rows[r * width + c] * rows[r * width + c];
    if (!(fabs (sqrt (square) - 1) <= LENGTH_TOLERANCE)) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "%s: tensor \"%s\" holds a feature whose length is %g "
                   "instead of 1",
                   path, name, sqrt (square));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_tap (GArray *rows, const FeWeights *weights, guint tap, guint width,
          GError **error)
{
  g_autofree char *name = tensor_name (tap);
  const char *path = fe_weights_get_path (weights);
  g_autofree float *values = NULL;
  FeShape shape;

  if (!fe_weights_get_shape (weights, name, &shape, error))
    return FALSE;
  if (shape.n_dims != 2 || shape.dims[1] != width || shape.dims[0] == 0
      || shape.dims[0] > FE_REFERENCES_MAX_ROWS) {
    g_set_error (
        error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
        "%s: tensor \"%s\" does not have the shape of up to %u features of "
        "%u numbers",
        path, name, FE_REFERENCES_MAX_ROWS, width);
    return FALSE;
  }
  values = g_new (float, READ_ROWS *(gsize)width);
  for (guint64 first = 0; first < shape.dims[0]; first += READ_ROWS) {
    guint64 n = MIN (READ_ROWS, shape.dims[0] - first);

    if (!fe_weights_read_rows (weights, name, &shape, first, n, values, error)
        || !check_lengths (values, n, width, path, name, error))
      return FALSE;
    g_array_append_vals (rows, values, (guint)n);
  }
  return TRUE;
}

static gboolean
read_images (FeFeatures *self, const FeWeights *weights, GError **error)
{
  const char *text = fe_weights_get_metadata (weights, IMAGES_KEY);
  guint64 number = 0;

  if (!text)
    text = fe_weights_get_metadata (weights, IMAGES_KEY_0_1_0);
  if (!text
      || !g_ascii_string_to_unsigned (text, 10, 1, MAX_IMAGES, &number, NULL)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: does not say how many images it was made from, from 1 "
                 "to %u",
                 fe_weights_get_path (weights), MAX_IMAGES);
    return FALSE;
  }
  self->images = (guint)number;
  return TRUE;
}

/* Whether a file holds references, and those of the network in use. */
static gboolean
check_origin (const FeWeights *weights, const FeReferencesOrigin *origin,
              GError **error)
{
  const char *path = fe_weights_get_path (weights);
  const char *format = fe_weights_get_metadata (weights, "format");
  const char *network = fe_weights_get_metadata (weights, "network");
  g_autofree char *whose =
      g_strdup_printf ("%s: the references in it are", path);
  FeReferencesOrigin theirs = {.text = (char *)network};

  if (g_strcmp0 (format, FORMAT) != 0 || !network) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: holds no references as feclip writes them", path);
    return FALSE;
  }
  return fe_weights_read (weights, SAMPLE_NAME, &FE_SHAPE (FE_SAMPLE_SIZE),
                          theirs.sample, error)
         && fe_references_origin_check (&theirs, origin, whose, error);
}

gboolean
fe_features_load (FeFeatures *self, const FeReferencesOrigin *origin,
                  const char *path, GError **error)
{
  g_autoptr (FeWeights) weights = fe_weights_open (path, error);

  if (!weights || !check_origin (weights, origin, error))
    return FALSE;
  fe_features_init (self, origin->n_taps, origin->width);
  if (!read_images (self, weights, error))
    return FALSE;
  for (guint i = 0; i < origin->n_taps; i++) {
    if (!read_tap (self->taps[i], weights, i, origin->width, error))
      return FALSE;
  }
  return TRUE;
}
