/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/evaluation.h"

#include <feclip/result.h>
#include <math.h>

#include "eval/mask.h"
#include "eval/measures.h"
#include "eval/roc.h"
#include "eval/score_histogram.h"

/* The two cells that a pixel lies between, and the weight of the second. */
typedef struct {
  guint first;
  guint second;
  float weight;
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
        .weight = (float)(at - first),
    };
  }
}

static float
mix (float a, float b, float share)
{
  return a + (b - a) * share;
}

/* Resamples the map bilinearly, with half-pixel centres, to [size][size], the
 * size of the network's input image. */
static void
crop_map (const FeclipResult *result, guint size, float *scores)
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
      float above = mix (upper[at->first], upper[at->second], at->weight);
      float below = mix (lower[at->first], lower[at->second], at->weight);

      *scores++ = mix (above, below, rows[row].weight);
    }
  }
}

/* The indices of the nearest pixels along one edge; @start and @length are
 * shares of the edge. */
static void
find_nearest (double start, double length, guint n_pixels, guint size,
              guint *places)
{
  for (guint i = 0; i < size; i++) {
    double at = (start + length * (i + 0.5) / size) * n_pixels;

    places[i] = (guint)CLAMP (floor (at), 0, n_pixels - 1.0);
  }
}

/* Samples the mask to [size][size] with the nearest pixel, where @result lies
 * in the image. */
