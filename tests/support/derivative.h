/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gradients by numeric differentiation of the plain C in cpu_kernels.h. */
#pragma once

#include <glib.h>

/* Fills y from x. */
typedef void (*Function) (const float *x, float *y, gconstpointer data);

typedef struct {
  Function function;
  gconstpointer data;
  gsize n_x, n_y;
  double step; /* of x; 0 for a usual one */
} Derivative;

/* dx[i] = sum_j dy[j] · ∂y[j] / ∂x[i], by central differences. */
void derivative_backward (const Derivative *self, const float *x,
                          const float *dy, float *dx);
