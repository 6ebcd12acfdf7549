/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/crop.h"

#include <math.h>

/* Between which two cells a pixel lies, and the share of the second. */
typedef struct {
  guint first;
  guint second;
  float share;
} Between;

static void
place_pixels (guint n_cells, guint size, Between *places)
{
  for (guint i = 0; i < size; i++) {
    double at = (i + 0.5) * n_cells / size - 0.5;
    double first = floor (at);

    places[i] = (Between){
        .first = (guint)CLAMP (first, 0, n_cells - 1.0),
        .second = (guint)CLAMP (first + 1, 0, n_cells - 1.0),
        .share = (float)(at - first),
    };
  }
}

static float
mix (float a, float b, float share)
{
  return a + (b - a) * share;
}

void
fe_crop_map (const FeclipResult *result, guint size, float *scores)
{
  g_autofree Between *columns = g_new (Between, size);
  g_autofree Between *rows = g_new (Between, size);

  place_pixels (result->map_width, size, columns);
  place_pixels (result->map_height, size, rows);
  for (guint row = 0; row < size; row++) {
    const float *upper = result->map + rows[row].first * result->map_width;
    const float *lower = result->map + rows[row].second * result->map_width;

    for (guint i = 0; i < size; i++) {
      const Between *at = &columns[i];
      float above = mix (upper[at->first], upper[at->second], at->share);
      float below = mix (lower[at->first], lower[at->second], at->share);

      *scores++ = mix (above, below, rows[row].share);
    }
  }
}

/* The mask's pixel at each place along one edge, of which @start and @length
 * are a share. */
static void
find_nearest (double start, double length, guint n_pixels, guint size,
              guint *places)
{
  for (guint i = 0; i < size; i++) {
    double at = (start + length * (i + 0.5) / size) * n_pixels;

    places[i] = (guint)CLAMP (floor (at), 0, n_pixels - 1.0);
  }
}

void
fe_crop_mask (const FeMask *mask, const FeclipResult *result, guint size,
              guint8 *pixels)
{
  g_autofree guint *columns = g_new (guint, size);
  g_autofree guint *rows = g_new (guint, size);

  find_nearest (result->x, result->width, mask->width, size, columns);
  find_nearest (result->y, result->height, mask->height, size, rows);
  for (guint row = 0; row < size; row++)
    for (guint i = 0; i < size; i++)
      *pixels++ = mask->pixels[(gsize)rows[row] * mask->width + columns[i]];
}
