/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coreset: which of many features represent all of them (greedy k-centre). */
#include <math.h>
#include <string.h>

#include "references/reference_features.h"

/* Dimensions of a random projection before distances are measured, which keeps
 * them to about a sixth (Johnson and Lindenstrauss). */
#define PROJECTED 64

/* Multiplies the rows by random signs. All results have the same scale, which
 * does not matter for comparisons. */
static float *
project (const GArray *rows, guint width)
{
  const float *values = (const float *)(gpointer)rows->data;
  float *projected = g_new0 (float, (gsize)rows->len *PROJECTED);
  g_autofree float *signs = g_new (float, (gsize)width *PROJECTED);
  GRand *random = g_rand_new_with_seed (PROJECTED);

  for (gsize i = 0; i < (gsize)width * PROJECTED; i++)
    signs[i] = g_rand_boolean (random) ? 1 : -1;
  g_rand_free (random);
  for (guint r = 0; r < rows->len; r++) {
    float *to = projected + (gsize)r * PROJECTED;

    for (guint c = 0; c < width; c++) {
      float value = values[(gsize)r * width + c];
      const float *sign = signs + (gsize)c * PROJECTED;

      for (guint i = 0; i < PROJECTED; i++)
        to[i] += value * sign[i];
    }
  }
  return projected;
}

static float
square_distance (const float *a, const float *b, guint width)
{
  float sum = 0;

  for (guint i = 0; i < width; i++)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/* Sets `kept` for `limit` of the rows. */
static void
choose (const float *rows, guint n, guint width, guint limit, gboolean *kept)
{
  g_autofree float *distances = g_new (float, n);
  guint next = 0;

  for (guint r = 0; r < n; r++)
    distances[r] = INFINITY;
  for (guint i = 0; i < limit; i++) {
    const float *latest = rows + (gsize)next * width;
    guint furthest = 0;

    kept[next] = TRUE;
    distances[next] = -1;
    for (guint r = 0; r < n; r++) {
      if (distances[r] >= 0)
        distances[r] =
            MIN (distances[r],
                 square_distance (rows + (gsize)r * width, latest, width));
      if (distances[r] > distances[furthest])
        furthest = r;
    }
    next = furthest;
  }
}

/* The rows of one tap that are to be reduced. */
typedef struct {
  GArray *rows;
  guint width;
  guint limit;
} Reduction;

static void
reduce (const Reduction *self)
{
  GArray *rows = self->rows;
  g_autofree gboolean *kept = g_new0 (gboolean, rows->len);
  g_autofree float *projected = NULL;
  gsize size = self->width * sizeof (float);
  guint n = 0;

  if (rows->len <= self->limit)
    return;
  if (self->width > PROJECTED)
    projected = project (rows, self->width);
  choose (projected ? projected : (const float *)(gpointer)rows->data,
          rows->len, projected ? PROJECTED : self->width, self->limit, kept);
  for (guint r = 0; r < rows->len; r++) {
    if (kept[r])
      memmove (rows->data + n++ * size, rows->data + r * size, size);
  }
  g_array_set_size (rows, n);
}

static gpointer
run_reduction (gpointer data)
{
  reduce (data);
  return NULL;
}

void
fe_features_reduce (FeFeatures *self, guint width, guint limit)
{
  GThread *threads[FE_MAX_TAPS];
  Reduction reductions[FE_MAX_TAPS];

  /* Taps do not depend on each other. */
  for (guint i = 0; i < self->n_taps; i++) {
    reductions[i] = (Reduction){self->taps[i], width, limit};
    threads[i] =
        g_thread_try_new ("references", run_reduction, &reductions[i], NULL);
  }
  for (guint i = 0; i < self->n_taps; i++) {
    if (threads[i])
      g_thread_join (threads[i]);
    else /* Without a thread it only takes longer. */
      reduce (&reductions[i]);
  }
}
