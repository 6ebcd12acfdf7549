/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/measures.h"

#include <math.h>
#include <stdlib.h>

/* The points in two descending orders: by the lower and by the upper end of
 * their ranges. */
typedef struct {
  gsize n;
  const FeRocPoint **by_low;
  const FeRocPoint **by_high;
  double positives;
  double negatives;
  double pro_negatives;
  double overlap;
} Orders;

/* A pass from the highest score down. */
typedef struct {
  const FeRocPoint **points;
  gboolean at_high;
  gsize next;
  double positives;
  double negatives;
  double pro_negatives;
  double overlap;
} Walk;

static int
compare_high (gconstpointer a, gconstpointer b)
{
  guint32 left = (*(const FeRocPoint *const *)a)->high;
  guint32 right = (*(const FeRocPoint *const *)b)->high;

  return (left < right) - (left > right);
}

static void
orders_init (Orders *self, const FeRocPoint *points, gsize n)
{
  gboolean exact = TRUE;

  *self = (Orders){.n = n};
  self->by_low = g_new (const FeRocPoint *, n);
  for (gsize i = 0; i < n; i++) {
    self->by_low[i] = &points[n - 1 - i];
    exact = exact && points[i].low == points[i].high;
    self->positives += points[i].positives;
    self->negatives += points[i].negatives;
    self->pro_negatives += points[i].pro_negatives;
    self->overlap += points[i].overlap;
  }
  self->by_high = self->by_low;
  if (!exact) {
    self->by_high = g_memdup2 (self->by_low, n * sizeof *self->by_low);
    qsort (self->by_high, n, sizeof *self->by_high, compare_high);
  }
}

static void
orders_clear (Orders *self)
{
  if (self->by_high != self->by_low)
    g_free (self->by_high);
  g_free (self->by_low);
}

static Walk
walk_begin (const Orders *orders, gboolean at_high)
{
  return (Walk){
      .points = at_high ? orders->by_high : orders->by_low,
      .at_high = at_high,
  };
}

/* Advances to @key and counts all points at it or above. */
static void
walk_to (Walk *self, const Orders *orders, guint32 key)
{
  while (self->next < orders->n) {
    const FeRocPoint *point = self->points[self->next];

    if ((self->at_high ? point->high : point->low) < key)
      return;
    self->positives += point->positives;
    self->negatives += point->negatives;
    self->pro_negatives += point->pro_negatives;
    self->overlap += point->overlap;
    self->next++;
  }
}

/* The next key that is not counted yet; FALSE at the end. */
static gboolean
walk_peek (const Walk *self, const Orders *orders, guint32 *key)
{
  if (self->next == orders->n)
    return FALSE;
  *key = self->at_high ? self->points[self->next]->high
                       : self->points[self->next]->low;
  return TRUE;
}

/* The ends of one step of a curve, as shares. */
typedef struct {
  double x0, y0, x1, y1;
} Step;

/* The step's area up to @limit. */
static double
get_area (const Step *step, double limit)
{
  double width = step->x1 - step->x0;
  double y1 = step->y1;

  if (step->x0 >= limit || width <= 0)
    return 0;
  if (step->x1 > limit) {
    y1 = step->y0 + (step->y1 - step->y0) * (limit - step->x0) / width;
    width = limit - step->x0;
  }
  return width * (step->y0 + y1) / 2;
}

/*
 * The mean height of a curve over the share of negatives from 0 to @limit. With
 * @best, positives lie at the upper end of their ranges and negatives at the
 * lower end; otherwise the other way round.
 */
static double
integrate (const Orders *orders, gboolean pro, gboolean best, double limit)
{
  Walk up = walk_begin (orders, best);
  Walk down = walk_begin (orders, !best);
  Step step = {0};
  double area = 0;
  guint32 key = 0, other = 0;

  while (step.x0 < limit) {
    gboolean has_key = walk_peek (&up, orders, &key);
    gboolean has_other = walk_peek (&down, orders, &other);

    if (!has_key && !has_other)
      break;
    if (!has_key || (has_other && other > key))
      key = other;
    walk_to (&up, orders, key);
    walk_to (&down, orders, key);
    step.y1 =
        pro ? up.overlap / orders->overlap : up.positives / orders->positives;
    step.x1 = pro ? down.pro_negatives / orders->pro_negatives
                  : down.negatives / orders->negatives;
    area += get_area (&step, limit);
    step.x0 = step.x1;
    step.y0 = step.y1;
  }
  return area / limit;
}

