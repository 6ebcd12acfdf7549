/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feclip's side of a comparison. Says "ready" once all is prepared; then each
 * line on standard input runs one round, answered by the seconds that passed
 * and the processor's seconds that it took. So several programs can take turns
 * and meet the same neighbours on a busy machine.
 *
 * usage: rounds product ROWS COLUMNS K    c = a · bᵀ
 *        rounds encoder SIZE [FRAMES]     CLIP's visual encoder alone, for so
 *                                         many frames at a time
 *
 * FECLIP_BENCH_PRECISION=fp16 keeps weights in half precision and multiplies on
 * cooperative matrices where there are some. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "network/network.h"
#include "compute/strassen.h"

typedef struct {
  FeDevice *device;
  FeArena *arena;
  FeNetwork *network; /* NULL for a product */
  FeVisionActivations vision;
  FeCommands *commands;
} Work;

static FeArithmetic
get_arithmetic (void)
{
  gboolean half = g_strcmp0 (g_getenv ("FECLIP_BENCH_PRECISION"), "fp16") == 0;

  return (FeArithmetic){
      half ? FECLIP_WEIGHTS_STORAGE_FP16 : FECLIP_WEIGHTS_STORAGE_FP32, half};
}

static guint
parse_number (const char *text, GError **error)
{
  guint64 number = 0;

  if (!*error)
    g_ascii_string_to_unsigned (text, 10, 1, 1 << 20, &number, error);
  return (guint)number;
}

/* As a network would, see strassen.h. */
static gboolean
keeps_forms (Work *self, guint columns, guint k)
{
  return !get_arithmetic ().coopmat && self->device->strassen_limit
         && fe_strassen_suits (columns, k);
}

static gboolean
prepare_product (Work *self, char **sizes, GError **error)
{
  GError *wrong = NULL;
  guint rows = parse_number (sizes[0], &wrong);
  guint columns = parse_number (sizes[1], &wrong);
  guint k = parse_number (sizes[2], &wrong);
  g_autofree float *values = NULL;
  FeMatmul product = {.use = "a product"};
  gsize n;

  if (wrong) {
    g_propagate_error (error, wrong);
    return FALSE;
  }
  n = (gsize)MAX (rows, columns) * k;
  values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (float)(i % 251) / 251 - 0.5f;
  product.a = fe_arena_matrix (self->arena, "a", rows, k, 1);
  product.b = keeps_forms (self, columns, k)
                  ? fe_arena_strassen (self->arena, "b", columns, k, values)
                  : fe_arena_weights (self->arena, "b", columns, k,
                                      get_arithmetic ().coopmat, values);
  product.b.coopmat = product.b.half;
  product.c = fe_arena_matrix (self->arena, "c", rows, columns, 1);
  if (!fe_arena_check (self->arena, error)
      || !fe_matrix_write (&product.a, 0, values, error))
    return FALSE;
  fe_op_matmul (self->commands, &product);
  return fe_commands_end (self->commands, error);
}

static gboolean
prepare_encoder (Work *self, const char *size, const char *batch,
                 GError **error)
{
  GError *wrong = NULL;
  guint frames = batch ? parse_number (batch, &wrong) : 1;
  FeVisionConfig *config;

  if (wrong) {
    g_propagate_error (error, wrong);
    return FALSE;
  }
  self->network =
      fe_network_new_random (self->device, size, 1, get_arithmetic (), error);
  if (!self->network)
    return FALSE;
  config = &self->network->config;
  fe_vision_activations_init (&self->vision, self->arena, config, frames);
  if (!fe_arena_check (self->arena, error)
      || (frames > 1
          && !fe_vision_repeat_positions (&self->vision, self->arena,
                                          &self->network->vision, error)))
    return FALSE;
  fe_vision_embed (self->commands, &self->network->vision, &self->vision);
  for (guint i = 0; i < config->transformer.n_blocks; i++)
    fe_block_forward (self->commands, &config->transformer,
                      &self->network->vision.blocks[i],
                      FECLIP_ACTIVATION_QUICK_GELU, FALSE, &self->vision.block);
  fe_vision_project_class (self->commands, config, &self->network->vision,
                           &self->vision);
  return fe_commands_end (self->commands, error);
}

static double
processor_seconds (void)
{
  struct rusage used;

  getrusage (RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
         + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* The first round, which nobody asked for, compiles what was not yet. */
static gboolean
run_rounds (Work *self, GError **error)
{
  char line[16];

  if (!fe_commands_run (self->commands, error))
    return FALSE;
  puts ("ready");
  fflush (stdout);
  while (fgets (line, sizeof line, stdin)) {
    gint64 start = g_get_monotonic_time ();
    double processor = processor_seconds ();

    if (!fe_commands_run (self->commands, error))
      return FALSE;
    printf ("%.6f %.6f\n", (double)(g_get_monotonic_time () - start) * 1e-6,
            processor_seconds () - processor);
    fflush (stdout);
  }
  return TRUE;
}

static void
work_clear (Work *self)
{
  fe_commands_free (self->commands);
  fe_arena_free (self->arena);
  fe_network_unref (self->network);
  fe_device_unref (self->device);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Work work = {0};
  gboolean product = argc == 5 && g_str_equal (argv[1], "product");
  gboolean encoder =
      (argc == 3 || argc == 4) && g_str_equal (argv[1], "encoder");
  gboolean ok;

  if (!product && !encoder) {
    fprintf (stderr, "usage: rounds product ROWS COLUMNS K"
                     " | encoder SIZE [FRAMES]\n");
    return EXIT_FAILURE;
  }
  ok = (work.device = fe_device_open (g_getenv ("FECLIP_DEVICE"), &error))
       && (work.commands = fe_commands_new (work.device, FALSE, &error));
  if (ok) {
    work.arena = fe_arena_new (work.device);
    ok = (product ? prepare_product (&work, argv + 2, &error)
                  : prepare_encoder (&work, argv[2], argv[3], &error))
         && run_rounds (&work, &error);
  }
  if (!ok)
    fprintf (stderr, "rounds: %s\n", error->message);
  work_clear (&work);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
