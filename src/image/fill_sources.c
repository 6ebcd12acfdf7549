/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/fill_sources.h"

typedef struct {
  const guint8 *affected;
  gint edge;
  guint32 *nearest; /* nearest unaffected pixel of each pixel */
} Search;

static guint64
distance (const Search *self, gint x, gint y, guint32 to)
{
  gint64 dx = (gint)(to % (guint)self->edge) - x;
  gint64 dy = (gint)(to / (guint)self->edge) - y;

  return to == FE_NO_SOURCE ? G_MAXUINT64 : (guint64)(dx * dx + dy * dy);
}

/* Takes the neighbour's nearest pixel if it is nearer than the own one. */
static void
ask (Search *self, gint x, gint y, gint dx, gint dy)
{
  guint32 *own = &self->nearest[y * self->edge + x];
  guint32 theirs;

  if (x + dx < 0 || x + dx >= self->edge || y + dy < 0 || y + dy >= self->edge)
    return;
  theirs = self->nearest[(y + dy) * self->edge + x + dx];
  if (distance (self, x, y, theirs) < distance (self, x, y, *own))
    *own = theirs;
}

/* Propagates nearest pixels in two sweeps, from the top and from the bottom
 * (Danielsson 1980). Exact except for errors below one pixel in rare cases. */
static void
search (Search *self)
{
  gint last = self->edge - 1;

  for (gint y = 0; y <= last; y++) {
    for (gint x = 0; x <= last; x++) {
      ask (self, x, y, -1, 0);
      for (gint dx = -1; dx <= 1; dx++)
        ask (self, x, y, dx, -1);
    }
    for (gint x = last; x >= 0; x--)
      ask (self, x, y, 1, 0);
  }
  for (gint y = last; y >= 0; y--) {
    for (gint x = last; x >= 0; x--) {
      ask (self, x, y, 1, 0);
      for (gint dx = -1; dx <= 1; dx++)
        ask (self, x, y, dx, 1);
    }
    for (gint x = 0; x <= last; x++)
      ask (self, x, y, -1, 0);
  }
}

/* The reflection of a pixel at its nearest unaffected pixel. */
static guint32
mirror (const Search *self, gint x, gint y)
{
  guint32 nearest = self->nearest[y * self->edge + x];
  gint behind_x = 2 * (gint)(nearest % (guint)self->edge) - x;
  gint behind_y = 2 * (gint)(nearest / (guint)self->edge) - y;

  if (nearest == FE_NO_SOURCE || behind_x < 0 || behind_x >= self->edge
      || behind_y < 0 || behind_y >= self->edge
      || self->affected[behind_y * self->edge + behind_x])
    return nearest;
  return (guint32)(behind_y * self->edge + behind_x);
}

guint32 *
fe_fill_sources_new (const guint8 *affected, guint edge)
{
  gsize n = (gsize)edge * edge;
  g_autofree guint32 *nearest = g_new (guint32, n);
  guint32 *sources = g_new (guint32, n);
  Search self = {affected, (gint)edge, nearest};

  for (gsize i = 0; i < n; i++)
    nearest[i] = affected[i] ? FE_NO_SOURCE : (guint32)i;
  search (&self);
  for (gsize i = 0; i < n; i++)
    sources[i] = mirror (&self, (gint)(i % edge), (gint)(i / edge));
  return sources;
}
