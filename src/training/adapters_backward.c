/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/adapters_backward.h"

#include "compute/ops_backward.h"

static guint
spectra_rows (const FeAdapterConfig *config)
{
  guint p = config->ffe_window;
  guint windows = (config->grid + p - 1) / p;

  return windows * windows * p * p;
}

FeMatrix
fe_arena_turned (FeArena *arena, const char *what, const FeMatrix *stack)
{
  FeMatrix whole = fe_matrix_stacked (stack);

  return fe_arena_matrix (arena, what, whole.columns, whole.rows, 1);
}

void
fe_adapter_trace_init (FeAdapterTrace *self, FeArena *arena,
                       const FeAdapterConfig *config, guint width, guint images)
{
  guint n = spectra_rows (config), patches = config->grid * config->grid;

  self->spectra = fe_arena_stack (arena, "FFE's spectra", n, width, images);
  self->ffe_sums = fe_arena_stack (arena, "FFE's sums", n, width, images);
  self->im2col =
      fe_arena_stack (arena, "LFS's im2col", patches, 9 * width, images);
  self->lfs_sums = fe_arena_stack (arena, "LFS's sums", patches, width, images);
}

void
fe_adapter_scratch_init (FeAdapterScratch *self, FeArena *arena,
                         const FeAdapterConfig *config, guint width,
                         guint images)
{
  guint p = config->ffe_window, q = config->lfs_window, d = width, b = images;
  guint n = spectra_rows (config), patches = config->grid * config->grid;
  float basis[7 * 7], table[7 + 7 * 7];

  fe_dct_basis (p, basis);
  fe_lfs_table (q, table);
  self->ffe_basis =
      fe_arena_floats (arena, "FFE's basis", FE_BUFFER_DEVICE, p * p, basis);
  self->lfs_table = fe_arena_floats (arena, "LFS's table", FE_BUFFER_DEVICE,
                                     q + q * q, table);
  self->enhanced = fe_arena_stack (arena, "FFE's enhanced spectra", n, d, b);
  self->spectra = fe_arena_stack (arena, "gradients of FFE's spectra", n, d, b);
  self->ffe = fe_arena_stack (arena, "FFE's output", patches, d, b);
  self->statistic = fe_arena_stack (arena, "LFS's statistic", patches, d, b);
  self->lfs = fe_arena_stack (arena, "LFS's output", patches, d, b);
  self->im2col =
      fe_arena_stack (arena, "gradients of LFS's im2col", patches, 9 * d, b);
  self->turned_spectra =
      fe_arena_turned (arena, "FFE's spectra transposed", &self->spectra);
  self->turned_enhanced =
      fe_arena_turned (arena, "FFE's gradients transposed", &self->enhanced);
  self->turned_im2col =
      fe_arena_turned (arena, "LFS's im2col transposed", &self->im2col);
  self->turned_lfs =
      fe_arena_turned (arena, "LFS's gradients transposed", &self->lfs);
}

void
fe_layer_gradients (FeCommands *commands, const FeLayerGradients *layer)
{
  FeMatrix dy = fe_matrix_stacked (&layer->dy);
  FeMatrix x = fe_matrix_stacked (&layer->x);

  fe_op_transpose (commands, &dy, &layer->turned_dy);
  fe_op_transpose (commands, &x, &layer->turned_x);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = layer->use,
                              .a = layer->turned_dy,
                              .b = layer->turned_x,
                              .residual = &layer->weights,
                              .c = layer->weights,
                          });
  fe_op_row_sums (commands, &layer->turned_dy, layer->bias);
}

static FeWindowDct
window_dct (const FeTracedAdapter *adapter)
{
  return (FeWindowDct){
      .grid = adapter->config->grid,
      .window = adapter->config->ffe_window,
      .basis = adapter->scratch->ffe_basis,
  };
}

static void
ffe_forward (FeCommands *commands, const FeTracedAdapter *adapter)
{
  const FeAdapterTrace *trace = adapter->trace;
  const FeAdapterScratch *s = adapter->scratch;
  const FeWindowDct dct = window_dct (adapter);

  fe_op_window_dct (commands, &dct, &adapter->x, &trace->spectra);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "ffe.mlp",
                              .a = fe_matrix_stacked (&trace->spectra),
                              .b = adapter->weights->ffe_mlp,
                              .bias = adapter->weights->ffe_bias,
                              .c = fe_matrix_stacked (&trace->ffe_sums),
                          });
  fe_op_activation (commands, FECLIP_ACTIVATION_GELU, &trace->ffe_sums,
                    &s->enhanced);
  fe_op_window_dct_inverse (commands, &dct, &s->enhanced, &s->ffe);
}

