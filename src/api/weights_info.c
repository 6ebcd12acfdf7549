/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/weights-info.h>

#include <math.h>
#include <string.h>

#include "files/weights.h"
#include "files/weights_names.h"

/* More missing tensors than this are only counted. */
#define MAX_NAMED 8

G_DEFINE_BOXED_TYPE (FeclipWeightsInfo, feclip_weights_info,
                     feclip_weights_info_copy, feclip_weights_info_free)

FeclipWeightsInfo *
feclip_weights_info_copy (const FeclipWeightsInfo *self)
{
  FeclipWeightsInfo *copy = g_memdup2 (self, sizeof *self);

  copy->container = g_strdup (self->container);
  copy->layout = g_strdup (self->layout);
  copy->dtypes = g_strdup (self->dtypes);
  copy->tap_blocks = g_strdup (self->tap_blocks);
  copy->metadata = g_strdupv (self->metadata);
  copy->missing = g_strdupv (self->missing);
  return copy;
}

void
feclip_weights_info_free (FeclipWeightsInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->container);
  g_free (self->layout);
  g_free (self->dtypes);
  g_free (self->tap_blocks);
  g_strfreev (self->metadata);
  g_strfreev (self->missing);
  g_free (self);
}

/* What is known of a file while its tensors are listed. */
typedef struct {
  const FeWeights *weights;
  FeclipWeightsInfo *info;
  GPtrArray *missing; /* sentences */
  guint n_missing;    /* tensors, named or not */
  gboolean image_tower;
  gboolean text_tower;
  gboolean adapters;
} Survey;

/* Raises *n above the number that follows the prefix, if the name has it. */
static gboolean
count_part (const char *name, const char *prefix, guint *n)
{
  guint64 number;

  if (!g_str_has_prefix (name, prefix))
    return FALSE;
  number = g_ascii_strtoull (name + strlen (prefix), NULL, 10);
  *n = MAX (*n, (guint)number + 1);
  return TRUE;
}

/* Sorts one of the network's tensors into its part. */
static void
survey_name (Survey *self, const char *name)
{
  FeclipWeightsInfo *info = self->info;

  if (g_str_has_prefix (name, "visual.")) {
    count_part (name, "visual.transformer.resblocks.", &info->n_blocks);
    self->image_tower = TRUE;
  } else if (count_part (name, "ffe.", &info->n_taps)
             || count_part (name, "lfs.", &info->n_taps)
             || g_str_has_prefix (name, "fc_patch.")) {
    self->adapters = TRUE;
  } else if (g_str_equal (name, "text_features")) {
    info->has_text_features = TRUE;
  } else if (!g_str_equal (name, "logit_scale")) {
    count_part (name, "transformer.resblocks.", &info->text_blocks);
    self->text_tower = TRUE;
  }
}

static char *
list_dtypes (guint dtypes)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint dtype = FE_DTYPE_F32; dtype <= FE_DTYPE_BF16; dtype++)
    if (dtypes & 1u << dtype)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              fe_dtype_to_string ((FeDtype)dtype));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
survey_tensors (Survey *self, GError **error)
{
  guint n_names, dtypes = 0;
  g_autofree const char **names = fe_weights_list (self->weights, &n_names);

  for (guint i = 0; i < n_names; i++) {
    FeShape shape;
    guint64 n_elements;

    if (!fe_names_is_network (names[i]))
      continue;
    if (!fe_weights_get_shape (self->weights, names[i], &shape, error))
      return FALSE;
    /* The count cannot overflow: every element has bytes in the file, except
     * repeated ones. */
    if (fe_shape_count (&shape, &n_elements))
      self->info->n_parameters += n_elements;
    self->info->n_tensors++;
    dtypes |= 1u << fe_weights_get_dtype (self->weights, names[i]);
    survey_name (self, names[i]);
  }
  self->info->dtypes = list_dtypes (dtypes);
  if (self->info->n_tensors > 0)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: it holds no tensor of CLIP or FE-CLIP",
               fe_weights_get_path (self->weights));
  return FALSE;
}

/* Returns a dimension of a tensor; 0 where the tensor or the dimension is
 * missing. */
static guint
get_dim (const Survey *self, const char *name, guint dim)
{
  FeShape shape;

  if (!fe_weights_get_shape (self->weights, name, &shape, NULL)
      || dim >= shape.n_dims || shape.dims[dim] > G_MAXINT)
    return 0;
  return (guint)shape.dims[dim];
}

static guint
first_of (guint a, guint b)
{
  return a > 0 ? a : b;
}

