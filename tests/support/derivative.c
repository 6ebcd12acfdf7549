/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/derivative.h"

#include <string.h>

/* The error of the method falls with its square, that of fp32 grows with its
 * inverse. */
#define STEP (1.0 / 64)

void
derivative_backward (const Derivative *self, const float *x, const float *dy,
                     float *dx)
{
  double step = self->step > 0 ? self->step : STEP;
  g_autofree float *at = g_memdup2 (x, self->n_x * sizeof *x);
  g_autofree float *above = g_new (float, self->n_y);
  g_autofree float *below = g_new (float, self->n_y);

  for (gsize i = 0; i < self->n_x; i++) {
    double sum = 0, distance;

    at[i] = (float)(x[i] + step);
    distance = at[i];
    self->function (at, above, self->data);
    at[i] = (float)(x[i] - step);
    distance -= at[i];
    self->function (at, below, self->data);
    at[i] = x[i];
    for (gsize j = 0; j < self->n_y; j++)
      sum += dy[j] * ((double)above[j] - below[j]);
    dx[i] = (float)(sum / distance);
  }
}
