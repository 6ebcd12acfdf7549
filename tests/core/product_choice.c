/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tiles products get, and when their k is cut into parts. */
#include "compute/product_choice.h"

static FeProductTile
choose (FeProductKernel kernel, guint processors, guint rows, guint columns,
        guint k)
{
  return fe_product_choose (
      &(FeProductShape){kernel, processors, rows, columns, k, 1});
}

static guint64
count_groups (const FeProductShape *shape, const FeProductTile *tile)
{
  return (guint64)((shape->rows + tile->rows - 1) / tile->rows)
         * ((shape->columns + tile->columns - 1) / tile->columns) * tile->parts;
}

/* What is known of some products on 132 and on 32 processors: small tiles where
 * large ones leave many idle, large ones for batches, parts where there are few
 * columns and a long k. */
static void
test_known (void)
{
  static const struct {
    FeProductKernel kernel;
    guint processors, rows, columns, k;
    FeProductTile wanted;
  } cases[] = {
      {FE_PRODUCT_COOPMAT, 132, 577, 768, 768, {64, 64, 1}},
      {FE_PRODUCT_COOPMAT, 132, 577, 1024, 1024, {64, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 577, 4096, 1024, {64, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 577, 1024, 4096, {128, 128, 2}},
      {FE_PRODUCT_COOPMAT, 132, 2308, 1024, 1024, {64, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 2308, 4096, 1024, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 2308, 1024, 4096, {128, 128, 4}},
      {FE_PRODUCT_COOPMAT, 132, 4616, 1024, 1024, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 4616, 4096, 1024, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 4616, 4096, 4096, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT, 132, 1, 1024, 1024, {64, 64, 8}},
      {FE_PRODUCT_COOPMAT, 32, 577, 1024, 1024, {64, 128, 1}},
      {FE_PRODUCT_COOPMAT, 32, 577, 4096, 1024, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT, 32, 4616, 1024, 4096, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 577, 768, 768, {64, 64, 1}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 577, 4096, 1024, {128, 256, 1}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 577, 1024, 4096, {128, 256, 4}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 4616, 1024, 1024, {128, 128, 1}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 4616, 4096, 1024, {128, 256, 1}},
      {FE_PRODUCT_COOPMAT2_WORKGROUP, 132, 50, 1024, 4096, {64, 64, 8}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FeProductTile got = choose (cases[i].kernel, cases[i].processors,
                                cases[i].rows, cases[i].columns, cases[i].k);

    g_test_message ("%u x %u x %u on %u processors: %u x %u in %u",
                    cases[i].rows, cases[i].columns, cases[i].k,
                    cases[i].processors, got.rows, got.columns, got.parts);
    g_assert_cmpuint (got.rows, ==, cases[i].wanted.rows);
    g_assert_cmpuint (got.columns, ==, cases[i].wanted.columns);
    g_assert_cmpuint (got.parts, ==, cases[i].wanted.parts);
  }
}

/* The kernel in fp32 has one tile, but may cut k. */
static void
test_tiles (void)
{
  FeProductTile few = choose (FE_PRODUCT_WORKGROUP_TILES, 132, 65, 70, 2048);
  FeProductTile many =
      choose (FE_PRODUCT_WORKGROUP_TILES, 132, 4616, 4096, 1024);

  g_assert_cmpuint (few.rows, ==, 64);
  g_assert_cmpuint (few.columns, ==, 64);
  g_assert_cmpuint (few.parts, ==, 8);
  g_assert_cmpuint (many.parts, ==, 1);
}

/* Whatever the shape, parts are equal and consist of whole padded columns, and
 * nothing that was left out is cheaper. */
static void
test_limits (void)
{
  static const guint sizes[] = {1, 7, 8, 63, 65, 577, 1152, 2308};
  static const guint processors[] = {1, 8, 32, 132};
  const guint n = G_N_ELEMENTS (sizes);

  for (guint i = 0; i < n * n * n * G_N_ELEMENTS (processors); i++) {
    FeProductShape shape = {
        .processors = processors[i / (n * n * n)],
        .rows = sizes[i % n],
        .columns = sizes[i / n % n],
        .k = sizes[i / (n * n) % n],
        .batch = 1,
    };

    for (guint kernel = 0; kernel < FE_N_PRODUCTS; kernel++) {
      FeProductTile got, whole;

      shape.kernel = kernel;
      got = fe_product_choose (&shape);
      g_assert_cmpuint (got.rows, >=, 32);
      g_assert_cmpuint (got.rows % 32, ==, 0);
      g_assert_cmpuint (got.columns % 32, ==, 0);
      g_assert_cmpuint (got.parts, >=, 1);
      g_assert_cmpuint (got.parts, <=, FE_PRODUCT_SPLITS);
      if (got.parts > 1)
        g_assert_cmpuint (shape.k % (8 * got.parts), ==, 0);
      whole = got;
      whole.parts = 1;
      g_assert_cmpfloat (fe_product_cost (&shape, &got), <=,
                         fe_product_cost (&shape, &whole));
    }
  }
}

/* A batch keeps a device busy by itself, and its memory is a batch's. */
static void
test_batch (void)
{
  FeProductShape shape = {FE_PRODUCT_WORKGROUP_TILES, 132, 13, 40, 2048, 1};

  g_assert_cmpuint (fe_product_choose (&shape).parts, >, 1);
  shape.batch = 3;
  g_assert_cmpuint (fe_product_choose (&shape).parts, ==, 1);
}

/* One processor has nothing to gain from parts; more of them never ask for
 * fewer workgroups than there would be without. */
static void
test_processors (void)
{
  FeProductShape shape = {FE_PRODUCT_COOPMAT, 1, 577, 1024, 4096, 1};
  FeProductTile tile = fe_product_choose (&shape);

  g_assert_cmpuint (tile.parts, ==, 1);
  shape.processors = 132;
  tile = fe_product_choose (&shape);
  g_assert_cmpuint (count_groups (&shape, &tile), >=, 80);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/product-choice/known", test_known);
  g_test_add_func ("/product-choice/tiles", test_tiles);
  g_test_add_func ("/product-choice/limits", test_limits);
  g_test_add_func ("/product-choice/batch", test_batch);
  g_test_add_func ("/product-choice/processors", test_processors);
  return g_test_run ();
}
