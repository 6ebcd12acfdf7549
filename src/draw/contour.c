/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marching squares. The corners of a square are the centres of four
 * neighbouring pixels; the analysed rectangle is surrounded by a rim of pixels
 * that are outside. At every point on a square's edge one segment ends and
 * another begins, so following the segments closes each line. */
#include "draw/contour.h"

#include <math.h>
#include <string.h>

enum { TOP_LEFT = 1, TOP_RIGHT = 2, BOTTOM_RIGHT = 4, BOTTOM_LEFT = 8 };

typedef enum { TOP, RIGHT, BOTTOM, LEFT, NONE } Edge;

typedef struct {
  Edge from;
  Edge to;
} Segment;

/* Indexed by the corners that are inside; the inside is on the same side of all
 * segments. */
static const Segment segments[16][2] = {
    {{NONE}},
    {{TOP, LEFT}, {NONE}},
    {{RIGHT, TOP}, {NONE}},
    {{RIGHT, LEFT}, {NONE}},
    {{BOTTOM, RIGHT}, {NONE}},
    {{TOP, RIGHT}, {BOTTOM, LEFT}},
    {{BOTTOM, TOP}, {NONE}},
    {{BOTTOM, LEFT}, {NONE}},
    {{LEFT, BOTTOM}, {NONE}},
    {{TOP, BOTTOM}, {NONE}},
    {{LEFT, TOP}, {RIGHT, BOTTOM}},
    {{RIGHT, BOTTOM}, {NONE}},
    {{LEFT, RIGHT}, {NONE}},
    {{TOP, RIGHT}, {NONE}},
    {{LEFT, TOP}, {NONE}},
    {{NONE}},
};

typedef struct {
  float x;
  float y;
  guint next;
} Point;

/* In the place of @next. */
#define VISITED G_MAXUINT

/* @upper and @lower are masks of the inside pixels of two neighbouring rows;
 * @bottoms are the points on the lower edges of the previous row of squares.
 * All three start at the left pixel of the rim. */
typedef struct {
  FeResampledMap *map;
  GArray *points;
  guint8 *upper;
  guint8 *lower;
  guint *bottoms;
} Tracer;

/* Whether a pixel is in the analysed rectangle and not on the rim. */
static gboolean
has_value (const FeResampledMap *map, int x, int y)
{
  return x >= 0 && y >= 0 && (guint)x < map->columns.n_pixels
         && (guint)y < map->rows.n_pixels;
}

/* Distance of the line from an inside pixel towards its outside neighbour; at
 * the rim, half a pixel. */
static float
crossing (const FeResampledMap *map, int x, int y, int out_x, int out_y)
{
  float inside, outside;

  if (!has_value (map, out_x, out_y))
    return 0.5f;
  inside = fe_resampled_map_get (map, x, y);
  outside = fe_resampled_map_get (map, out_x, out_y);
  if (!(inside > outside))
    return 0.5f;
  return CLAMP ((inside - map->threshold) / (inside - outside), 0, 1);
}

static guint
add_point (Tracer *self, int x, int y, int out_x, int out_y)
{
  const FeResampledMap *map = self->map;
  const float share = crossing (map, x, y, out_x, out_y);
  const Point point = {
      .x = map->columns.first + x + 0.5f + (out_x - x) * share,
      .y = map->rows.first + y + 0.5f + (out_y - y) * share,
  };

  g_array_append_val (self->points, point);
  return self->points->len - 1;
}

/* The point of the line between two neighbours, one of which is inside. */
static guint
add_point_between (Tracer *self, gboolean first_inside, int x, int y, int x2,
                   int y2)
{
  return first_inside ? add_point (self, x, y, x2, y2)
                      : add_point (self, x2, y2, x, y);
}

/* Traces one row of squares. Their upper pixels are those of row @y, between
 * the columns @begin and @end of inside pixels. */
static void
trace_row (Tracer *self, int y, int begin, int end)
{
  guint edges[4] = {0};
  int x;

  for (x = begin - 1; x < end; x++) {
    const guint8 *upper = self->upper + x + 1;
    const guint8 *lower = self->lower + x + 1;
    const guint corners = upper[0] * TOP_LEFT + upper[1] * TOP_RIGHT
                          + lower[1] * BOTTOM_RIGHT + lower[0] * BOTTOM_LEFT;
    guint i;

    if (corners == 0 || corners == 15)
      continue;
    edges[TOP] = self->bottoms[x + 1];
    edges[LEFT] = edges[RIGHT];
    if (upper[1] != lower[1])
      edges[RIGHT] = add_point_between (self, upper[1], x + 1, y, x + 1, y + 1);
    if (lower[0] != lower[1])
      self->bottoms[x + 1] = edges[BOTTOM] =
          add_point_between (self, lower[0], x, y + 1, x + 1, y + 1);
    for (i = 0; i < 2 && segments[corners][i].from != NONE; i++) {
      const Segment *segment = &segments[corners][i];

      g_array_index (self->points, Point, edges[segment->from]).next =
          edges[segment->to];
    }
  }
}