/* Writes s->ffe. */
static void
ffe_backward (FeCommands *commands, const FeTracedAdapter *adapter,
              const FeAdapterWeights *transposed,
              const FeAdapterWeights *gradients, const FeMatrix *gradient)
{
  const FeAdapterTrace *trace = adapter->trace;
  const FeAdapterScratch *s = adapter->scratch;
  const FeWindowDct dct = window_dct (adapter);

  fe_op_window_dct_inverse_backward (commands, &dct, gradient, &s->enhanced);
  fe_op_activation_backward (commands, &(FeActivationBackward){
                                           .use = "ffe",
                                           .activation = FECLIP_ACTIVATION_GELU,
                                           .x = trace->ffe_sums,
                                           .dy = s->enhanced,
                                           .dx = s->enhanced,
                                       });
  fe_layer_gradients (commands, &(FeLayerGradients){
                                    .use = "ffe.mlp gradient",
                                    .dy = s->enhanced,
                                    .x = trace->spectra,
                                    .turned_dy = s->turned_enhanced,
                                    .turned_x = s->turned_spectra,
                                    .weights = gradients->ffe_mlp,
                                    .bias = gradients->ffe_bias,
                                });
  if (adapter->first)
    return;
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "ffe.mlp backward",
                              .a = fe_matrix_stacked (&s->enhanced),
                              .b = transposed->ffe_mlp,
                              .c = fe_matrix_stacked (&s->spectra),
                          });
  fe_op_window_dct_backward (commands, &dct, &s->spectra, &s->ffe);
}

static void
lfs_forward (FeCommands *commands, const FeTracedAdapter *adapter)
{
  const FeAdapterConfig *config = adapter->config;
  const FeAdapterTrace *trace = adapter->trace;
  const FeAdapterScratch *s = adapter->scratch;

  fe_op_lfs_statistic (commands, config->grid, config->lfs_window,
                       config->statistic, s->lfs_table, &adapter->x,
                       &s->statistic);
  fe_op_im2col (commands, config->grid, &s->statistic, &trace->im2col);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "lfs.conv",
                              .a = fe_matrix_stacked (&trace->im2col),
                              .b = adapter->weights->lfs_conv,
                              .bias = adapter->weights->lfs_bias,
                              .c = fe_matrix_stacked (&trace->lfs_sums),
                          });
  fe_op_activation (commands, FECLIP_ACTIVATION_GELU, &trace->lfs_sums,
                    &s->lfs);
}

/* Writes s->lfs. */
static void
lfs_backward (FeCommands *commands, const FeTracedAdapter *adapter,
              const FeAdapterWeights *transposed,
              const FeAdapterWeights *gradients, const FeMatrix *gradient)
{
  const FeAdapterConfig *config = adapter->config;
  const FeAdapterTrace *trace = adapter->trace;
  const FeAdapterScratch *s = adapter->scratch;

  fe_op_activation_backward (commands, &(FeActivationBackward){
                                           .use = "lfs",
                                           .activation = FECLIP_ACTIVATION_GELU,
                                           .x = trace->lfs_sums,
                                           .dy = *gradient,
                                           .dx = s->lfs,
                                       });
  fe_layer_gradients (commands, &(FeLayerGradients){
                                    .use = "lfs.conv gradient",
                                    .dy = s->lfs,
                                    .x = trace->im2col,
                                    .turned_dy = s->turned_lfs,
                                    .turned_x = s->turned_im2col,
                                    .weights = gradients->lfs_conv,
                                    .bias = gradients->lfs_bias,
                                });
  if (adapter->first)
    return;
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "lfs.conv backward",
                              .a = fe_matrix_stacked (&s->lfs),
                              .b = transposed->lfs_conv,
                              .c = fe_matrix_stacked (&s->im2col),
                          });
  fe_op_im2col_backward (commands, config->grid, &s->im2col, &s->statistic);
  fe_op_lfs_statistic_backward (commands, &(FeLfsStatisticBackward){
                                              .grid = config->grid,
                                              .window = config->lfs_window,
                                              .statistic = config->statistic,
                                              .table = s->lfs_table,
                                              .x = adapter->x,
                                              .dy = s->statistic,
                                              .dx = s->lfs,
                                          });
}

void
fe_traced_adapter_forward (FeCommands *commands, const FeTracedAdapter *adapter,
                           const FeMatrix *y)
{
  const FeAdapterScratch *s = adapter->scratch;

  ffe_forward (commands, adapter);
  lfs_forward (commands, adapter);
  fe_op_blend_adapters (commands, &(FeBlendAdapters){s->ffe, s->lfs,
                                                     adapter->config->lambda,
                                                     adapter->x, *y});
}

void
fe_traced_adapter_backward (FeCommands *commands,
                            const FeTracedAdapter *adapter,
                            const FeAdapterWeights *transposed,
                            const FeAdapterWeights *gradients,
                            const FeMatrix *gradient)
{
  const FeAdapterScratch *s = adapter->scratch;

  ffe_backward (commands, adapter, transposed, gradients, gradient);
  lfs_backward (commands, adapter, transposed, gradients, gradient);
  if (!adapter->first)
    fe_op_blend_adapters (commands, &(FeBlendAdapters){s->ffe, s->lfs,
                                                       adapter->config->lambda,
                                                       *gradient, *gradient});
}
