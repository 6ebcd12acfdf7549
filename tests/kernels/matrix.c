/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packed matrices: layout, ways in and out, and memory that says what it
 * lacks. Runs once more with memory that the host cannot see, see discrete.c,
 * where every transfer goes through a staging buffer. */
#include "compute/matrix.h"

#include <string.h>

#include "base/half.h"
#include "support/trial.h"

static const struct {
  guint rows, columns, batch;
} shapes[] = {
    {1, 1, 1},   {1, 8, 1},  {3, 5, 1},    {8, 8, 2},
    {17, 33, 1}, {16, 4, 3}, {193, 12, 2}, {49, 72, 1},
};

static FeMatrix
new_matrix (Trial *trial, guint rows, guint columns, guint batch)
{
  g_autoptr (GError) error = NULL;
  FeMatrix matrix =
      fe_arena_matrix (trial->arena, "a test's matrix", rows, columns, batch);

  fe_arena_check (trial->arena, &error);
  g_assert_no_error (error);
  return matrix;
}

static void
write_matrix (const FeMatrix *matrix, const float *values)
{
  g_autoptr (GError) error = NULL;

  for (guint part = 0; part < matrix->batch; part++) {
    fe_matrix_write (matrix, part,
                     values + (gsize)part * matrix->rows * matrix->columns,
                     &error);
    g_assert_no_error (error);
  }
}

/* The run with hidden memory must be one. */
static void
test_access (void)
{
  gboolean discrete = g_strcmp0 (g_getenv ("FECLIP_TEST_DISCRETE"), "1") == 0;
  g_autoptr (Trial) trial = trial_new ();
  FeMatrix matrix = new_matrix (trial, 1, 1, 1);

  if (discrete
      && trial->device->properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU)
    g_assert_null (matrix.buffer->mapped);
}

/* A new buffer must not show what somebody else left in the memory. */
static void
test_zero (void)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (Trial) trial = trial_new ();
    FeMatrix matrix = new_matrix (trial, 50, 40, 2);

    trial_expect_matrix ("new", &matrix, trial_floats (trial, 2 * 50 * 40), 0);
    trial_fill (trial, &matrix, 7);
  }
}

static void
test_roundtrip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    guint rows = shapes[i].rows, columns = shapes[i].columns;
    guint batch = shapes[i].batch;
    g_autoptr (Trial) trial = trial_new ();
    float *values = trial_random (trial, rows * columns * batch);
    FeMatrix matrix = new_matrix (trial, rows, columns, batch);

    write_matrix (&matrix, values);
    trial_expect_matrix ("written and read", &matrix, values, 0);
    trial_expect_zero_padding ("written", &matrix);
  }
}

/* Every run of rows that a caller may ask for. */
static void
test_rows (void)
{
  enum { ROWS = 19, COLUMNS = 6, BATCH = 2 };
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  float *values = trial_random (trial, ROWS * COLUMNS * BATCH);
  FeMatrix matrix = new_matrix (trial, ROWS, COLUMNS, BATCH);

  write_matrix (&matrix, values);
  for (guint first = 0; first <= ROWS; first++) {
    for (guint n = 0; first + n <= ROWS; n += 3) {
      float rows[ROWS * COLUMNS + 1];

      rows[n * COLUMNS] = TRIAL_UNUSED;
      fe_matrix_read (&matrix, 1, first, n, rows, &error);
      g_assert_no_error (error);
      trial_expect ("rows", n * COLUMNS, rows,
                    values + (ROWS + first) * COLUMNS, 0);
      g_assert_cmpfloat (rows[n * COLUMNS], ==, TRIAL_UNUSED);
    }
  }
}

/* The formula at the head of matrix.h. */
static void
test_layout (void)
{
  enum { ROWS = 37, COLUMNS = 13, C4 = 16 / 4 };
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  float *values = trial_random (trial, ROWS * COLUMNS);
  FeMatrix matrix = new_matrix (trial, ROWS, COLUMNS, 1);
  guint p = trial->device->panel;
  g_autofree float *raw = g_malloc (matrix.buffer->size);

  write_matrix (&matrix, values);
  fe_buffer_read (matrix.buffer, 0, raw, matrix.buffer->size, &error);
  g_assert_no_error (error);
  for (guint r = 0; r < ROWS; r++) {
    for (guint c = 0; c < COLUMNS; c++)
      g_assert_cmpfloat (raw[((r / p * C4 + c / 4) * p + r % p) * 4 + c % 4],
                         ==, values[r * COLUMNS + c]);
  }
}

