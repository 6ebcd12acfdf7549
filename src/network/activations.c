/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/activations.h"

#include <math.h>
#include <string.h>

/* Standard deviations that the kernel reaches: beyond four, a Gaussian is below
 * 4e-4 of its peak. */
#define SMOOTHING_REACH 4

/* The largest multiple that rows of a matrix are padded to. */
#define ROWS_PADDING 192

static const FeVisionConfig *
get_vision (const FeActivations *self)
{
  return &self->network->config;
}

static gsize
text_size (const FeActivations *self)
{
  return 2 * (gsize)fe_padded_columns (get_vision (self)->embedding);
}

guint
fe_activations_count_patches (const FeActivations *self)
{
  guint grid = get_vision (self)->grid_size;

  return grid * grid;
}

gboolean
fe_activations_have_prompt_map (const FeActivations *self)
{
  return self->network->adapters.n_taps > 0
         && self->config.map_type != FECLIP_MAP_TYPE_FEW_SHOT;
}

guint
fe_activations_get_score (const FeActivations *self, guint tap, guint image)
{
  return tap * self->capacity + image;
}

guint
fe_activations_get_map (const FeActivations *self, guint image)
{
  return self->config.n_taps * self->capacity
         + image * fe_activations_count_patches (self);
}

guint
fe_activations_get_few_shot_map (const FeActivations *self)
{
  return fe_activations_get_map (self, self->capacity);
}

FeMatrix
fe_activations_get_patches (const FeActivations *self, guint image)
{
  FeMatrix patches = fe_matrix_batch_item (&self->vision.patches, image);

  patches.rows--; /* without the class token */
  return patches;
}

gboolean
fe_activations_set_text (FeActivations *self, guint image, const float *text,
                         GError **error)
{
  gsize n = text_size (self), size = n * sizeof (float);
  float *known = self->known_text + image * n;

  if (memcmp (known, text, size) == 0)
    return TRUE;
  if (!fe_buffer_write (self->text, image * size, text, size, error))
    return FALSE;
  memcpy (known, text, size);
  return TRUE;
}

static void
prepare_smoothing (FeActivations *self, guint image_size)
{
  double sigma = self->config.map_smoothing, sum = 0;
  guint radius = (guint)ceil (SMOOTHING_REACH * sigma);
  g_autofree float *weights = g_new (float, radius + 1);
  gsize pixels = (gsize)image_size * image_size;

  for (guint r = 0; r <= radius; r++) {
    weights[r] = (float)exp (-0.5 * r * r / (sigma * sigma));
    sum += (r ? 2 : 1) * weights[r];
  }
  for (guint r = 0; r <= radius; r++)
    weights[r] = (float)(weights[r] / sum);
  self->smoothing_radius = radius;
  self->smoothing = fe_arena_floats (self->arena, "smoothing weights",
                                     FE_BUFFER_DEVICE, radius + 1, weights);
  self->enlarged = g_new0 (FeBuffer *, self->capacity);
  for (guint i = 0; i < self->capacity; i++)
    self->enlarged[i] = fe_arena_floats (self->arena, "enlarged map",
                                         FE_BUFFER_READBACK, pixels, NULL);
  self->scratch = fe_arena_floats (self->arena, "smoothed map",
                                   FE_BUFFER_DEVICE, pixels, NULL);
}

static gboolean
prepare_activations (FeActivations *self, GError **error)
{
  const FeNetwork *network = self->network;
  const FeVisionConfig *vision = &network->config;
  gsize text = self->capacity * text_size (self);

  fe_vision_activations_init (&self->vision, self->arena, vision,
                              self->capacity);
  if (self->network->adapters.n_taps > 0)
    fe_adapter_activations_init (
        &self->adapters, self->arena, &self->config.adapter,
        vision->transformer.width, vision->embedding, self->capacity);
  if (self->config.map_smoothing > 0)
    prepare_smoothing (self, vision->image_size);
  self->known_text = g_new0 (float, text);
  self->text = fe_arena_floats (self->arena, "text features", FE_BUFFER_DEVICE,
                                text, NULL);
  self->values =
      fe_arena_floats (self->arena, "scores and maps", FE_BUFFER_READBACK,
                       fe_activations_get_few_shot_map (self)
                           + fe_activations_count_patches (self),
                       NULL);
  return fe_arena_check (self->arena, error)
         && (self->capacity == 1
             || fe_vision_repeat_positions (&self->vision, self->arena,
                                            &network->vision, error));
}

/* Returns how many images the device's buffers hold: at least one, at most
 * `wanted`. */
static guint
limit_capacity (const FeNetwork *network, const FeConfig *config, guint wanted)
{
  const FeVisionConfig *vision = &network->config;
  const VkPhysicalDeviceLimits *limits = &network->device->properties.limits;
  guint64 most = MIN (limits->maxStorageBufferRange / sizeof (float),
                      4 * (guint64)limits->maxTexelBufferElements);
  guint64 rows = vision->tokens + ROWS_PADDING, d = vision->transformer.width;
  guint64 patch = 3 * (guint64)vision->patch_size * vision->patch_size;
  guint64 columns = MAX (MAX (3 * d, vision->transformer.hidden), patch);

  if (network->adapters.n_taps > 0) {
    guint64 window = config->adapter.ffe_window;
    guint64 edge = vision->grid_size + window - 1;

    columns = MAX (columns, 9 * d);
    rows = MAX (rows, edge * edge + ROWS_PADDING);
  }
  return (guint)CLAMP (most / (rows * columns), 1, wanted);
}

FeActivations *
fe_activations_new (FeNetwork *network, const FeConfig *config, guint wanted,
                    GError **error)
{
  g_autoptr (FeActivations) self = g_new0 (FeActivations, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->network = fe_network_ref (network);
  self->config = *config;
  self->capacity = limit_capacity (network, config, wanted);
  self->arena = fe_arena_new (network->device);
  return prepare_activations (self, error) ? g_steal_pointer (&self) : NULL;
}

FeActivations *
fe_activations_ref (FeActivations *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
fe_activations_unref (FeActivations *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  fe_arena_free (self->arena);
  g_free (self->enlarged);
  g_free (self->known_text);
  fe_network_unref (self->network);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
fe_activations_suit (const FeActivations *self, const FeNetwork *network,
                     const FeConfig *config)
{
  const FeConfig *own = &self->config;
  const FeAdapterConfig *adapter = &config->adapter;

  return self->network == network && own->n_taps == config->n_taps
         && memcmp (own->taps, config->taps, own->n_taps * sizeof *own->taps)
                == 0
         && own->adapter.ffe_window == adapter->ffe_window
         && own->adapter.lfs_window == adapter->lfs_window
         && own->adapter.statistic == adapter->statistic
         && own->adapter.lambda == adapter->lambda
         && own->activation == config->activation
         && own->temperature == config->temperature
         && own->map_type == config->map_type
         && own->map_smoothing == config->map_smoothing;
}