/* The largest counts that may lie at the low end of a point or above. */
typedef struct {
  double positives;
  double negatives;
} Reach;

static Reach *
find_reaches (const Orders *orders, const FeRocPoint *points)
{
  Reach *reaches = g_new (Reach, orders->n);
  Walk possible = walk_begin (orders, TRUE);

  for (gsize i = 0; i < orders->n; i++) {
    const FeRocPoint *point = orders->by_low[i];

    walk_to (&possible, orders, point->low);
    reaches[point - points] = (Reach){possible.positives, possible.negatives};
  }
  return reaches;
}

/*
 * Bounds of the mean precision at the score of each positive: the lower bound
 * counts the positives that surely lie above and the negatives that may, the
 * upper bound the other way round.
 */
static void
average_precision (const Orders *orders, const FeRocPoint *points,
                   double *least, double *most)
{
  g_autofree Reach *reaches = find_reaches (orders, points);
  Walk sure = walk_begin (orders, FALSE);

  *least = *most = 0;
  for (gsize i = 0; i < orders->n; i++) {
    const FeRocPoint *point = orders->by_high[i];
    const Reach *reach = &reaches[point - points];
    double found;

    walk_to (&sure, orders, point->high);
    if (point->positives == 0)
      continue;
    found = MAX (sure.positives, 1);
    *least += point->positives * found / (found + reach->negatives);
    *most += point->positives * reach->positives
             / (reach->positives + sure.negatives);
  }
  *least /= orders->positives;
  *most /= orders->positives;
}

static double
get_f1 (double found, double false_alarms, double positives)
{
  return 2 * found / (found + false_alarms + positives);
}

static double
find_most_f1 (const Orders *orders)
{
  Walk found = walk_begin (orders, TRUE);
  Walk alarms = walk_begin (orders, FALSE);
  double most = 0;
  guint32 key;

  while (walk_peek (&found, orders, &key)) {
    walk_to (&found, orders, key);
    walk_to (&alarms, orders, key);
    most = MAX (most,
                get_f1 (found.positives, alarms.negatives, orders->positives));
  }
  return most;
}

static double
find_least_f1 (const Orders *orders, guint32 *best_key)
{
  Walk found = walk_begin (orders, FALSE);
  Walk alarms = walk_begin (orders, TRUE);
  double least = -1;
  guint32 key;

  while (walk_peek (&found, orders, &key)) {
    double f1;

    walk_to (&found, orders, key);
    walk_to (&alarms, orders, key);
    f1 = get_f1 (found.positives, alarms.negatives, orders->positives);
    if (f1 > least) {
      least = f1;
      *best_key = key;
    }
  }
  return least;
}

/* The middle of two bounds; keeps the error. */
static double
settle (FeMeasures *self, double least, double most)
{
  self->error = MAX (self->error, (most - least) / 2);
  return (least + most) / 2;
}

void
fe_measures_init (FeMeasures *self, const FeRocPoint *points, gsize n)
{
  Orders orders;
  double least, most;

  *self = (FeMeasures){.auroc = NAN, .ap = NAN, .f1_max = NAN, .pro = NAN};
  orders_init (&orders, points, n);
  if (orders.positives > 0 && orders.negatives > 0) {
    self->auroc = settle (self, integrate (&orders, FALSE, FALSE, 1),
                          integrate (&orders, FALSE, TRUE, 1));
    average_precision (&orders, points, &least, &most);
    self->ap = settle (self, least, most);
    least = find_least_f1 (&orders, &self->f1_key);
    self->f1_max = settle (self, least, find_most_f1 (&orders));
  }
  if (orders.overlap > 0 && orders.pro_negatives > 0)
    self->pro = settle (self, integrate (&orders, TRUE, FALSE, FE_PRO_LIMIT),
                        integrate (&orders, TRUE, TRUE, FE_PRO_LIMIT));
  orders_clear (&orders);
}

/* The root of the tree of @pixel (union-find). */
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

/* Joins a pixel with its neighbours in the row above and to the left. */
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
