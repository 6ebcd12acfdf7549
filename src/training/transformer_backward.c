/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/transformer_backward.h"

#include "compute/ops_backward.h"

/* Transposes on the host: kernels do not read the forms of such weights as a
 * matrix. */
static gboolean
transpose_strassen (const FeMatrix *x, const FeMatrix *y, GError **error)
{
  g_autofree float *values = g_new (float, (gsize)x->rows * x->columns);
  g_autofree float *turned = g_new (float, (gsize)x->rows * x->columns);

  if (!fe_matrix_read_strassen (x, values, error))
    return FALSE;
  for (gsize r = 0; r < x->rows; r++)
    for (gsize c = 0; c < x->columns; c++)
      turned[c * x->rows + r] = values[r * x->columns + c];
  return fe_matrix_write (y, 0, turned, error);
}

FeMatrix
fe_transposed (FeCommands *commands, FeArena *arena, const char *what,
               const FeMatrix *x)
{
  FeMatrix y = fe_arena_matrix (arena, what, x->columns, x->rows, 1);

  GError *error = NULL;

  /* Without memory nothing is recorded; the arena keeps the error. */
  if (!y.buffer || !x->buffer)
    return y;
  if (!x->strassen)
    fe_op_transpose (commands, x, &y);
  else if (!transpose_strassen (x, &y, &error))
    fe_commands_fail (commands, error);
  return y;
}

void
fe_block_transpose (FeBlockTransposed *self, FeCommands *commands,
                    FeArena *arena, const FeBlockWeights *w)
{
  self->in_proj =
      fe_transposed (commands, arena, "in_proj transposed", &w->in_proj);
  self->out_proj =
      fe_transposed (commands, arena, "out_proj transposed", &w->out_proj);
  self->fc = fe_transposed (commands, arena, "c_fc transposed", &w->fc);
  self->proj = fe_transposed (commands, arena, "c_proj transposed", &w->proj);
}

void
fe_block_trace_init (FeBlockTrace *self, FeArena *arena,
                     const FeTransformerConfig *config, guint tokens,
                     guint images)
{
  guint d = config->width, t = tokens, b = images;
  guint heads = d / FE_HEAD_CHANNELS;

  self->qkv = fe_arena_stack (arena, "queries, keys, values", t, 3 * d, b);
  self->probabilities =
      fe_arena_stack (arena, "attention probabilities", t, t, b * heads);
  self->middle = fe_arena_stack (arena, "attention's tokens", t, d, b);
  self->hidden =
      fe_arena_stack (arena, "hidden channels", t, config->hidden, b);
}

void
fe_block_scratch_init (FeBlockScratch *self, FeArena *arena,
                       const FeTransformerConfig *config, guint tokens,
                       guint images)
{
  guint d = config->width, t = tokens, b = images;
  guint parts = b * (d / FE_HEAD_CHANNELS);

  self->normed = fe_arena_stack (arena, "normed tokens", t, d, b);
  self->attended = fe_arena_stack (arena, "attended values", t, d, b);
  self->hidden =
      fe_arena_stack (arena, "activated channels", t, config->hidden, b);
  self->qkv =
      fe_arena_stack (arena, "gradients of queries, keys, values", t, 3 * d, b);
  self->logits = fe_arena_stack (arena, "attention logits", t, t, parts);
  self->products =
      fe_arena_stack (arena, "gradients of attention logits", t, t, parts);
  self->turned = fe_arena_stack (arena, "transposed attention", t, t, parts);
  self->turned_heads =
      fe_arena_stack (arena, "transposed heads", FE_HEAD_CHANNELS, t, parts);
}

/* c = a · bᵀ, all images' rows in one product. */
static void
multiply (FeCommands *commands, const char *use, const FeMatrix *a,
          const FeMatrix *b, const FeMatrix *c)
{
  fe_op_matmul (commands, &(FeMatmul){
                              .use = use,
                              .a = fe_matrix_stacked (a),
                              .b = *b,
                              .c = fe_matrix_stacked (c),
                          });
}

static FeMatrix
heads_of (const FeTracedBlock *block, const FeMatrix *matrix, guint part)
{
  guint width = block->config->width;

  return fe_matrix_split (matrix, part * width, FE_HEAD_CHANNELS,
                          width / FE_HEAD_CHANNELS);
}

static void
attention_forward (FeCommands *commands, const FeTracedBlock *block)
{
  const FeBlockScratch *s = block->scratch;
  const FeMatrix *qkv = &block->trace->qkv;
  FeMatrix values = heads_of (block, qkv, 2);

  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention logits",
                              .a = heads_of (block, qkv, 0),
                              .b = heads_of (block, qkv, 1),
                              .c = s->logits,
                          });
  fe_op_softmax (commands, &s->logits, FALSE, &block->trace->probabilities);
  fe_op_transpose (commands, &values, &s->turned_heads);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention values",
                              .a = block->trace->probabilities,
                              .b = s->turned_heads,
                              .c = heads_of (block, &s->attended, 0),
                          });
}

