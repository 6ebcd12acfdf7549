/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/resize_filter.h"

#include <math.h>

/* Support of the kernel: it is zero from here on. */
#define KERNEL_RADIUS 2.0
#define KEYS_A (-0.5)

static double
keys_kernel (double x)
{
  x = fabs (x);
  if (x < 1)
    return ((KEYS_A + 2) * x - (KEYS_A + 3)) * x * x + 1;
  if (x < KERNEL_RADIUS)
    return (((x - 5) * x + 8) * x - 4) * KEYS_A;
  return 0;
}

static FeTaps
find_taps (double center, double radius, guint in)
{
  double first = MAX (center - radius + 0.5, 0);
  double end = MIN (center + radius + 0.5, in);

  return (FeTaps){(guint)first, (guint)end};
}

/* `widening` is the scale of the kernel, 1 when upscaling. */
static void
fill_weights (FeTaps taps, double center, double widening, float *weights)
{
  double sum = 0;

  for (guint i = taps.first; i < taps.end; i++)
    sum += keys_kernel ((i + 0.5 - center) / widening);
  for (guint i = taps.first; i < taps.end; i++)
    weights[i - taps.first] =
        (float)(keys_kernel ((i + 0.5 - center) / widening) / sum);
}

gsize
fe_resize_filter_get_size (const FeResizeFilter *self)
{
  return (gsize)self->n_outputs * (1 + self->taps4) * 4;
}

void
fe_resize_filter_init (FeResizeFilter *self, guint in, guint64 out,
                       guint64 first_output, guint n_outputs)
{
  double scale = (double)in / (double)out;
  double widening = MAX (scale, 1);

  g_assert (in > 0 && n_outputs > 0 && first_output + n_outputs <= out);
  *self = (FeResizeFilter){.n_outputs = n_outputs};
  self->taps = g_new (FeTaps, n_outputs);
  for (guint i = 0; i < n_outputs; i++) {
    double center = ((double)(first_output + i) + 0.5) * scale;
    FeTaps taps = find_taps (center, KERNEL_RADIUS * widening, in);

    self->taps[i] = taps;
    self->most = MAX (self->most, taps.end - taps.first);
  }
  self->taps4 = (self->most + 3) / 4;

  self->table = g_new0 (float, fe_resize_filter_get_size (self));
  for (guint i = 0; i < n_outputs; i++) {
    float *row = self->table + (gsize)i * (1 + self->taps4) * 4;
    double center = ((double)(first_output + i) + 0.5) * scale;

    row[0] = (float)(self->taps[i].first - self->taps[0].first);
    fill_weights (self->taps[i], center, widening, row + 4);
  }
}

void
fe_resize_filter_clear (FeResizeFilter *self)
{
  g_clear_pointer (&self->taps, g_free);
  g_clear_pointer (&self->table, g_free);
}
