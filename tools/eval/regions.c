/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/regions.h"

/* The pixel that stands for the tree that @pixel is in. */
static guint
find_root (guint *parents, guint pixel)
{
  while (parents[pixel] != pixel) {
    parents[pixel] = parents[parents[pixel]];
    pixel = parents[pixel];
  }
  return pixel;
}

static void
join (guint *parents, guint a, guint b)
{
  guint root_a = find_root (parents, a);
  guint root_b = find_root (parents, b);

  parents[MAX (root_a, root_b)] = MIN (root_a, root_b);
}

/* Joins a pixel with those of its neighbours that come before it. */
static void
join_neighbours (const guint8 *mask, guint width, guint row, guint column,
                 guint *parents)
{
  guint pixel = row * width + column;

  if (column > 0 && mask[pixel - 1])
    join (parents, pixel, pixel - 1);
  if (row == 0)
    return;
  for (guint i = column - MIN (column, 1); i <= MIN (column + 1, width - 1);
       i++)
    if (mask[pixel - width - column + i])
      join (parents, pixel, pixel - width - column + i);
}

guint
fe_regions_weigh (const guint8 *mask, guint width, guint height, float *shares)
{
  guint n_pixels = width * height;
  g_autofree guint *parents = g_new (guint, n_pixels);
  g_autofree guint *sizes = g_new0 (guint, n_pixels);
  guint n_regions = 0;

  for (guint i = 0; i < n_pixels; i++) {
    parents[i] = i;
    if (mask[i])
      join_neighbours (mask, width, i / width, i % width, parents);
  }
  for (guint i = 0; i < n_pixels; i++)
    if (mask[i] && sizes[find_root (parents, i)]++ == 0)
      n_regions++;
  for (guint i = 0; i < n_pixels; i++)
    shares[i] = mask[i] ? 1.0F / (float)sizes[find_root (parents, i)] : 0;
  return n_regions;
}
