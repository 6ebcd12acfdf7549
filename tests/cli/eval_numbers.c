/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the measures of feclip eval for a file of scores and masks, for a test
 * that compares them with other implementations.
 *
 * usage: eval-numbers FILE
 *
 * The file holds, in the machine's byte order, three int32, the number of
 * images, their height and their width; then for each image a float64, its
 * score, an int32, 1 where it is defective, float32 [height][width], its map,
 * and uint8 of the same shape, its mask. One line of numbers is written for the
 * images, and one for the pixels in each of four ways: exact and streamed,
 * PRO's false positives from all images and from the defective ones. */
#include <stdio.h>

#include "eval/measures.h"
#include "eval/score_histogram.h"

typedef struct {
  gint32 n;
  gint32 height;
  gint32 width;
} Head;

typedef struct {
  double score;
  gint32 defective;
  const guint8 *map;
  const guint8 *mask;
} Image;

static const guint8 *
read_image (const guint8 *bytes, const Head *head, Image *image)
{
  gsize n_pixels = (gsize)head->height * (gsize)head->width;

  memcpy (&image->score, bytes, 8);
  memcpy (&image->defective, bytes + 8, 4);
  image->map = bytes + 12;
  image->mask = image->map + n_pixels * sizeof (float);
  return image->mask + n_pixels;
}

static void
print (const char *name, const FeMeasures *measures, double threshold)
{
  printf ("%s %.17g %.17g %.17g %.17g %.17g %.17g\n", name, measures->auroc,
          measures->ap, measures->f1_max, threshold, measures->pro,
          measures->error);
}

static void
measure_images (const guint8 *bytes, const Head *head)
{
  g_autofree double *scores = g_new (double, head->n);
  g_autofree gboolean *positive = g_new (gboolean, head->n);
  g_autoptr (GArray) points = NULL;
  g_autoptr (GArray) values = NULL;
  FeMeasures measures;
  Image image;

  for (int i = 0; i < head->n; i++) {
    bytes = read_image (bytes, head, &image);
    scores[i] = image.score;
    positive[i] = image.defective != 0;
  }
  points = fe_roc_points_new (scores, positive, (guint)head->n, &values);
  fe_measures_init (&measures, (const FeRocPoint *)(gpointer)points->data,
                    points->len);
  print ("images", &measures, g_array_index (values, double, measures.f1_key));
}

static void
add_image (FeScoreHistogram *histogram, const Head *head, const Image *image,
           gboolean defective_only)
{
  guint n_pixels = (guint)(head->height * head->width);
  g_autofree float *shares = g_new (float, n_pixels);
  FePixelClass normal = defective_only && !image->defective
                            ? FE_PIXEL_NEGATIVE_ASIDE
                            : FE_PIXEL_NEGATIVE;

  fe_regions_weigh (image->mask, (guint)head->width, (guint)head->height,
                    shares);
  for (guint i = 0; i < n_pixels; i++) {
    float score;

    memcpy (&score, image->map + i * sizeof score, sizeof score);
    fe_score_histogram_add (histogram, score,
                            image->mask[i] ? FE_PIXEL_POSITIVE : normal,
                            shares[i]);
  }
}

static void
measure_pixels (const guint8 *bytes, const Head *head, gboolean exact,
                gboolean defective_only)
{
  g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (exact);
  const FeRocPoint *points;
  FeMeasures measures;
  gsize n;

  for (int i = 0; i < head->n; i++) {
    Image image;

    bytes = read_image (bytes, head, &image);
    add_image (histogram, head, &image, defective_only);
  }
  points = fe_score_histogram_get_points (histogram, &n);
  fe_measures_init (&measures, points, n);
  print (exact ? "exact" : "streamed", &measures,
         (double)fe_roc_score (measures.f1_key));
}

int
main (int argc, char **argv)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 *bytes;
  Head head;

  if (argc != 2 || !g_file_get_contents (argv[1], &content, NULL, &error)) {
    fprintf (stderr, "eval-numbers: %s\n",
             error ? error->message : "a file is missing");
    return 1;
  }
  memcpy (&head, content, sizeof head);
  bytes = (const guint8 *)content + sizeof head;
  measure_images (bytes, &head);
  for (int way = 0; way < 4; way++)
    measure_pixels (bytes, &head, way % 2 == 0, way / 2 == 1);
  return 0;
}
