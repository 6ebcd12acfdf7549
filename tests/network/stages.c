/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every stage of the network against the golden numbers. */
#include <string.h>

#include "network/config.h"
#include "support/golden.h"
#include "image/preprocess.h"
#include "network/text.h"

#define PIXEL_TOLERANCE 1e-3
#define HIDDEN_TOLERANCE 1e-3
#define MAP_TOLERANCE 2e-4
#define TEXT_TOLERANCE 1e-4

/* A network that is run piece by piece. */
typedef struct {
  FeNetwork *network;
  FeConfig config;
  FeArena *arena;
  FeVisionActivations vision;
  FeAdapterActivations adapters;
} Stages;

static void
stages_init (Stages *self)
{
  g_autoptr (GError) error = NULL;

  self->network = golden_network_new (&self->config);
  self->arena = fe_arena_new (self->network->device);
  fe_vision_activations_init (&self->vision, self->arena,
                              &self->network->config, 1);
  fe_adapter_activations_init (&self->adapters, self->arena,
                               &self->config.adapter,
                               self->network->config.transformer.width,
                               self->network->config.embedding, 1);
  fe_arena_check (self->arena, &error);
  g_assert_no_error (error);
}

static void
stages_clear (Stages *self)
{
  fe_arena_free (self->arena);
  fe_network_unref (self->network);
}

static FeCommands *
begin (Stages *self)
{
  g_autoptr (GError) error = NULL;
  FeCommands *commands = fe_commands_new (self->network->device, FALSE, &error);

  g_assert_no_error (error);
  return commands;
}

static void
finish (FeCommands *commands)
{
  g_autoptr (GError) error = NULL;

  fe_commands_end (commands, &error);
  g_assert_no_error (error);
  fe_commands_run (commands, &error);
  g_assert_no_error (error);
  fe_commands_free (commands);
}

/* Reads a matrix; a token matrix with its class first, as CLIP has it. */
static float *
read_rows (const FeMatrix *matrix, gboolean class_first)
{
  gsize columns = matrix->columns, last = matrix->rows - 1;
  float *values = g_new (float, matrix->rows *columns);
  g_autoptr (GError) error = NULL;

  fe_matrix_read (matrix, 0, 0, matrix->rows, values, &error);
  g_assert_no_error (error);
  if (class_first) {
    g_autofree float *class_row =
        g_memdup2 (values + last * columns, columns * sizeof (float));

    memmove (values + columns, values, last * columns * sizeof (float));
    memcpy (values, class_row, columns * sizeof (float));
  }
  return values;
}

/* Compares a matrix with imageI.STAGE, if the golden set has it. */
static void
check_stage (const FeMatrix *matrix, gboolean class_first, guint image,
             const char *stage, guint tap)
{
  g_autofree char *name =
      tap == G_MAXUINT ? g_strdup_printf ("image%u.%s", image, stage)
                       : g_strdup_printf ("image%u.%s%u", image, stage, tap);
  FeShape shape;
  g_autofree float *expected = golden_tensor (name, &shape);
  g_autofree float *found = NULL;
  double difference;

  if (!expected)
    return;
  found = read_rows (matrix, class_first);
  difference = relative_difference (found, expected,
                                    (gsize)matrix->rows * matrix->columns);
  g_test_message ("%s: relative difference %.2g", name, difference);
  g_assert_cmpfloat (difference, <, HIDDEN_TOLERANCE);
}

/* Compares the patches with the image [3][S][S] they were cut from. */
static void
check_pixels (Stages *self, guint image)
{
  const FeVisionConfig *config = &self->network->config;
  guint s = config->image_size, p = config->patch_size, g = config->grid_size;
  g_autofree char *name = g_strdup_printf ("image%u.preprocessed", image);
  FeShape shape;
  g_autofree float *expected = golden_tensor (name, &shape);
  g_autofree float *patches = read_rows (&self->vision.patches, FALSE);
  g_autofree float *pixels = g_new (float, 3 * (gsize)s * s);

  for (guint c = 0; c < 3; c++) {
    for (guint y = 0; y < s; y++) {
      for (guint x = 0; x < s; x++)
        pixels[((gsize)c * s + y) * s + x] =
            patches[(gsize)(y / p * g + x / p) * 3 * p * p + (c * p + y % p) * p
                    + x % p];
    }
  }
  g_assert_cmpfloat (largest_difference (pixels, expected, 3 * (gsize)s * s), <,
                     PIXEL_TOLERANCE);
}