/* Marks the inside pixels of row @y in @mask; rows of the rim have none. */
static gboolean
read_mask (const Tracer *self, int y, guint8 *mask, int *begin, int *end)
{
  FeResampledMap *map = self->map;
  guint first, last, x;

  memset (mask, 0, map->columns.n_pixels + 2);
  *begin = *end = 0;
  if (!has_value (map, 0, y)
      || !fe_resampled_map_read_row (map, y, &first, &last))
    return FALSE;
  for (x = first; x < last; x++)
    mask[x + 1] = map->values[x] >= map->threshold;
  *begin = first;
  *end = last;
  return TRUE;
}

static void
trace_points (Tracer *self, guint max_points)
{
  const int n_rows = self->map->rows.n_pixels;
  int above_begin = 0, above_end = 0;
  int y;

  for (y = -1; y < n_rows && self->points->len <= max_points; y++) {
    guint8 *above = self->upper;
    int begin, end;

    self->upper = self->lower;
    self->lower = above;
    if (!read_mask (self, y + 1, self->lower, &begin, &end)) {
      trace_row (self, y, above_begin, above_end);
    } else if (above_begin == above_end) {
      trace_row (self, y, begin, end);
    } else {
      trace_row (self, y, MIN (begin, above_begin), MAX (end, above_end));
    }
    above_begin = begin;
    above_end = end;
  }
}

/* Cone of directions from a vertex in which a straight line passes close to all
 * points since (sleeve-fitting simplification); @reach is the distance of
 * the last point. */
typedef struct {
  float x;
  float y;
  float reach;
  float low[2];
  float high[2];
} Cone;

/* Tolerance in pixels between a simplified line and the points it replaces. */
#define TOLERANCE 0.1f

static float
cross (const float a[2], const float b[2])
{
  return a[0] * b[1] - a[1] * b[0];
}

/* Narrows the cone for one more point. FALSE if no direction is left. */
static gboolean
cone_narrow (Cone *self, const Point *point)
{
  const float to[2] = {point->x - self->x, point->y - self->y};
  const float distance = hypotf (to[0], to[1]);
  const float side[2] = {-to[1] / distance * TOLERANCE,
                         to[0] / distance * TOLERANCE};
  const float low[2] = {to[0] - side[0], to[1] - side[1]};
  const float high[2] = {to[0] + side[0], to[1] + side[1]};
  const gboolean open = self->reach == 0;

  if (distance <= TOLERANCE)
    return open;
  if (!open
      && (distance < self->reach || cross (self->low, to) < 0
          || cross (to, self->high) < 0))
    return FALSE;
  self->reach = distance;
  if (open || cross (self->low, low) > 0)
    memcpy (self->low, low, sizeof (low));
  if (open || cross (self->high, high) < 0)
    memcpy (self->high, high, sizeof (high));
  return TRUE;
}

/* Follows the line through @first until it closes, and keeps its vertices. */
static void
link_line (GArray *points, guint first, GArray *corners)
{
  const Point *last = &g_array_index (points, Point, first);
  Cone cone = {last->x, last->y};
  guint at = last->next;

  g_array_append_val (corners, ((FeContourPoint){last->x, last->y, TRUE}));
  for (;;) {
    Point *point = &g_array_index (points, Point, at);

    if (!cone_narrow (&cone, point)) {
      cone = (Cone){last->x, last->y};
      cone_narrow (&cone, point);
      g_array_append_val (corners, ((FeContourPoint){last->x, last->y, FALSE}));
    }
    last = point;
    at = point->next;
    point->next = VISITED;
    if (point == &g_array_index (points, Point, first))
      break;
  }
}

GArray *
fe_contour_trace (FeResampledMap *map, guint max_points)
{
  const gsize width = (gsize)map->columns.n_pixels + 2;
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (Point));
  g_autofree guint8 *upper = g_new0 (guint8, width);
  g_autofree guint8 *lower = g_new0 (guint8, width);
  g_autofree guint *bottoms = g_new0 (guint, width);
  Tracer tracer = {map, points, upper, lower, bottoms};
  GArray *corners;
  guint i;

  trace_points (&tracer, max_points);
  corners = g_array_new (FALSE, FALSE, sizeof (FeContourPoint));
  if (points->len > max_points)
    return corners;
  for (i = 0; i < points->len; i++) {
    if (g_array_index (points, Point, i).next != VISITED)
      link_line (points, i, corners);
  }
  return corners;
}

void
fe_contour_append (const GArray *points, cairo_t *cr)
{
  guint i;

  for (i = 0; i < points->len; i++) {
    const FeContourPoint *point = &g_array_index (points, FeContourPoint, i);

    if (point->starts) {
      if (i > 0)
        cairo_close_path (cr);
      cairo_move_to (cr, point->x, point->y);
    } else {
      cairo_line_to (cr, point->x, point->y);
    }
  }
  if (points->len > 0)
    cairo_close_path (cr);
}
