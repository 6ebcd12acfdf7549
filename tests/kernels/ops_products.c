/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The matrix product: shapes, epilogues, and parts of matrices as operands. */
#include "kernels/ops_tests.h"
#include "support/product_case.h"
#include "compute/product_choice.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

/* Sizes around the tiles: 20, 40, 80 or 64 rows, 16 or 64 columns, 8 or 16
 * steps of k. */
static const ProductCase shapes[] = {
    {"1x1x1", 1, 1, 1},       {"1x33x8", 1, 33, 8},
    {"3x5x7", 3, 5, 7},       {"12x32x8", 12, 32, 8},
    {"13x31x9", 13, 31, 9},   {"24x32x16", 24, 32, 16},
    {"25x33x17", 25, 33, 17}, {"47x63x24", 47, 63, 24},
    {"48x64x40", 48, 64, 40}, {"49x65x96", 49, 65, 96},
    {"64x64x15", 64, 64, 15}, {"65x96x33", 65, 96, 33},
    {"130x7x20", 130, 7, 20}, {"7x130x31", 7, 130, 31},
    {"192x64x8", 192, 64, 8}, {"193x65x8", 193, 65, 8},
    {"5x40x577", 5, 40, 577}, {"20x16x8", 20, 16, 8},
    {"21x15x9", 21, 15, 9},   {"40x17x16", 40, 17, 16},
    {"41x16x8", 41, 16, 8},   {"80x48x24", 80, 48, 24},
    {"81x47x8", 81, 47, 8},
};

static const ProductCase epilogues[] = {
    {"bias", 29, 37, 19, .bias = TRUE},
    {"quick-gelu", 29, 37, 19, .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"bias quick-gelu", 29, 37, 19, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"bias quick-gelu far out", 29, 37, 19, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU, .scale = 40},
    {"bias gelu", 29, 37, 19, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU},
    {"bias gelu far out", 29, 37, 19, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU, .scale = 40},
    {"residual", 29, 37, 19, .residual = TRUE},
    {"residual in place", 29, 37, 19, .residual = TRUE, .in_place = TRUE},
    {"bias residual in place", 65, 70, 33, .bias = TRUE, .residual = TRUE,
     .in_place = TRUE},
    {"bias gelu residual", 29, 37, 19, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU, .residual = TRUE},
};

static const ProductCase halves[] = {
    {"half 1x1x1", 1, 1, 1, .half = TRUE},
    {"half 25x33x17", 25, 33, 17, .half = TRUE},
    {"half 65x96x40", 65, 96, 40, .half = TRUE},
    {"half 7x130x31", 7, 130, 31, .half = TRUE},
    {"half bias", 29, 37, 19, .half = TRUE, .bias = TRUE},
    {"half bias quick-gelu", 29, 37, 19, .half = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"half bias gelu", 29, 37, 19, .half = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU},
    {"half bias residual in place", 29, 37, 19, .half = TRUE, .bias = TRUE,
     .residual = TRUE, .in_place = TRUE},
};

/* A long k and few outputs, which graphics hardware multiplies in parts: those
 * of 1024 steps for 2 to 8 parts, those of 600 for parts that are no multiple
 * of a tile's steps, those of 577 for none. */
static const ProductCase parts[] = {
    {"splits 1x1x1024", 1, 1, 1024},
    {"splits 65x70x1024", 65, 70, 1024},
    {"splits 5x40x600", 5, 40, 600},
    {"splits 7x9x1152", 7, 9, 1152},
    {"splits 5x40x577", 5, 40, 577},
    {"splits bias", 29, 37, 1024, .bias = TRUE},
    {"splits bias quick-gelu", 29, 37, 1024, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"splits bias gelu residual", 66, 37, 1024, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU, .residual = TRUE},
    {"splits bias residual in place", 65, 70, 1024, .bias = TRUE,
     .residual = TRUE, .in_place = TRUE},
    {"splits half bias residual in place", 65, 70, 1024, .half = TRUE,
     .bias = TRUE, .residual = TRUE, .in_place = TRUE},
    {"splits coopmat 65x70x1024", 65, 70, 1024, .coopmat = TRUE},
    {"splits coopmat 130x9x4096", 130, 9, 4096, .coopmat = TRUE},
    {"splits coopmat bias gelu residual", 66, 37, 2048, .coopmat = TRUE,
     .bias = TRUE, .activation = FECLIP_ACTIVATION_GELU, .residual = TRUE},
};

/* Sizes around the tiles of cooperative matrices: 64 or 128 rows and columns,
 * 32 steps of k. The last one has enough outputs for larger ones. */