/* Parts are written and read without touching what lies beside them. */
static void
test_split (void)
{
  enum { ROWS = 21, ALL = 40 };
  static const struct {
    guint first, columns, batch;
  } parts[] = {{0, 8, 1}, {16, 8, 3}, {8, 16, 2}, {4, 12, 1}, {36, 4, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    guint columns = parts[i].columns, batch = parts[i].batch;
    g_autoptr (Trial) trial = trial_new ();
    float *values = trial_random (trial, ROWS * ALL);
    float *written = trial_random (trial, ROWS * columns * batch);
    FeMatrix whole = new_matrix (trial, ROWS, ALL, 1);
    FeMatrix part = fe_matrix_split (&whole, parts[i].first, columns, batch);

    write_matrix (&whole, values);
    write_matrix (&part, written);
    for (guint at = 0; at < ROWS * columns * batch; at++) {
      guint row = at / columns % ROWS, head = at / columns / ROWS;

      values[row * ALL + parts[i].first + head * columns + at % columns] =
          written[at];
    }
    trial_expect_matrix ("the part", &part, written, 0);
    trial_expect_matrix ("the whole", &whole, values, 0);
  }
}

/* Weights in both storages, zero beyond their last row and column. */
static void
test_weights (void)
{
  enum { ROWS = 19, COLUMNS = 11, PADDED = 16, PADDED_ROWS = 64 };
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  float *values = trial_random (trial, ROWS * COLUMNS);
  FeMatrix single, half;
  float raw[PADDED_ROWS * PADDED];
  guint16 raw_half[PADDED_ROWS * PADDED];
  guint p = trial->device->panel;

  single =
      fe_arena_weights (trial->arena, "weights", ROWS, COLUMNS, FALSE, values);
  half =
      fe_arena_weights (trial->arena, "weights", ROWS, COLUMNS, TRUE, values);
  fe_arena_check (trial->arena, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (single.buffer->size, ==, sizeof raw);
  g_assert_cmpuint (half.buffer->size, ==, sizeof raw_half);
  fe_buffer_read (single.buffer, 0, raw, sizeof raw, &error);
  fe_buffer_read (half.buffer, 0, raw_half, sizeof raw_half, &error);
  g_assert_no_error (error);
  for (guint r = 0; r < PADDED_ROWS; r++) {
    for (guint c = 0; c < PADDED; c++) {
      gboolean inside = r < ROWS && c < COLUMNS;
      float value = inside ? values[r * COLUMNS + c] : 0;
      guint at = ((r / p * (PADDED / 4) + c / 4) * p + r % p) * 4 + c % 4;

      g_assert_cmpfloat (raw[at], ==, value);
      g_assert_cmphex (raw_half[at], ==, fe_half_from_float (value));
    }
  }
}

/* More than one step of the staging buffer, at places that nothing divides. */
static void
test_large_transfer (void)
{
  const gsize size = 40 * 1024 * 1024, from = 5, n = size - 12;
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeBuffer) buffer = NULL;
  g_autofree guint8 *sent = g_malloc (n);
  g_autofree guint8 *got = g_malloc0 (n);
  guint8 before[5];

  buffer = fe_buffer_new (trial->device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED,
                          size, "a test's buffer", &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    sent[i] = (guint8)(i ^ i >> 8 ^ i >> 16 ^ 1);
  fe_buffer_write (buffer, from, sent, n, &error);
  g_assert_no_error (error);
  fe_buffer_read (buffer, from, got, n, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (sent, got, n) == 0);
  fe_buffer_read (buffer, 0, before, sizeof before, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (before, sizeof before, "\0\0\0\0\0", 5);
}

/* The first failure is kept, and nothing happens after it. */
static void
test_arena_error (void)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *pattern = g_strdup_printf (
      "*a huge matrix needs * bytes in one buffer, %s allows *",
      trial->device->name);
  guint64 size;
  FeMatrix matrix;

  g_assert_true (fe_arena_check (trial->arena, &error));
  matrix = fe_arena_matrix (trial->arena, "a matrix", 1, 1, 1);
  size = fe_arena_get_size (trial->arena);
  g_assert_cmpuint (size, >=, fe_tile_rows (trial->device) * 8 * 4);
  g_assert_cmpuint (size, ==, matrix.buffer->size);

  matrix = fe_arena_matrix (trial->arena, "a huge matrix", 1 << 20, 1 << 16, 1);
  g_assert_null (matrix.buffer);
  g_assert_null (
      fe_arena_floats (trial->arena, "floats", FE_BUFFER_DEVICE, 1, NULL));
  g_assert_cmpuint (fe_arena_get_size (trial->arena), ==, size);
  g_assert_false (fe_arena_check (trial->arena, NULL));
  g_assert_false (fe_arena_check (trial->arena, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  g_assert_true (g_pattern_match_simple (pattern, error->message));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matrix/access", test_access);
  g_test_add_func ("/matrix/zero", test_zero);
  g_test_add_func ("/matrix/roundtrip", test_roundtrip);
  g_test_add_func ("/matrix/rows", test_rows);
  g_test_add_func ("/matrix/layout", test_layout);
  g_test_add_func ("/matrix/split", test_split);
  g_test_add_func ("/matrix/weights", test_weights);
  g_test_add_func ("/matrix/large-transfer", test_large_transfer);
  g_test_add_func ("/matrix/arena-error", test_arena_error);
  return g_test_run ();
}
