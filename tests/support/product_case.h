/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One product beside plain C. */
#pragma once

#include "compute/ops.h"

typedef struct {
  const char *name;
  guint rows, columns, k;
  gboolean half;
  gboolean coopmat;  /* also in fp16, where there are cooperative matrices */
  gboolean strassen; /* seven forms of the weights */
  gboolean bias;
  FeclipActivation activation;
  gboolean residual;
  gboolean in_place;         /* the residual is the product's own matrix */
  float scale;               /* of the left operand; 0 counts as 1 */
  const FeProductTile *tile; /* NULL: the one that the product chooses */
} ProductCase;

/* Multiplies random matrices as the case says, and compares. */
void product_case_check (const ProductCase *c);
void product_cases_check (const ProductCase *cases, guint n);

/* How far fp32 sums of k products of numbers below one may be off: their
 * roundings add up like steps to random sides, which grow with the sums where k
 * is long. */
double product_tolerance (guint k);

void product_round_to_halves (float *values, gsize n);
