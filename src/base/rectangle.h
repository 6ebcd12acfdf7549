/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rectangles of whole pixels. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

static inline gboolean
fe_rectangle_is_empty (const cairo_rectangle_int_t *self)
{
  return self->width <= 0 || self->height <= 0;
}

static inline cairo_rectangle_int_t
fe_rectangle_between (int left, int top, int right, int bottom)
{
  return (cairo_rectangle_int_t){left, top, right - left, bottom - top};
}

/* Moves each edge outwards by @margin, or inwards if it is negative. */
static inline cairo_rectangle_int_t
fe_rectangle_grow (const cairo_rectangle_int_t *self, int margin)
{
  return (cairo_rectangle_int_t){self->x - margin, self->y - margin,
                                 self->width + 2 * margin,
                                 self->height + 2 * margin};
}

static inline cairo_rectangle_int_t
fe_rectangle_intersect (const cairo_rectangle_int_t *a,
                        const cairo_rectangle_int_t *b)
{
  return fe_rectangle_between (MAX (a->x, b->x), MAX (a->y, b->y),
                               MIN (a->x + a->width, b->x + b->width),
                               MIN (a->y + a->height, b->y + b->height));
}

static inline gboolean
fe_rectangle_overlaps (const cairo_rectangle_int_t *a,
                       const cairo_rectangle_int_t *b)
{
  const cairo_rectangle_int_t both = fe_rectangle_intersect (a, b);

  return !fe_rectangle_is_empty (&both);
}

static inline gboolean
fe_rectangle_contains (const cairo_rectangle_int_t *outer,
                       const cairo_rectangle_int_t *inner)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

/* Bounding box of both; an empty rectangle is ignored. */
static inline cairo_rectangle_int_t
fe_rectangle_unite (const cairo_rectangle_int_t *a,
                    const cairo_rectangle_int_t *b)
{
  if (fe_rectangle_is_empty (a))
    return *b;
  if (fe_rectangle_is_empty (b))
    return *a;
  return fe_rectangle_between (MIN (a->x, b->x), MIN (a->y, b->y),
                               MAX (a->x + a->width, b->x + b->width),
                               MAX (a->y + a->height, b->y + b->height));
}

G_END_DECLS