static const ProductCase coopmat_shapes[] = {
    {"coopmat 1x1x1", 1, 1, 1, .coopmat = TRUE},
    {"coopmat 25x33x17", 25, 33, 17, .coopmat = TRUE},
    {"coopmat 64x64x32", 64, 64, 32, .coopmat = TRUE},
    {"coopmat 65x96x40", 65, 96, 40, .coopmat = TRUE},
    {"coopmat 130x129x96", 130, 129, 96, .coopmat = TRUE},
    {"coopmat 7x130x31", 7, 130, 31, .coopmat = TRUE},
    {"coopmat bias", 29, 37, 19, .coopmat = TRUE, .bias = TRUE},
    {"coopmat bias quick-gelu", 29, 37, 19, .coopmat = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"coopmat bias gelu", 29, 37, 19, .coopmat = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU},
    {"coopmat bias residual in place", 70, 37, 19, .coopmat = TRUE,
     .bias = TRUE, .residual = TRUE, .in_place = TRUE},
    {"coopmat 577x1600x40", 577, 1600, 40, .coopmat = TRUE, .bias = TRUE},
};

static void
test_shapes (void)
{
  product_cases_check (shapes, G_N_ELEMENTS (shapes));
}

static void
test_epilogues (void)
{
  product_cases_check (epilogues, G_N_ELEMENTS (epilogues));
}

static void
test_halves (void)
{
  product_cases_check (halves, G_N_ELEMENTS (halves));
}

static void
test_parts_of_k (void)
{
  product_cases_check (parts, G_N_ELEMENTS (parts));
}

/* Each tile of each kernel that this device has, whole and in parts, on sizes
 * that neither fill it nor a multiple of it. */
static void
test_every_tile (void)
{
  g_autoptr (Trial) trial = trial_new ();
  const FeMatrix kinds[] = {{.half = FALSE}, {.half = TRUE, .coopmat = TRUE}};
  FeProductTile tile;

  if (trial->device->subgroup_kernels) {
    g_test_skip ("processors have one tile");
    return;
  }
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++) {
    FeProductKernel kernel = fe_matmul_get_kernel (trial->device, &kinds[kind]);

    for (guint i = 0; fe_product_get_tile (kernel, i, &tile); i++) {
      for (tile.parts = 1; tile.parts <= 2; tile.parts++) {
        g_autofree char *name = g_strdup_printf (
            "tile %u x %u, %u parts, %s", tile.rows, tile.columns, tile.parts,
            kinds[kind].coopmat ? "coopmat" : "fp32");

        product_case_check (
            &(ProductCase){name, tile.rows + 9, tile.columns + 5, 80,
                           .coopmat = kinds[kind].coopmat, .bias = TRUE,
                           .residual = TRUE, .in_place = TRUE, .tile = &tile});
      }
    }
  }
}

/* A tile that is higher than an image leaves the next one's rows alone. */
static void
check_stack (Trial *trial, const FeProductTile *tile, gboolean coopmat)
{
  enum { ROWS = 60, COLUMNS = 40, K = 16 };
  float *a = trial_random (trial, ROWS * K);
  float *b = trial_random (trial, COLUMNS * K);
  float *below = trial_random (trial, ROWS * COLUMNS);
  float *wanted = trial_floats (trial, ROWS * COLUMNS);
  FeMatrix stack = fe_arena_stack (trial->arena, "images", ROWS, COLUMNS, 2);
  g_autoptr (GError) error = NULL;
  FeMatmul product = {
      .use = "a test",
      .c = fe_matrix_batch_item (&stack, 0),
      .tile = tile,
  };
  FeMatrix next = fe_matrix_batch_item (&stack, 1);

  product_round_to_halves (a, ROWS * K);
  product_round_to_halves (b, COLUMNS * K);
  product.a = trial_matrix (trial, ROWS, K, 1, a);
  product.b =
      fe_arena_weights (trial->arena, "weights", COLUMNS, K, coopmat, b);
  product.b.coopmat = coopmat;
  fe_matrix_write (&next, 0, below, &error);
  g_assert_no_error (error);
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);
  ref_matmul (&(RefMatmul){ROWS, COLUMNS, K, a, b}, wanted);
  trial_expect_matrix ("the image", &product.c, wanted, product_tolerance (K));
  trial_expect_matrix ("the next image", &next, below, 0);
}

static void
test_stack (void)
{
  for (guint on = 0; on < 2; on++) {
    g_autoptr (Trial) first = trial_new ();
    FeProductKernel kernel = fe_matmul_get_kernel (
        first->device, &(FeMatrix){.half = on, .coopmat = on});
    FeProductTile tile;

    check_stack (first, NULL, on);
    for (guint i = 0; fe_product_get_tile (kernel, i, &tile); i++) {
      g_autoptr (Trial) trial = trial_new ();

      check_stack (trial, &tile, on);
    }
  }
}