void
fe_traced_block_forward (FeCommands *commands, const FeTracedBlock *block,
                         const FeMatrix *y)
{
  const FeBlockWeights *w = block->weights;
  const FeBlockScratch *s = block->scratch;
  const FeBlockTrace *trace = block->trace;
  FeMatrix x = fe_matrix_stacked (&block->x);
  FeMatrix normed = fe_matrix_stacked (&s->normed);
  FeMatrix middle = fe_matrix_stacked (&trace->middle);
  FeMatrix hidden = fe_matrix_stacked (&trace->hidden);

  fe_op_layer_norm (commands, "ln_1", &x, 0, w->ln_1.scale, w->ln_1.shift,
                    &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attn.in_proj",
                              .a = normed,
                              .b = w->in_proj,
                              .bias = w->in_proj_bias,
                              .c = fe_matrix_stacked (&trace->qkv),
                          });
  attention_forward (commands, block);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attn.out_proj",
                              .a = fe_matrix_stacked (&s->attended),
                              .b = w->out_proj,
                              .bias = w->out_proj_bias,
                              .residual = &x,
                              .c = middle,
                          });

  fe_op_layer_norm (commands, "ln_2", &middle, 0, w->ln_2.scale, w->ln_2.shift,
                    &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "mlp.c_fc",
                              .a = normed,
                              .b = w->fc,
                              .bias = w->fc_bias,
                              .c = hidden,
                          });
  fe_op_activation (commands, block->activation, &trace->hidden, &s->hidden);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "mlp.c_proj",
                              .a = fe_matrix_stacked (&s->hidden),
                              .b = w->proj,
                              .bias = w->proj_bias,
                              .residual = &middle,
                              .c = fe_matrix_stacked (y),
                          });
}

/* s->attended, the gradient of the attended values, to s->qkv, that of queries,
 * keys and values. With A = P · V, P = softmax (S / 8), S = Q · Kᵀ:
 *   dP = dA · Vᵀ, dV = Pᵀ · dA, dQ = dS · K, dK = dSᵀ · Q */
static void
attention_backward (FeCommands *commands, const FeTracedBlock *block)
{
  const FeBlockScratch *s = block->scratch;
  const FeMatrix *p = &block->trace->probabilities;
  FeMatrix attended = heads_of (block, &s->attended, 0);
  FeMatrix queries = heads_of (block, &block->trace->qkv, 0);
  FeMatrix keys = heads_of (block, &block->trace->qkv, 1);

  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention backward",
                              .a = attended,
                              .b = heads_of (block, &block->trace->qkv, 2),
                              .c = s->logits,
                          });
  fe_op_softmax_backward (commands, p, &s->logits, &s->products);

  fe_op_transpose (commands, p, &s->turned);
  fe_op_transpose (commands, &attended, &s->turned_heads);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention backward",
                              .a = s->turned,
                              .b = s->turned_heads,
                              .c = heads_of (block, &s->qkv, 2),
                          });
  fe_op_transpose (commands, &keys, &s->turned_heads);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention backward",
                              .a = s->products,
                              .b = s->turned_heads,
                              .c = heads_of (block, &s->qkv, 0),
                          });
  fe_op_transpose (commands, &s->products, &s->turned);
  fe_op_transpose (commands, &queries, &s->turned_heads);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attention backward",
                              .a = s->turned,
                              .b = s->turned_heads,
                              .c = heads_of (block, &s->qkv, 1),
                          });
}

static void
norm_backward (FeCommands *commands, const char *use, const FeNormWeights *norm,
               const FeMatrix *x, const FeMatrix *dy, const FeMatrix *gradient)
{
  fe_op_layer_norm_backward (commands, &(FeLayerNormBackward){
                                           .use = use,
                                           .x = fe_matrix_stacked (x),
                                           .step = 1,
                                           .scale = norm->scale,
                                           .dy = fe_matrix_stacked (dy),
                                           .dx = fe_matrix_stacked (gradient),
                                           .accumulate = TRUE,
                                       });
}

void
fe_traced_block_backward (FeCommands *commands, const FeTracedBlock *block,
                          const FeBlockTransposed *transposed,
                          const FeMatrix *gradient)
{
  const FeBlockScratch *s = block->scratch;
  const FeBlockTrace *trace = block->trace;

  multiply (commands, "mlp.c_proj backward", gradient, &transposed->proj,
            &s->hidden);
  fe_op_activation_backward (commands, &(FeActivationBackward){
                                           .use = "mlp",
                                           .activation = block->activation,
                                           .x = trace->hidden,
                                           .dy = s->hidden,
                                           .dx = s->hidden,
                                       });
  multiply (commands, "mlp.c_fc backward", &s->hidden, &transposed->fc,
            &s->normed);
  norm_backward (commands, "ln_2", &block->weights->ln_2, &trace->middle,
                 &s->normed, gradient);

  multiply (commands, "attn.out_proj backward", gradient, &transposed->out_proj,
            &s->attended);
  attention_backward (commands, block);
  multiply (commands, "attn.in_proj backward", &s->qkv, &transposed->in_proj,
            &s->normed);
  norm_backward (commands, "ln_1", &block->weights->ln_1, &block->x, &s->normed,
                 gradient);
}
