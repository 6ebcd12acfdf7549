/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/product_choice.h"

#define MAX_TILES 4

/* Steps of k that a workgroup could do while it waits for its first operands
 * and while it writes its results. */
#define START 64

/* How much slower memory is than the cache that the processors share; sums of
 * parts may go to memory. */
#define SLOWER 3

/* The tiles of each kernel. Its processors do `per_byte` multiplications while
 * a byte comes from the cache that they share, and `per_dispatch` while one
 * kernel waits for another. Matrix units are so fast that larger tiles, which
 * load each number less often, win wherever there are enough of them. Only the
 * orders of magnitude matter. */
static const struct {
  FeProductTile tiles[MAX_TILES];
  guint a_bytes, b_bytes; /* of a number of either operand */
  double per_byte;
  double per_dispatch;
} kernels[FE_N_PRODUCTS] = {
    [FE_PRODUCT_WORKGROUP_TILES] =
        {
            .tiles = {{64, 64}},
            .a_bytes = 4,
            .b_bytes = 4,
            .per_byte = 4,
            .per_dispatch = 5e5,
        },
    [FE_PRODUCT_COOPMAT] =
        {
            .tiles = {{64, 64}, {64, 128}, {128, 64}, {128, 128}},
            .a_bytes = 4,
            .b_bytes = 2,
            .per_byte = 32,
            .per_dispatch = 5e6,
        },
    [FE_PRODUCT_COOPMAT2_WORKGROUP] =
        {
            .tiles = {{64, 64, 1, 64}, {128, 128, 1, 64}, {128, 256, 1, 64}},
            .a_bytes = 4,
            .b_bytes = 2,
            .per_byte = 32,
            .per_dispatch = 5e6,
        },
    [FE_PRODUCT_COOPMAT2_SUBGROUP] =
        {
            .tiles = {{32, 32, 1, 32}},
            .a_bytes = 4,
            .b_bytes = 2,
            .per_byte = 32,
            .per_dispatch = 5e6,
        },
};

static guint
divide_up (guint n, guint by)
{
  return (n + by - 1) / by;
}

double
fe_product_cost (const FeProductShape *shape, const FeProductTile *tile)
{
  guint64 groups = (guint64)divide_up (shape->rows, tile->rows)
                   * divide_up (shape->columns, tile->columns)
                   * MAX (shape->batch, 1) * tile->parts;
  /* The last wave takes as long as the others, however few groups it has. */
  guint64 waves = (groups + shape->processors - 1) / shape->processors;
  double brought = (double)tile->rows * kernels[shape->kernel].a_bytes
                   + (double)tile->columns * kernels[shape->kernel].b_bytes;
  double step = (double)tile->rows * tile->columns
                + brought * kernels[shape->kernel].per_byte;
  double cost =
      (double)waves * (divide_up (shape->k, tile->parts) + START) * step;
  /* Sums of parts are written and read again. */
  double sums = 4.0 * shape->rows * shape->columns * 2 * tile->parts * SLOWER;

  if (tile->parts == 1)
    return cost;
  return cost + kernels[shape->kernel].per_dispatch
         + sums / shape->processors * kernels[shape->kernel].per_byte;
}

gboolean
fe_product_get_tile (FeProductKernel kernel, guint number, FeProductTile *tile)
{
  if (number >= MAX_TILES || !kernels[kernel].tiles[number].rows)
    return FALSE;
  *tile = kernels[kernel].tiles[number];
  tile->parts = 1;
  return TRUE;
}

gboolean
fe_product_can_split (const FeProductShape *shape, guint parts)
{
  return parts == 1
         || (parts <= FE_PRODUCT_SPLITS && shape->batch <= 1
             && shape->k % (8 * parts) == 0);
}

FeProductTile
fe_product_choose (const FeProductShape *shape)
{
  FeProductTile best = {0}, tile;
  double least = 0;

  g_assert (shape->processors > 0 && shape->rows && shape->columns);
  for (guint i = 0; fe_product_get_tile (shape->kernel, i, &tile); i++) {
    for (; fe_product_can_split (shape, tile.parts); tile.parts *= 2) {
      double cost = fe_product_cost (shape, &tile);

      /* Of equals the larger one, which loads less in total. */
      if (!best.rows || cost <= least) {
        best = tile;
        least = cost;
      }
    }
  }
  return best;
}
