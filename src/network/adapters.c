/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/adapters.h"

#include <feclip/error.h>

static gboolean
missing (const FeWeights *weights, const char *name, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: holds adapters, but tensor \"%s\" is missing",
               fe_weights_get_path (weights), name);
  return FALSE;
}

/* Whether a file holds the adapter of a tap. Part of one is an error. */
static gboolean
has_adapter (const FeWeights *weights, guint tap, gboolean *found,
             GError **error)
{
  static const char *const parts[] = {
      "ffe.%u.mlp.0.weight",
      "ffe.%u.mlp.0.bias",
      "lfs.%u.conv.0.weight",
      "lfs.%u.conv.0.bias",
  };
  g_autofree char *lacking = NULL;

  *found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autoptr (GString) name = g_string_new (parts[i]);
    g_autofree char *place = g_strdup_printf ("%u", tap);

    g_string_replace (name, "%u", place, 1);
    if (fe_weights_has (weights, name->str))
      *found = TRUE;
    else if (!lacking)
      lacking = g_strdup (name->str);
  }
  return !*found || !lacking || missing (weights, lacking, error);
}

gboolean
fe_adapters_count (const FeWeights *weights, guint *n_taps, GError **error)
{
  static const char *const shared[] = {"fc_patch.weight", "fc_patch.bias"};
  gboolean found = TRUE;

  for (*n_taps = 0; found; *n_taps += found) {
    if (!has_adapter (weights, *n_taps, &found, error))
      return FALSE;
    if (found && *n_taps == FE_MAX_TAPS) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "%s: holds more than %u adapters",
                   fe_weights_get_path (weights), FE_MAX_TAPS);
      return FALSE;
    }
  }
  for (guint i = 0; *n_taps && i < G_N_ELEMENTS (shared); i++) {
    if (!fe_weights_has (weights, shared[i]))
      return missing (weights, shared[i], error);
  }
  return TRUE;
}

void
fe_adapters_load (FeAdaptersWeights *self, FeWeightLoader *loader, guint n_taps,
                  guint width, guint embedding)
{
  guint d = width, e = embedding;

  self->n_taps = n_taps;
  for (guint t = 0; t < n_taps; t++) {
    FeAdapterWeights *tap = &self->taps[t];

    tap->ffe_mlp =
        fe_weight_loader_matrix (loader, d, d, "ffe.%u.mlp.0.weight", t);
    tap->ffe_bias = fe_weight_loader_vector (loader, d, "ffe.%u.mlp.0.bias", t);
    tap->lfs_conv =
        fe_weight_loader_convolution (loader, d, d, "lfs.%u.conv.0.weight", t);
    tap->lfs_bias =
        fe_weight_loader_vector (loader, d, "lfs.%u.conv.0.bias", t);
  }
  if (n_taps) {
    self->fc_patch = fe_weight_loader_matrix (loader, e, d, "fc_patch.weight");
    self->fc_patch_bias = fe_weight_loader_vector (loader, e, "fc_patch.bias");
  }
}

/* Patches whose stride from image to image is that of the tokens they are made
 * of. */
static FeMatrix
add_patches (FeArena *arena, const char *what, guint patches, guint columns,
             guint images)
{
  FeMatrix stack = fe_arena_stack (arena, what, patches + 1, columns, images);

  stack.rows = patches;
  return stack;
}

void
fe_adapter_activations_init (FeAdapterActivations *self, FeArena *arena,
                             const FeAdapterConfig *config, guint width,
                             guint embedding, guint images)
{
  guint p = config->ffe_window, q = config->lfs_window, d = width, b = images;
  guint patches = config->grid * config->grid;
  guint windows = (config->grid + p - 1) / p;
  guint spectra = windows * windows * p * p;
  float basis[7 * 7], table[7 + 7 * 7];

  fe_dct_basis (p, basis);
  fe_lfs_table (q, table);
  self->ffe_basis =
      fe_arena_floats (arena, "FFE's basis", FE_BUFFER_DEVICE, p * p, basis);
  self->lfs_table = fe_arena_floats (arena, "LFS's table", FE_BUFFER_DEVICE,
                                     q + q * q, table);
  self->spectra = fe_arena_stack (arena, "FFE's spectra", spectra, d, b);
  self->enhanced =
      fe_arena_stack (arena, "FFE's enhanced spectra", spectra, d, b);
  self->ffe = fe_arena_stack (arena, "FFE's output", patches, d, b);
  self->statistic = fe_arena_stack (arena, "LFS's statistic", patches, d, b);
  if (!fe_op_convolves (fe_arena_get_device (arena)))
    self->im2col = fe_arena_stack (arena, "LFS's im2col", patches, 9 * d, b);
  self->lfs = fe_arena_stack (arena, "LFS's output", patches, d, b);
  self->normed = add_patches (arena, "normed patches", patches, d, b);
  self->features = add_patches (arena, "patch features", patches, embedding, b);
}

