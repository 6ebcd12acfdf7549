/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scores a PNG image with 8 bits per channel.
 *
 * usage: score-image WEIGHTS IMAGE.png
 */
#include <cairo.h>
#include <feclip/feclip.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipResult) result = NULL;
  FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_BGRX};
  cairo_surface_t *image;
  float maximum = 0;

  if (argc != 3) {
    g_printerr ("usage: %s WEIGHTS IMAGE.png\n", argv[0]);
    return 2;
  }
  image = cairo_image_surface_create_from_png (argv[2]);
  if (cairo_surface_status (image) != CAIRO_STATUS_SUCCESS) {
    g_printerr ("%s: %s\n", argv[2],
                cairo_status_to_string (cairo_surface_status (image)));
    return 1;
  }
  frame.width = cairo_image_surface_get_width (image);
  frame.height = cairo_image_surface_get_height (image);
  frame.planes[0] = cairo_image_surface_get_data (image);
  frame.strides[0] = cairo_image_surface_get_stride (image);

  g_object_set (settings, "model-file", argv[1], NULL);
  model = feclip_model_new (settings, &error);
  if (model)
    detector = feclip_detector_new (model, settings, &error);
  if (detector)
    result = feclip_detector_analyse (detector, &frame, &error);
  cairo_surface_destroy (image);
  if (!result) {
    g_printerr ("%s: %s\n", argv[2], error->message);
    return 1;
  }
  for (guint i = 0; i < result->map_width * result->map_height; i++)
    maximum = MAX (maximum, result->map[i]);
  g_print ("%s: score %.4f, map maximum %.4f\n", argv[2], result->score,
           maximum);
  return 0;
}
