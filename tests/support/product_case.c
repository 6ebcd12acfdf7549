/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/product_case.h"

#include <math.h>

#include "support/cpu_kernels.h"
#include "support/trial.h"

/* How much more is rounded where quarters are summed up before and after. */
#define SUMS_OF_SUMS 8

double
product_tolerance (guint k)
{
  return k > 600 ? 4e-8 * k : 5e-7 * sqrt (k);
}

void
product_round_to_halves (float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float)ref_half_value (ref_half_from_float (values[i]));
}

/* The random weights of a case, as the matrix will hold them. */
static float *
random_weights (Trial *trial, const ProductCase *c)
{
  gsize n = (gsize)c->columns * c->k;
  float *values = trial_random (trial, n);

  if (c->half || c->coopmat)
    product_round_to_halves (values, n);
  return values;
}

void
product_case_check (const ProductCase *c)
{
  g_autoptr (Trial) trial = trial_new ();
  gsize n = (gsize)c->rows * c->columns;
  float *a = trial_random (trial, (gsize)c->rows * c->k);
  float *b = random_weights (trial, c);
  float *bias = c->bias ? trial_random (trial, c->columns) : NULL;
  float *residual = c->residual ? trial_random (trial, n) : NULL;
  float *wanted = trial_floats (trial, n);
  FeMatrix matrix = trial_matrix (trial, c->rows, c->columns, 1,
                                  c->in_place ? residual : NULL);
  FeMatrix other = {0};
  FeMatmul product = {
      .use = "a test",
      .activation = c->activation,
      .c = matrix,
      .tile = c->tile,
  };

  for (gsize i = 0; c->scale != 0 && i < (gsize)c->rows * c->k; i++)
    a[i] *= c->scale;
  /* Rounded beforehand, so that cooperative matrices must be as exact. */
  if (c->coopmat)
    product_round_to_halves (a, (gsize)c->rows * c->k);
  product.a = trial_matrix (trial, c->rows, c->k, 1, a);
  product.b =
      c->strassen
          ? fe_arena_strassen (trial->arena, "weights", c->columns, c->k, b)
          : fe_arena_weights (trial->arena, "weights", c->columns, c->k,
                              c->half || c->coopmat, b);
  product.b.coopmat = c->coopmat;
  if (c->bias)
    product.bias = trial_buffer (trial, c->columns, bias);
  if (c->residual && !c->in_place) {
    other = trial_matrix (trial, c->rows, c->columns, 1, residual);
    product.residual = &other;
  } else if (c->residual) {
    product.residual = &product.c;
  }
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);

  ref_matmul (&(RefMatmul){c->rows, c->columns, c->k, a, b, bias, residual,
                           c->activation},
              wanted);
  trial_expect_matrix (c->name, &matrix, wanted,
                       product_tolerance (c->k) * MAX (c->scale, 1)
                           * (c->strassen ? SUMS_OF_SUMS : 1));
  trial_expect_zero_padding (c->name, &matrix);
}

void
product_cases_check (const ProductCase *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    product_case_check (&cases[i]);
}