FeAdapterActivations
fe_adapter_activations_first (const FeAdapterActivations *self, guint n)
{
  return (FeAdapterActivations){
      .ffe_basis = self->ffe_basis,
      .lfs_table = self->lfs_table,
      .spectra = fe_matrix_first (&self->spectra, n),
      .enhanced = fe_matrix_first (&self->enhanced, n),
      .ffe = fe_matrix_first (&self->ffe, n),
      .statistic = fe_matrix_first (&self->statistic, n),
      .im2col = self->im2col.buffer ? fe_matrix_first (&self->im2col, n)
                                    : self->im2col,
      .lfs = fe_matrix_first (&self->lfs, n),
      .normed = fe_matrix_first (&self->normed, n),
      .features = fe_matrix_first (&self->features, n),
  };
}

/* The rows of the token matrix that are patches. */
static FeMatrix
patch_rows (const FeMatrix *x, const FeAdapterConfig *config)
{
  FeMatrix patches = *x;

  patches.rows = config->grid * config->grid;
  return patches;
}

void
fe_ffe_forward (FeCommands *commands, const FeAdapterConfig *config,
                const FeAdapterWeights *w, const FeMatrix *x,
                const FeAdapterActivations *a)
{
  const FeWindowDct dct = {config->grid, config->ffe_window, a->ffe_basis};
  FeMatrix patches = patch_rows (x, config);

  fe_op_window_dct (commands, &dct, &patches, &a->spectra);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "ffe.mlp",
                              .a = fe_matrix_stacked (&a->spectra),
                              .b = w->ffe_mlp,
                              .bias = w->ffe_bias,
                              .activation = FECLIP_ACTIVATION_GELU,
                              .c = fe_matrix_stacked (&a->enhanced),
                          });
  fe_op_window_dct_inverse (commands, &dct, &a->enhanced, &a->ffe);
}

void
fe_lfs_forward (FeCommands *commands, const FeAdapterConfig *config,
                const FeAdapterWeights *w, const FeMatrix *x,
                const FeAdapterActivations *a)
{
  FeMatrix patches = patch_rows (x, config);
  FeMatmul conv = {
      .use = "lfs.conv",
      .b = w->lfs_conv,
      .bias = w->lfs_bias,
      .activation = FECLIP_ACTIVATION_GELU,
  };

  fe_op_lfs_statistic (commands, config->grid, config->lfs_window,
                       config->statistic, a->lfs_table, &patches,
                       &a->statistic);
  if (fe_op_convolves (fe_commands_get_device (commands))) {
    conv.a = a->statistic;
    conv.c = a->lfs;
    conv.grid = config->grid;
  } else {
    fe_op_im2col (commands, config->grid, &a->statistic, &a->im2col);
    conv.a = fe_matrix_stacked (&a->im2col);
    conv.c = fe_matrix_stacked (&a->lfs);
  }
  fe_op_matmul (commands, &conv);
}

void
fe_adapter_forward (FeCommands *commands, const FeAdapterConfig *config,
                    const FeAdapterWeights *w, const FeMatrix *x,
                    const FeAdapterActivations *a)
{
  fe_ffe_forward (commands, config, w, x, a);
  fe_lfs_forward (commands, config, w, x, a);
  fe_op_blend_adapters (
      commands, &(FeBlendAdapters){a->ffe, a->lfs, config->lambda, *x, *x});
}

void
fe_adapters_project (FeCommands *commands, const FeAdaptersWeights *w,
                     FeBuffer *ln_post_scale, FeBuffer *ln_post_shift,
                     const FeMatrix *x, const FeAdapterActivations *a)
{
  FeMatrix tokens = fe_matrix_stacked (x);
  FeMatrix normed = fe_matrix_stacked (&a->normed);

  fe_op_layer_norm (commands, "ln_post", &tokens, 0, ln_post_scale,
                    ln_post_shift, &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_patch",
                              .a = normed,
                              .b = w->fc_patch,
                              .bias = w->fc_patch_bias,
                              .c = fe_matrix_stacked (&a->features),
                          });
}