/* That those cases are what they say, wherever this device has tiles. */
static void
test_parts_are_chosen (void)
{
  g_autoptr (Trial) trial = trial_new ();
  FeProductShape shape = {
      .kernel = FE_PRODUCT_WORKGROUP_TILES,
      .processors = trial->device->processors,
      .batch = 1,
  };
  guint several = 0;

  if (trial->device->subgroup_kernels) {
    g_test_skip ("processors have all their work in one part");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    shape.rows = parts[i].rows;
    shape.columns = parts[i].columns;
    shape.k = parts[i].k;
    several += fe_product_choose (&shape).parts > 1;
  }
  g_assert_cmpuint (several, >=, G_N_ELEMENTS (parts) / 2);
}

/* Sums of parts are the same in every run, bit for bit. */
static void
test_parts_repeat (void)
{
  enum { ROWS = 65, COLUMNS = 70, K = 1024 };
  g_autoptr (Trial) trial = trial_new ();
  float *a = trial_random (trial, ROWS * K);
  float *b = trial_random (trial, COLUMNS * K);
  FeMatmul product = {
      .use = "a test",
      .a = trial_matrix (trial, ROWS, K, 1, a),
      .b = fe_arena_weights (trial->arena, "weights", COLUMNS, K, FALSE, b),
  };
  FeMatrix results[3];
  g_autofree float *first = g_new (float, ROWS *COLUMNS);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    results[i] = trial_matrix (trial, ROWS, COLUMNS, 1, NULL);
    product.c = results[i];
    fe_op_matmul (trial->commands, &product);
  }
  trial_run (trial);
  fe_matrix_read (&results[0], 0, 0, ROWS, first, &error);
  g_assert_no_error (error);
  for (guint i = 1; i < G_N_ELEMENTS (results); i++)
    trial_expect_matrix ("the same again", &results[i], first, 0);
}

/* The kernel for cooperative matrices, or what runs where there are none. */
static void
test_coopmat (void)
{
  product_cases_check (coopmat_shapes, G_N_ELEMENTS (coopmat_shapes));
}

/* One product for each part of a batch. */
static void
test_batch (void)
{
  static const struct {
    const char *name;
    guint rows, columns, k, batch;
    gboolean shared; /* one right operand for all */
  } cases[] = {
      {"batch", 13, 35, 11, 3, FALSE},
      {"batch, one right operand", 70, 9, 24, 5, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint rows = cases[i].rows, columns = cases[i].columns, k = cases[i].k;
    guint batch = cases[i].batch, b_batch = cases[i].shared ? 1 : batch;
    g_autoptr (Trial) trial = trial_new ();
    float *a = trial_random (trial, batch * rows * k);
    float *b = trial_random (trial, b_batch * columns * k);
    float *wanted = trial_floats (trial, batch * rows * columns);
    FeMatmul product = {
        .use = "a test",
        .a = trial_matrix (trial, rows, k, batch, a),
        .b = trial_matrix (trial, columns, k, b_batch, b),
        .c = trial_matrix (trial, rows, columns, batch, NULL),
    };

    fe_op_matmul (trial->commands, &product);
    trial_run (trial);
    for (guint z = 0; z < batch; z++)
      ref_matmul (&(RefMatmul){rows, columns, k, a + z * rows * k,
                               b + (z % b_batch) * columns * k},
                  wanted + z * rows * columns);
    trial_expect_matrix (cases[i].name, &product.c, wanted,
                         product_tolerance (k));
  }
}

/* A part's values: `columns` from a column on, out of `all`. */
static float *
part_of (Trial *trial, const float *values, guint rows, guint all,
         guint first_column, guint columns)
{
  float *part = trial_floats (trial, (gsize)rows * columns);

  for (guint r = 0; r < rows; r++) {
    for (guint c = 0; c < columns; c++)
      part[r * columns + c] = values[r * all + first_column + c];
  }
  return part;
}

static void
set_part (float *values, const float *part, guint rows, guint all,
          guint first_column, guint columns)
{
  for (guint r = 0; r < rows; r++) {
    for (guint c = 0; c < columns; c++)
      values[r * all + first_column + c] = part[r * columns + c];
  }
}

/* Some columns of the left operand, times weights, added to some columns of
 * the result, whose other columns stay. */
static void
test_parts (void)
{
  enum { ROWS = 27, ALL = 40, FROM = 4, K = 12, INTO = 16, COLUMNS = 8 };
  g_autoptr (Trial) trial = trial_new ();
  float *a = trial_random (trial, ROWS * ALL);
  float *b = trial_random (trial, COLUMNS * K);
  float *c = trial_random (trial, ROWS * ALL);
  float *a_part = part_of (trial, a, ROWS, ALL, FROM, K);
  float *c_part = part_of (trial, c, ROWS, ALL, INTO, COLUMNS);
  FeMatrix a_whole = trial_matrix (trial, ROWS, ALL, 1, a);
  FeMatrix c_whole = trial_matrix (trial, ROWS, ALL, 1, c);
  FeMatmul product = {
      .use = "a test",
      .a = fe_matrix_split (&a_whole, FROM, K, 1),
      .b = fe_arena_weights (trial->arena, "weights", COLUMNS, K, FALSE, b),
      .c = fe_matrix_split (&c_whole, INTO, COLUMNS, 1),
  };

  product.residual = &product.c;
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);

  ref_matmul (&(RefMatmul){ROWS, COLUMNS, K, a_part, b, NULL, c_part}, c_part);
  set_part (c, c_part, ROWS, ALL, INTO, COLUMNS);
  trial_expect_matrix ("parts", &c_whole, c, product_tolerance (K));
}

