/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fe_half_from_float() beside a search through all halves. */
#include "base/half.h"

#include <math.h>

#include "support/cpu_kernels.h"

static void
check (float value)
{
  guint16 half = fe_half_from_float (value);
  guint16 wanted = ref_half_from_float (value);

  if (half != wanted)
    g_error ("%a becomes 0x%04x, not 0x%04x", (double)value, half, wanted);
}

/* A number, its negative and their neighbours. */
static void
check_around (double value)
{
  float nearest = (float)value;
  float below = nextafterf (nearest, -INFINITY);
  float above = nextafterf (nearest, INFINITY);

  check (nearest);
  check (below);
  check (above);
  check (-nearest);
  check (-below);
  check (-above);
}

/* Each half, and the middle between it and the next, where rounding turns. */
static void
test_halves (void)
{
  for (guint half = 0; half < 0x7c00; half++) {
    double value = ref_half_value ((guint16)half);
    double next = half == 0x7bff ? 65536 : ref_half_value ((guint16)(half + 1));

    g_assert_cmpuint (fe_half_from_float ((float)value), ==, half);
    check_around (value);
    check_around ((value + next) / 2);
  }
}

static void
test_limits (void)
{
  static const struct {
    float value;
    guint16 half;
  } limits[] = {
      {0.0f, 0x0000},      {-0.0f, 0x8000},      {1.0f, 0x3c00},
      {-2.0f, 0xc000},     {65504.0f, 0x7bff},   {65519.996f, 0x7bff},
      {65520.0f, 0x7c00},  {-1e30f, 0xfc00},     {0x1p-14f, 0x0400},
      {0x1p-24f, 0x0001},  {0x1p-25f, 0x0000},   {0x1.000002p-25f, 0x0001},
      {0x1p-149f, 0x0000}, {-0x1p-149f, 0x8000},
  };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_assert_cmphex (fe_half_from_float (limits[i].value), ==, limits[i].half);
    g_assert_cmphex (ref_half_from_float (limits[i].value), ==, limits[i].half);
  }
  g_assert_cmphex (fe_half_from_float (INFINITY), ==, 0x7c00);
  g_assert_cmphex (fe_half_from_float (-INFINITY), ==, 0xfc00);
}

/* Whatever the payload, it stays a number that is none. */
static void
test_not_a_number (void)
{
  static const guint32 patterns[] = {0x7fc00000, 0x7f800001, 0x7fffffff,
                                     0xffc00000, 0xff800001};

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++) {
    guint16 half;
    float value;

    memcpy (&value, &patterns[i], sizeof value);
    half = fe_half_from_float (value);
    g_assert_true (isnan (ref_half_value (half)));
    g_assert_cmphex (half & 0x8000, ==, patterns[i] >> 16 & 0x8000);
  }
}

/* Every 1021st of all floats. */
static void
test_all_sizes (void)
{
  for (guint64 pattern = 0; pattern <= G_MAXUINT32; pattern += 1021) {
    guint32 bits = (guint32)pattern;
    float value;

    memcpy (&value, &bits, sizeof value);
    if (!isnan (value))
      check (value);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/half/halves", test_halves);
  g_test_add_func ("/half/limits", test_limits);
  g_test_add_func ("/half/not-a-number", test_not_a_number);
  g_test_add_func ("/half/all-sizes", test_all_sizes);
  return g_test_run ();
}