static gboolean
survey_sizes (Survey *self, GError **error)
{
  FeclipWeightsInfo *info = self->info;
  const guint tokens = get_dim (self, "visual.positional_embedding", 0);

  info->width = first_of (get_dim (self, "visual.conv1.weight", 0),
                          get_dim (self, "fc_patch.weight", 1));
  info->embedding = first_of (get_dim (self, "visual.proj", 1),
                              first_of (get_dim (self, "fc_patch.weight", 0),
                                        get_dim (self, "text_projection", 1)));
  info->text_width = get_dim (self, "token_embedding.weight", 1);
  info->patch_size = get_dim (self, "visual.conv1.weight", 2);
  if (tokens == 0)
    return TRUE;
  info->grid_size = (guint)sqrt (tokens - 1);
  if ((guint64)info->grid_size * info->grid_size != tokens - 1) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: tensor \"visual.positional_embedding\" has %u rows, "
                 "expected 1 and a square number",
                 fe_weights_get_path (self->weights), tokens);
    return FALSE;
  }
  info->image_size = info->grid_size * info->patch_size;
  return TRUE;
}

static void
require (Survey *self, const char *name)
{
  if (fe_weights_has (self->weights, name))
    return;
  if (self->n_missing++ < MAX_NAMED)
    g_ptr_array_add (self->missing,
                     g_strdup_printf ("tensor \"%s\" is missing", name));
}

static void
require_all (Survey *self, const char *const *names)
{
  for (gsize i = 0; names[i] != NULL; i++)
    require (self, names[i]);
}

static void
require_numbered (Survey *self, const char *prefix, guint n,
                  const char *const *names)
{
  for (guint i = 0; i < n; i++)
    for (gsize j = 0; names[j] != NULL; j++) {
      g_autofree char *name = g_strdup_printf ("%s%u.%s", prefix, i, names[j]);

      require (self, name);
    }
}

static void
find_missing (Survey *self)
{
  FeclipWeightsInfo *info = self->info;

  if (self->image_tower) {
    require_all (self, fe_names_image_tower);
    require_numbered (self, "visual.transformer.resblocks.", info->n_blocks,
                      fe_names_block);
  } else {
    g_ptr_array_add (
        self->missing,
        g_strdup ("there is no image tower: a model file has to bring it"));
  }
  if (self->text_tower) {
    require_all (self, fe_names_text_tower);
    require_numbered (self, "transformer.resblocks.", info->text_blocks,
                      fe_names_block);
  } else if (!info->has_text_features) {
    g_ptr_array_add (self->missing,
                     g_strdup ("there is no text tower and there are no ready "
                               "text features: a model file has to bring one "
                               "of them"));
  }
  if (self->adapters) {
    require_numbered (self, "ffe.", info->n_taps, fe_names_ffe);
    require_numbered (self, "lfs.", info->n_taps, fe_names_lfs);
    require_all (self, fe_names_fc_patch);
  } else {
    g_ptr_array_add (self->missing,
                     g_strdup ("there are no adapters (FFE, LFS, fc_patch): "
                               "without an adapter file there is a score and "
                               "no map"));
  }
  if (self->n_missing > MAX_NAMED)
    g_ptr_array_add (self->missing,
                     g_strdup_printf ("%u more tensors are missing",
                                      self->n_missing - MAX_NAMED));
}

/* Turns each entry of the metadata, which may hold anything, into one line of
 * text. */
static GStrv
list_metadata (const FeWeights *weights)
{
  guint n_keys;
  g_autofree const char **keys = fe_weights_list_metadata (weights, &n_keys);
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (guint i = 0; i < n_keys; i++) {
    g_autofree char *value =
        g_utf8_make_valid (fe_weights_get_metadata (weights, keys[i]), -1);

    for (char *at = value; *at != '\0'; at++)
      if (g_ascii_iscntrl (*at))
        *at = ' ';
    g_ptr_array_add (lines, g_strdup_printf ("%s = %s", keys[i], value));
  }
  g_ptr_array_add (lines, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

FeclipWeightsInfo *
feclip_weights_info_new (const char *path, GError **error)
{
  g_autoptr (FeWeights) weights = NULL;
  g_autoptr (FeclipWeightsInfo) info = NULL;
  g_autoptr (GPtrArray) missing = NULL;
  Survey survey = {NULL};

  g_return_val_if_fail (path != NULL, NULL);
  weights = fe_weights_open (path, error);
  if (weights == NULL)
    return NULL;
  info = g_new0 (FeclipWeightsInfo, 1);
  missing = g_ptr_array_new_with_free_func (g_free);
  survey.weights = weights;
  survey.info = info;
  survey.missing = missing;
  if (!survey_tensors (&survey, error) || !survey_sizes (&survey, error))
    return NULL;
  find_missing (&survey);

  info->container = g_strdup (fe_weights_get_container (weights));
  info->layout = g_strdup (fe_weights_get_layout (weights));
  info->tap_blocks =
      g_strdup (fe_weights_get_metadata (weights, "tap_indices"));
  info->metadata = list_metadata (weights);
  g_ptr_array_add (missing, NULL);
  info->missing = (GStrv)g_ptr_array_steal (missing, NULL);
  return g_steal_pointer (&info);
}