/* Attention's two products: every head's queries times its keys, and
 * probabilities times values into the heads' columns. */
static void
test_heads (void)
{
  enum { TOKENS = 29, HEADS = 3, WIDTH = 8, ALL = 3 * HEADS * WIDTH };
  const guint head = HEADS * WIDTH, logits = TOKENS * TOKENS;
  g_autoptr (Trial) trial = trial_new ();
  float *qkv = trial_random (trial, TOKENS * ALL);
  float *values = trial_random (trial, HEADS * WIDTH * TOKENS);
  float *wanted = trial_floats (trial, HEADS * logits);
  float *heads = trial_floats (trial, TOKENS * head);
  FeMatrix whole = trial_matrix (trial, TOKENS, ALL, 1, qkv);
  FeMatrix out = trial_matrix (trial, TOKENS, head, 1, NULL);
  FeMatmul scores = {
      .use = "a test",
      .a = fe_matrix_split (&whole, 0, WIDTH, HEADS),
      .b = fe_matrix_split (&whole, head, WIDTH, HEADS),
      .c = trial_matrix (trial, TOKENS, TOKENS, HEADS, NULL),
  };
  FeMatmul weigh = {
      .use = "a test",
      .b = trial_matrix (trial, WIDTH, TOKENS, HEADS, values),
      .c = fe_matrix_split (&out, 0, WIDTH, HEADS),
  };

  for (guint h = 0; h < HEADS; h++) {
    float *q = part_of (trial, qkv, TOKENS, ALL, h * WIDTH, WIDTH);
    float *k = part_of (trial, qkv, TOKENS, ALL, head + h * WIDTH, WIDTH);
    float *o = trial_floats (trial, TOKENS * WIDTH);
    float *p = wanted + h * logits;

    ref_matmul (&(RefMatmul){TOKENS, TOKENS, WIDTH, q, k}, p);
    ref_matmul (
        &(RefMatmul){TOKENS, WIDTH, TOKENS, p, values + h * WIDTH * TOKENS}, o);
    set_part (heads, o, TOKENS, head, h * WIDTH, WIDTH);
  }
  weigh.a = trial_matrix (trial, TOKENS, TOKENS, HEADS, wanted);
  fe_op_matmul (trial->commands, &scores);
  fe_op_matmul (trial->commands, &weigh);
  trial_run (trial);
  trial_expect_matrix ("queries and keys", &scores.c, wanted,
                       product_tolerance (WIDTH));
  trial_expect_matrix ("probabilities and values", &out, heads,
                       product_tolerance (TOKENS));
}

void
add_product_tests (void)
{
  g_test_add_func ("/ops/matmul/shapes", test_shapes);
  g_test_add_func ("/ops/matmul/epilogues", test_epilogues);
  g_test_add_func ("/ops/matmul/half", test_halves);
  g_test_add_func ("/ops/matmul/coopmat", test_coopmat);
  g_test_add_func ("/ops/matmul/every-tile", test_every_tile);
  g_test_add_func ("/ops/matmul/stack", test_stack);
  g_test_add_func ("/ops/matmul/parts-of-k", test_parts_of_k);
  g_test_add_func ("/ops/matmul/parts-are-chosen", test_parts_are_chosen);
  g_test_add_func ("/ops/matmul/parts-repeat", test_parts_repeat);
  g_test_add_func ("/ops/matmul/batch", test_batch);
  g_test_add_func ("/ops/matmul/parts", test_parts);
  g_test_add_func ("/ops/matmul/heads", test_heads);
}
