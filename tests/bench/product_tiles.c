/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each tile takes for the products of ViT-L/14@336, one, four and eight
 * frames at a time: whether src/product_choice.c chooses well.
 *
 * usage: product-tiles [ROUNDS]    20 rounds if not given
 *
 * FECLIP_BENCH_PRECISION=fp16  on cooperative matrices where there are some
 * FECLIP_COOPMAT=2        and with matrices of any size there
 *
 * A line for each product: the best tile, the chosen one, and then all, as rows
 * x columns / parts of k and the best round's TFLOP/s. */
#include <stdio.h>
#include <stdlib.h>

#include "compute/ops.h"

typedef struct {
  FeDevice *device;
  gboolean coopmat;
  guint rounds;
} Bench;

static double
sum_seconds (FeCommands *commands, GError **error)
{
  GArray *timings = fe_commands_get_timings (commands, error);
  double seconds = 0;

  if (!timings)
    return -1;
  for (guint i = 0; i < timings->len; i++)
    seconds += g_array_index (timings, FeTiming, i).seconds;
  g_array_unref (timings);
  return seconds;
}

/* The best round's seconds, or -1. */
static double
time_product (const Bench *self, const FeMatmul *product, GError **error)
{
  g_autoptr (FeCommands) commands = fe_commands_new (self->device, TRUE, error);
  double best = -1;

  if (!commands)
    return -1;
  fe_op_matmul (commands, product);
  if (!fe_commands_end (commands, error))
    return -1;
  /* The first round makes the clocks rise. */
  for (guint i = 0; i <= self->rounds; i++) {
    double seconds;

    if (!fe_commands_run (commands, error)
        || (seconds = sum_seconds (commands, error)) < 0)
      return -1;
    if (i == 1 || (i > 1 && seconds < best))
      best = seconds;
  }
  return best;
}

static gboolean
time_tiles (const Bench *self, const FeProductShape *shape, FeMatmul *product,
            GError **error)
{
  const double flop = 2.0 * shape->rows * shape->columns * shape->k;
  const FeProductTile chosen = fe_product_choose (shape);
  g_autoptr (GString) all = g_string_new (NULL);
  FeProductTile tile, best = {0};
  double least = 0, chosens = 0;

  product->tile = &tile;
  for (guint i = 0; fe_product_get_tile (shape->kernel, i, &tile); i++) {
    for (; fe_product_can_split (shape, tile.parts); tile.parts *= 2) {
      double seconds = time_product (self, product, error);

      if (seconds < 0)
        return FALSE;
      g_string_append_printf (all, "  %ux%u/%u %.3g", tile.rows, tile.columns,
                              tile.parts, flop / seconds * 1e-12);
      if (!best.rows || seconds < least) {
        best = tile;
        least = seconds;
      }
      if (tile.rows == chosen.rows && tile.columns == chosen.columns
          && tile.parts == chosen.parts)
        chosens = seconds;
    }
  }
  printf ("%u x %u x %u: best %ux%u/%u %.3g, chosen %ux%u/%u %.3g:%s\n",
          shape->rows, shape->columns, shape->k, best.rows, best.columns,
          best.parts, flop / least * 1e-12, chosen.rows, chosen.columns,
          chosen.parts, flop / chosens * 1e-12, all->str);
  fflush (stdout);
  return TRUE;
}

static gboolean
time_shape (const Bench *self, guint rows, guint columns, guint k,
            GError **error)
{
  g_autoptr (FeArena) arena = fe_arena_new (self->device);
  g_autofree float *values = g_new (float, (gsize)columns *k);
  FeMatmul product = {.use = "a product"};
  FeProductShape shape = {
      .processors = self->device->processors,
      .rows = rows,
      .columns = columns,
      .k = k,
      .batch = 1,
  };

  for (gsize i = 0; i < (gsize)columns * k; i++)
    values[i] = (float)(i % 251) / 251 - 0.5f;
  product.a = fe_arena_matrix (arena, "a", rows, k, 1);
  product.b = fe_arena_weights (arena, "b", columns, k, self->coopmat, values);
  product.b.coopmat = self->coopmat;
  product.c = fe_arena_matrix (arena, "c", rows, columns, 1);
  shape.kernel = fe_matmul_get_kernel (self->device, &product.b);
  return fe_arena_check (arena, error)
         && time_tiles (self, &shape, &product, error);
}

static const char *
name_kernel (const Bench *self)
{
  if (!self->coopmat)
    return "fp32";
  if (!self->device->coopmat2.invocations)
    return "cooperative matrices";
  return self->device->coopmat2.tensors
             ? "flexible cooperative matrices with tensors"
             : "flexible cooperative matrices";
}

static gboolean
time_all (const Bench *self, GError **error)
{
  static const guint rows[] = {577, 2308, 4616};
  static const guint layers[][2] = {
      {1024, 1024}, {3072, 1024}, {4096, 1024}, {1024, 4096}};

  printf ("%s, %u processors, %s\n", self->device->name,
          self->device->processors, name_kernel (self));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (layers); j++) {
      if (!time_shape (self, rows[i], layers[j][0], layers[j][1], error))
        return FALSE;
    }
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeDevice) device = NULL;
  guint64 rounds = 20;
  Bench bench;

  if (argc > 2
      || (argc == 2
          && !g_ascii_string_to_unsigned (argv[1], 10, 1, 10000, &rounds,
                                          NULL))) {
    fprintf (stderr, "usage: product-tiles [ROUNDS]\n");
    return EXIT_FAILURE;
  }
  device = fe_device_open (g_getenv ("FECLIP_DEVICE"), &error);
  if (device && device->subgroup_kernels) {
    printf ("%s is a processor, which has one tile\n", device->name);
    return EXIT_SUCCESS;
  }
  bench = (Bench){device, FALSE, (guint)rounds};
  if (device)
    bench.coopmat =
        device->coopmat.k
        && g_strcmp0 (g_getenv ("FECLIP_BENCH_PRECISION"), "fp16") == 0;
  if (!device || !time_all (&bench, &error)) {
    fprintf (stderr, "product-tiles: %s\n", error->message);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