static void
crop_mask (const FeMask *mask, const FeclipResult *result, guint size,
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

/* The worst of any number of images. */
typedef struct {
  /* FeWorstImage entries, the worst one first. */
  GArray *images;
  guint max;
} WorstList;

static void
clear_image (gpointer data)
{
  FeWorstImage *image = data;

  feclip_result_unref (image->result);
}

static void
worst_list_init (WorstList *self, guint max)
{
  self->images = g_array_new (FALSE, FALSE, sizeof (FeWorstImage));
  g_array_set_clear_func (self->images, clear_image);
  self->max = max;
}

static void
worst_list_clear (WorstList *self)
{
  g_clear_pointer (&self->images, g_array_unref);
}

/* Copies @image, with a reference to its result, if it is among the worst. */
static void
worst_list_add (WorstList *self, const FeWorstImage *image)
{
  FeWorstImage kept = *image;
  guint place = self->images->len;

  while (place > 0
         && g_array_index (self->images, FeWorstImage, place - 1).value
                > image->value)
    place--;
  if (place == self->max)
    return;
  feclip_result_ref (kept.result);
  g_array_insert_val (self->images, place, kept);
  if (self->images->len > self->max)
    g_array_set_size (self->images, self->max);
}

static void
worst_list_empty (WorstList *self)
{
  g_array_set_size (self->images, 0);
}

struct _FeEvaluation {
  FeEvaluationOptions options;
  GArray *scores;
  GPtrArray *outcomes;
  FeOutcome *pooled;
  FeOutcome *mean;
  FeScoreHistogram *pooled_pixels;
  WorstList worst[FE_N_WORST];
  double error;

  /* The current category, NULL before the first one. */
  const FeCategory *category;
  guint first_score;
  FeOutcome *outcome;
  FeScoreHistogram *pixels;
  WorstList candidates[FE_N_WORST];

  /* [size][size] of one image. */
  float *map;
  guint8 *mask;
  float *shares;
};

static FeOutcome *
outcome_new (const char *name)
{
  FeOutcome *self = g_new0 (FeOutcome, 1);

  self->name = g_strdup (name);
  fe_measures_init (&self->image, NULL, 0);
  fe_measures_init (&self->pixel, NULL, 0);
  self->threshold = self->pixel_threshold = NAN;
  return self;
}

static void
outcome_free (gpointer data)
{
  FeOutcome *self = data;

  if (!self)
    return;
  g_clear_pointer (&self->image_curve, g_array_unref);
  g_clear_pointer (&self->pixel_curve, g_array_unref);
  g_free (self->name);
  g_free (self);
}

FeEvaluation *
fe_evaluation_new (const FeEvaluationOptions *options)
{
  FeEvaluation *self = g_new0 (FeEvaluation, 1);
  gsize n_pixels = (gsize)options->size * options->size;

  self->options = *options;
  self->scores = g_array_new (FALSE, FALSE, sizeof (FeScore));
  self->outcomes = g_ptr_array_new_with_free_func (outcome_free);
  self->pooled = outcome_new ("pooled");
  self->mean = outcome_new ("mean");
  self->pooled_pixels = fe_score_histogram_new (options->exact);
  for (guint i = 0; i < FE_N_WORST; i++) {
    worst_list_init (&self->worst[i], options->n_worst);
    worst_list_init (&self->candidates[i], options->n_worst);
  }
  self->map = g_new (float, n_pixels);
  self->mask = g_new (guint8, n_pixels);
  self->shares = g_new (float, n_pixels);
  return self;
}

void
fe_evaluation_free (FeEvaluation *self)
{
  if (!self)
    return;
  for (guint i = 0; i < FE_N_WORST; i++) {
    worst_list_clear (&self->worst[i]);
    worst_list_clear (&self->candidates[i]);
  }
  fe_score_histogram_free (self->pixels);
  fe_score_histogram_free (self->pooled_pixels);
  outcome_free (self->outcome);
  outcome_free (self->pooled);
  outcome_free (self->mean);
  g_ptr_array_unref (self->outcomes);
  g_array_unref (self->scores);
  g_free (self->shares);
  g_free (self->mask);
  g_free (self->map);
  g_free (self);
}

static void
add_pixel_scores (FeEvaluation *self, FeScoreHistogram *histogram,
                  FePixelClass normal)
{
  guint n_pixels = self->options.size * self->options.size;

  for (guint i = 0; i < n_pixels; i++)
    fe_score_histogram_add (histogram, self->map[i],
                            self->mask[i] ? FE_PIXEL_POSITIVE : normal,
                            self->shares[i]);
}

/* The AUROC of the pixels of this image alone. */
static double
measure_image (FeEvaluation *self)
{
  g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (TRUE);
  FeMeasures measures;
  const FeRocPoint *points;
  gsize n;

  add_pixel_scores (self, histogram, FE_PIXEL_NEGATIVE);
  points = fe_score_histogram_get_points (histogram, &n);
  fe_measures_init (&measures, points, n);
  return measures.auroc;
}

/* Adds the pixels of an image, if they count. Returns how well a defective
 * image's map locates its defect, else NaN. */
static double
add_pixels (FeEvaluation *self, const FeCase *item, const FeMask *mask,
            const FeclipResult *result)
{
  guint size = self->options.size;
  gboolean good = item->truth == FE_TRUTH_GOOD;

  if (result->map_width == 0 || self->category->n_masks == 0
      || item->truth == FE_TRUTH_UNKNOWN || (!good && !mask))
    return NAN;
  crop_map (result, size, self->map);
  if (good)
    memset (self->mask, 0, (gsize)size * size);
  else
    crop_mask (mask, result, size, self->mask);
  self->outcome->n_regions +=
      fe_regions_weigh (self->mask, size, size, self->shares);
  add_pixel_scores (self, self->pixels,
                    good && self->options.pro_defective
                        ? FE_PIXEL_NEGATIVE_ASIDE
                        : FE_PIXEL_NEGATIVE);
  return good ? NAN : measure_image (self);
}

static void
add_candidate (FeEvaluation *self, FeWorstKind kind, const FeCase *item,
               FeclipResult *result, double value)
{
  const FeWorstImage image = {
      .item = item,
      .category = self->category,
      .result = result,
      .value = value,
  };

  if (!isnan (value))
    worst_list_add (&self->candidates[kind], &image);
}

static void
measure_images (FeEvaluation *self, guint first, FeOutcome *outcome)
{
  g_autofree double *scores = g_new (double, self->scores->len - first);
  g_autofree gboolean *positive = g_new (gboolean, self->scores->len - first);
  g_autoptr (GArray) values = NULL;
  g_autoptr (GArray) points = NULL;
  guint n = 0;

  for (guint i = first; i < self->scores->len; i++) {
    const FeScore *score = &g_array_index (self->scores, FeScore, i);

    if (score->item->truth == FE_TRUTH_UNKNOWN)
      continue;
    scores[n] = score->score;
    positive[n++] = score->item->truth == FE_TRUTH_DEFECTIVE;
  }
  points = fe_roc_points_new (scores, positive, n, &values);
  fe_measures_init (&outcome->image, (const FeRocPoint *)(gpointer)points->data,
                    points->len);
  outcome->image_curve =
      fe_curve_new ((const FeRocPoint *)(gpointer)points->data, points->len);
  if (!isnan (outcome->image.f1_max))
    outcome->threshold = g_array_index (values, double, outcome->image.f1_key);
}

static void
measure_pixels (FeEvaluation *self, FeScoreHistogram *pixels,
                FeOutcome *outcome)
{
  gsize n;
  const FeRocPoint *points = fe_score_histogram_get_points (pixels, &n);

  fe_measures_init (&outcome->pixel, points, n);
  outcome->pixel_curve = fe_curve_new (points, n);
  if (!isnan (outcome->pixel.f1_max))
    outcome->pixel_threshold = (double)fe_roc_score (outcome->pixel.f1_key);
  self->error = MAX (self->error, outcome->pixel.error);
}

static double
choose (double number, double otherwise)
{
  return isnan (number) ? otherwise : number;
}

/* Moves the category's candidates to the worst images, now that its thresholds
 * are known. */
static void
keep_worst (FeEvaluation *self)
{
  double threshold = choose (self->outcome->threshold, self->options.threshold);

  for (guint kind = 0; kind < FE_N_WORST; kind++) {
    WorstList *candidates = &self->candidates[kind];

    for (guint i = 0; i < candidates->images->len; i++) {
      FeWorstImage image = g_array_index (candidates->images, FeWorstImage, i);

      image.threshold = threshold;
      image.pixel_threshold = choose (self->outcome->pixel_threshold,
                                      self->options.pixel_threshold);
      if (kind == FE_WORST_ALARMS || kind == FE_WORST_SUSPECTS)
        image.value += threshold;
      else if (kind == FE_WORST_MISSED)
        image.value -= threshold;
      worst_list_add (&self->worst[kind], &image);
    }
    worst_list_empty (candidates);
  }
}

static void
end_category (FeEvaluation *self)
{
  FeOutcome *outcome = self->outcome;

  if (!self->category)
    return;
  measure_images (self, self->first_score, outcome);
  measure_pixels (self, self->pixels, outcome);
  keep_worst (self);
  fe_score_histogram_merge (self->pooled_pixels, self->pixels);
  g_clear_pointer (&self->pixels, fe_score_histogram_free);
  self->pooled->n_good += outcome->n_good;
  self->pooled->n_defective += outcome->n_defective;
  self->pooled->n_unknown += outcome->n_unknown;
  self->pooled->n_regions += outcome->n_regions;
  g_ptr_array_add (self->outcomes, g_steal_pointer (&self->outcome));
  self->category = NULL;
}

static void
begin_category (FeEvaluation *self, const FeCategory *category)
{
  end_category (self);
  self->category = category;
  self->first_score = self->scores->len;
  self->outcome = outcome_new (category->name);
  self->pixels = fe_score_histogram_new (self->options.exact);
}

void
fe_evaluation_add (FeEvaluation *self, const FeCategory *category,
                   const FeCase *item, const FeMask *mask, FeclipResult *result)
{
  FeScore score = {.item = item, .category = category};

  if (category != self->category)
    begin_category (self, category);
  score.score = result->score;
  score.located = add_pixels (self, item, mask, result);
  g_array_append_val (self->scores, score);
  if (item->truth == FE_TRUTH_GOOD) {
    self->outcome->n_good++;
    add_candidate (self, FE_WORST_ALARMS, item, result, -score.score);
  } else if (item->truth == FE_TRUTH_DEFECTIVE) {
    self->outcome->n_defective++;
    add_candidate (self, FE_WORST_MISSED, item, result, score.score);
    add_candidate (self, FE_WORST_LOCATED, item, result, score.located);
  } else {
    self->outcome->n_unknown++;
    add_candidate (self, FE_WORST_SUSPECTS, item, result, -score.score);
  }
}

/* The mean over the categories in which the number at @offset is defined. */
static void
average (FeEvaluation *self, gsize offset)
{
  double *mean = G_STRUCT_MEMBER_P (self->mean, offset);
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < self->outcomes->len; i++) {
    gpointer outcome = g_ptr_array_index (self->outcomes, i);
    double number = G_STRUCT_MEMBER (double, outcome, offset);

    if (!isnan (number)) {
      sum += number;
      n++;
    }
  }
  *mean = n > 0 ? sum / n : NAN;
}

