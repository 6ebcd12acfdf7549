/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/score_histogram.h"

#include <string.h>

/* The number of pixels that are sorted at once. */
#define BATCH_SIZE (1u << 20)
/* With fewer entries, merging bins is not worth its time. */
#define MIN_ENTRIES (1u << 19)
/* The digits of the radix sort. */
#define DIGIT_BITS 11
#define N_DIGITS (1u << DIGIT_BITS)

/* One pixel. */
typedef struct {
  guint32 key;
  /* Above 0 for FE_PIXEL_POSITIVE, 0 for FE_PIXEL_NEGATIVE, below 0 for
   * FE_PIXEL_NEGATIVE_ASIDE. */
  float overlap;
} Pixel;

struct _FeScoreHistogram {
  gboolean exact;
  /* Pixels that are not in the entries yet. */
  GArray *batch;
  FeRocPoint *entries;
  gsize n;
  /* The number of entries above which bins are merged. */
  gsize limit;
  /* Sums over all entries. */
  FeRocPoint total;
};

/* Ascending pixels or entries, which are taken from the end. */
typedef struct {
  const Pixel *pixels;
  const FeRocPoint *points;
  gsize n;
} Source;

FeScoreHistogram *
fe_score_histogram_new (gboolean exact)
{
  FeScoreHistogram *self = g_new0 (FeScoreHistogram, 1);

  self->exact = exact;
  self->batch = g_array_new (FALSE, FALSE, sizeof (Pixel));
  self->limit = MIN_ENTRIES;
  return self;
}

void
fe_score_histogram_free (FeScoreHistogram *self)
{
  if (!self)
    return;
  g_array_unref (self->batch);
  g_free (self->entries);
  g_free (self);
}

static void
add_counts (FeRocPoint *sum, const FeRocPoint *point)
{
  sum->positives += point->positives;
  sum->negatives += point->negatives;
  sum->pro_negatives += point->pro_negatives;
  sum->overlap += point->overlap;
}

static void
sort_by_digit (const Pixel *from, gsize n, guint shift, Pixel *to)
{
  gsize starts[N_DIGITS + 1] = {0};

  for (gsize i = 0; i < n; i++)
    starts[(from[i].key >> shift) % N_DIGITS + 1]++;
  for (guint i = 0; i < N_DIGITS; i++)
    starts[i + 1] += starts[i];
  for (gsize i = 0; i < n; i++)
    to[starts[(from[i].key >> shift) % N_DIGITS]++] = from[i];
}

static void
sort_batch (GArray *batch)
{
  g_autofree Pixel *scratch = g_new (Pixel, batch->len);
  Pixel *from = (Pixel *)(gpointer)batch->data;
  Pixel *to = scratch;

  for (guint shift = 0; shift < 32; shift += DIGIT_BITS) {
    Pixel *sorted = to;

    sort_by_digit (from, batch->len, shift, to);
    to = from;
    from = sorted;
  }
  if (from == scratch)
    memcpy (batch->data, scratch, batch->len * sizeof (Pixel));
}

/* @low ascending, then the widest first. */
static int
compare (const FeRocPoint *a, const FeRocPoint *b)
{
  if (a->low != b->low)
    return a->low < b->low ? -1 : 1;
  return (a->high < b->high) - (a->high > b->high);
}

/* Takes the last entry, or all pixels of the last key; FALSE at the end. */
static gboolean
take_last (Source *source, FeRocPoint *point)
{
  guint32 key;

  if (source->n == 0)
    return FALSE;
  if (source->points) {
    *point = source->points[--source->n];
    return TRUE;
  }
  key = source->pixels[source->n - 1].key;
  *point = (FeRocPoint){.low = key, .high = key};
  while (source->n > 0 && source->pixels[source->n - 1].key == key) {
    const float overlap = source->pixels[--source->n].overlap;

    point->positives += overlap > 0;
    point->negatives += overlap <= 0;
    point->pro_negatives += overlap == 0;
    point->overlap += MAX ((double)overlap, 0);
  }
  return TRUE;
}

static gsize
count_entries (const Source *source)
{
  gsize n = source->points ? source->n : 0;

  for (gsize i = 0; source->pixels && i < source->n; i++)
    n += i == 0 || source->pixels[i].key != source->pixels[i - 1].key;
  return n;
}

/* Removes the unused entries before @first. */
static void
close_gap (FeScoreHistogram *self, gsize first)
{
  memmove (self->entries, self->entries + first,
           (self->n - first) * sizeof (FeRocPoint));
  self->n -= first;
}

