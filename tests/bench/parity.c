/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far half precision is from single: one picture of noise through a network
 * with random weights, in both. Says how far the score and the map are off.
 *
 * usage: parity SIZE    a size of feclip_model_new_random()
 *
 * FECLIP_DEVICE  the device; unset: the best. Fails where the map is
 * further off than 5e-3. */
#include <feclip/feclip.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "network.h"

#define SEED 1
#define EDGE 336
#define MOST 5e-3

static FeclipResult *
run (const char *size, FeclipPrecision precision, gboolean *on_units,
     GError **error)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (FeclipDetector) detector = NULL;
  g_autofree guint8 *pixels = g_malloc (3 * EDGE * EDGE);
  GRand *random = g_rand_new_with_seed (SEED);
  const FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB,
      .width = EDGE,
      .height = EDGE,
      .planes = {pixels},
      .strides = {3 * EDGE},
  };

  for (guint i = 0; i < 3 * EDGE * EDGE; i++)
    pixels[i] = g_rand_int (random) >> 24;
  g_rand_free (random);
  g_object_set (settings, "device", g_getenv ("FECLIP_DEVICE"), "precision",
                precision, NULL);
  model = feclip_model_new_random (settings, size, SEED, error);
  detector = model ? feclip_detector_new (model, settings, error) : NULL;
  if (!detector)
    return NULL;
  *on_units = fe_model_get_network (model)->device->units.k > 0;
  return feclip_detector_analyse (detector, &frame, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (FeclipResult) single = NULL, half = NULL;
  g_autoptr (GError) error = NULL;
  gboolean on_units = FALSE;
  double worst = 0, low = INFINITY, high = -INFINITY;

  if (argc != 2) {
    fprintf (stderr, "usage: parity SIZE\n");
    return EXIT_FAILURE;
  }
  single = run (argv[1], FECLIP_PRECISION_FP32, &on_units, &error);
  if (single)
    half = run (argv[1], FECLIP_PRECISION_FP16, &on_units, &error);
  if (!half) {
    fprintf (stderr, "parity: %s\n", error->message);
    return EXIT_FAILURE;
  }
  for (guint i = 0; i < single->map_width * single->map_height; i++) {
    worst = MAX (worst, fabs ((double)single->map[i] - half->map[i]));
    low = MIN (low, single->map[i]);
    high = MAX (high, single->map[i]);
  }
  printf ("%s%s: fp16 beside fp32, score %g off by %g, map of %g to %g off by "
          "%g at most\n",
          argv[1], on_units ? "" : ", without matrix units", single->score,
          fabs (single->score - half->score), low, high, worst);
  return worst < MOST ? EXIT_SUCCESS : EXIT_FAILURE;
}