void
fe_evaluation_finish (FeEvaluation *self)
{
  static const gsize offsets[] = {
      offsetof (FeOutcome, image.auroc),  offsetof (FeOutcome, image.ap),
      offsetof (FeOutcome, image.f1_max), offsetof (FeOutcome, pixel.auroc),
      offsetof (FeOutcome, pixel.ap),     offsetof (FeOutcome, pixel.f1_max),
      offsetof (FeOutcome, pixel.pro),
  };

  end_category (self);
  measure_images (self, 0, self->pooled);
  measure_pixels (self, self->pooled_pixels, self->pooled);
  self->mean->n_good = self->pooled->n_good;
  self->mean->n_defective = self->pooled->n_defective;
  self->mean->n_unknown = self->pooled->n_unknown;
  self->mean->n_regions = self->pooled->n_regions;
  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    average (self, offsets[i]);
}

GPtrArray *
fe_evaluation_get_outcomes (FeEvaluation *self)
{
  return self->outcomes;
}

const FeOutcome *
fe_evaluation_get_mean (FeEvaluation *self)
{
  return self->mean;
}

const FeOutcome *
fe_evaluation_get_pooled (FeEvaluation *self)
{
  return self->pooled;
}

GArray *
fe_evaluation_get_scores (FeEvaluation *self)
{
  return self->scores;
}

GArray *
fe_evaluation_get_worst (FeEvaluation *self, FeWorstKind kind)
{
  return self->worst[kind].images;
}

double
fe_evaluation_get_error (FeEvaluation *self)
{
  return self->error;
}