/* Merges in place, starting at the end. */
static void
merge_source (FeScoreHistogram *self, Source source)
{
  gsize n_old = self->n;
  gsize place = n_old + count_entries (&source);
  FeRocPoint point;

  if (place == 0)
    return;
  self->n = place;
  self->entries = g_renew (FeRocPoint, self->entries, place);
  while (take_last (&source, &point)) {
    while (n_old > 0 && compare (&self->entries[n_old - 1], &point) > 0)
      self->entries[--place] = self->entries[--n_old];
    add_counts (&self->total, &point);
    if (n_old > 0 && compare (&self->entries[n_old - 1], &point) == 0)
      add_counts (&point, &self->entries[--n_old]);
    self->entries[--place] = point;
  }
  /* The remaining old entries are in order; they move next to the merged ones.
   */
  memmove (self->entries + place - n_old, self->entries,
           n_old * sizeof (FeRocPoint));
  close_gap (self, place - n_old);
}

static gboolean
may_be_merged (const FeScoreHistogram *self, const FeRocPoint *sum,
               double above)
{
  const FeRocPoint *total = &self->total;

  return sum->positives * FE_SCORE_HISTOGRAM_PARTS <= total->positives
         && sum->negatives * FE_SCORE_HISTOGRAM_PARTS <= total->negatives
         && sum->pro_negatives * FE_SCORE_HISTOGRAM_PARTS
                <= total->pro_negatives
         && sum->overlap * FE_SCORE_HISTOGRAM_PARTS <= total->overlap
         && (sum->positives + sum->negatives) * FE_SCORE_HISTOGRAM_PARTS
                <= above;
}

/*
 * Merges entries whose keys agree except for the last @bits bits, where the
 * limits allow it. A wider bin stands before all entries in its range, so that
 * the entries of a bin are adjacent.
 */
static void
merge_bins (FeScoreHistogram *self, guint bits)
{
  FeRocPoint *entries = self->entries;
  gsize place = self->n;
  double above = 0;

  for (gsize end = self->n; end > 0;) {
    FeRocPoint sum = {.low = entries[end - 1].low >> bits << bits};
    gsize first = end;

    sum.high = sum.low | ((1u << bits) - 1);
    while (first > 0 && entries[first - 1].low >= sum.low
           && entries[first - 1].high <= sum.high)
      add_counts (&sum, &entries[--first]);
    if (first == end) {
      /* It is a wider bin already. */
      add_counts (&sum, &entries[--first]);
      entries[--place] = entries[first];
    } else if (end - first > 1 && may_be_merged (self, &sum, above)) {
      entries[--place] = sum;
    } else {
      place -= end - first;
      memmove (entries + place, entries + first,
               (end - first) * sizeof (FeRocPoint));
    }
    above += sum.positives + sum.negatives;
    end = first;
  }
  close_gap (self, place);
}

static void
limit_entries (FeScoreHistogram *self)
{
  if (self->exact || self->n <= self->limit)
    return;
  for (guint bits = 4; bits <= 16; bits += 4)
    merge_bins (self, bits);
  self->limit = MAX (MIN_ENTRIES, self->n + self->n / 2);
}

static void
flush (FeScoreHistogram *self)
{
  if (self->batch->len == 0)
    return;
  sort_batch (self->batch);
  merge_source (self,
                (Source){.pixels = (const Pixel *)(gpointer)self->batch->data,
                         .n = self->batch->len});
  g_array_set_size (self->batch, 0);
  limit_entries (self);
}

void
fe_score_histogram_add (FeScoreHistogram *self, float score,
                        FePixelClass pixel_class, float overlap)
{
  const Pixel pixel = {
      .key = fe_roc_key (score),
      .overlap = pixel_class == FE_PIXEL_POSITIVE         ? overlap
                 : pixel_class == FE_PIXEL_NEGATIVE_ASIDE ? -1
                                                          : 0,
  };
  /* An exact histogram grows without limit, so merging must become rarer. */
  gsize limit = self->exact ? MAX (BATCH_SIZE, self->n / 2) : BATCH_SIZE;

  g_array_append_val (self->batch, pixel);
  if (self->batch->len >= limit)
    flush (self);
}

void
fe_score_histogram_merge (FeScoreHistogram *self, FeScoreHistogram *other)
{
  flush (self);
  flush (other);
  merge_source (self, (Source){.points = other->entries, .n = other->n});
  limit_entries (self);
}

const FeRocPoint *
fe_score_histogram_get_points (FeScoreHistogram *self, gsize *n)
{
  flush (self);
  *n = self->n;
  return self->entries;
}