static void
embed (Stages *self, guint image)
{
  FeMatrix patches = self->vision.patches;
  g_autoptr (FePreprocess) preprocess = NULL;
  FeCommands *commands = begin (self);

  patches.rows--;
  preprocess = golden_record_patches (self->network, image, &patches, commands);
  fe_vision_embed (commands, &self->network->vision, &self->vision);
  finish (commands);
}

static void
test_stages (gconstpointer data)
{
  guint image = GPOINTER_TO_UINT (data);
  FeMatrix patches;
  Stages self;

  stages_init (&self);
  embed (&self, image);
  check_pixels (&self, image);
  check_stage (&self.vision.block.x, TRUE, image, "ln_pre", G_MAXUINT);

  patches = self.vision.block.x;
  patches.rows--;
  for (guint i = 0; i < GOLDEN_TAPS; i++) {
    FeCommands *commands = begin (&self);

    fe_block_forward (commands, &self.network->config.transformer,
                      &self.network->vision.blocks[i], self.config.activation,
                      FALSE, &self.vision.block);
    finish (commands);
    check_stage (&self.vision.block.x, TRUE, image, "block", i);

    commands = begin (&self);
    fe_adapter_forward (commands, &self.config.adapter,
                        &self.network->adapters.taps[i], &self.vision.block.x,
                        &self.adapters);
    finish (commands);
    check_stage (&self.adapters.ffe, FALSE, image, "ffe", i);
    check_stage (&self.adapters.lfs, FALSE, image, "lfs", i);
    check_stage (&patches, FALSE, image, "fused", i);
  }
  stages_clear (&self);
}

/* The enlarged map, which overlays and training are made of. */
static void
test_upsampled (void)
{
  guint edge, to_edge;
  g_autoptr (FeArena) arena = NULL;
  FeShape shape;
  Stages self;

  stages_init (&self);
  arena = fe_arena_new (self.network->device);
  edge = self.network->config.grid_size;
  to_edge = self.network->config.image_size;
  for (guint i = 0; i < GOLDEN_IMAGES; i++) {
    g_autofree char *small_name = g_strdup_printf ("image%u.map", i);
    g_autofree char *large_name = g_strdup_printf ("image%u.map_full", i);
    g_autofree float *small = golden_tensor (small_name, &shape);
    g_autofree float *large = golden_tensor (large_name, &shape);
    g_autofree float *found = g_new (float, to_edge *to_edge);
    g_autoptr (GError) error = NULL;
    FeBuffer *from =
        fe_arena_floats (arena, "map", FE_BUFFER_DEVICE, edge * edge, small);
    FeBuffer *to = fe_arena_floats (arena, "large map", FE_BUFFER_READBACK,
                                    to_edge * to_edge, NULL);
    FeCommands *commands = begin (&self);

    fe_op_upsample (commands, from, 0, edge, to, to_edge);
    finish (commands);
    fe_buffer_read (to, 0, found, to_edge * to_edge * sizeof (float), &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (largest_difference (found, large, to_edge * to_edge), <,
                       MAP_TOLERANCE);
  }
  stages_clear (&self);
}

static void
test_text (void)
{
  g_autoptr (JsonObject) expected = golden_expected ();
  JsonArray *prompts = json_object_get_array_member (expected, "prompts");
  g_autofree char *path = golden_path ("model.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (FeWeights) weights = fe_weights_open (path, &error);
  g_autoptr (FeDevice) device = fe_device_open (NULL, NULL);
  FeShape shape;
  g_autofree float *features = golden_tensor ("text_features", &shape);
  guint e = (guint)shape.dims[1];
  g_autofree float *found = g_new (float, e);
  g_autoptr (FeTextEncoder) encoder = NULL;

  g_assert_no_error (error);
  encoder = fe_text_encoder_new (device, weights, FECLIP_ACTIVATION_QUICK_GELU,
                                 e, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < json_array_get_length (prompts); i++) {
    JsonObject *prompt = json_array_get_object_element (prompts, i);
    JsonArray *list = json_object_get_array_member (prompt, "ids");
    guint n = json_array_get_length (list);
    g_autofree guint32 *ids = g_new (guint32, n);

    for (guint j = 0; j < n; j++)
      ids[j] = (guint32)json_array_get_int_element (list, j);
    fe_text_encoder_run (encoder, ids, n, found, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (largest_difference (found, features + (gsize)i * e, e),
                       <, TEXT_TOLERANCE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < GOLDEN_IMAGES; i++) {
    g_autofree char *path = g_strdup_printf ("/stages/image%u", i);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_stages);
  }
  g_test_add_func ("/stages/upsampled-map", test_upsampled);
  g_test_add_func ("/stages/text-features", test_text);
  return g_test_run ();
}
