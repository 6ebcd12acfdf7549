/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/golden.h"

#include <cairo.h>
#include <math.h>

char *
golden_path (const char *name)
{
  return g_build_filename (FECLIP_TEST_DATA, "golden", name, NULL);
}

/* The larger set where it is at hand. */
static FeWeights *
open_expected (void)
{
  const char *folder = g_getenv ("FECLIP_GOLDEN");
  g_autofree char *path =
      folder ? g_build_filename (folder, "expected.safetensors", NULL)
             : golden_path ("expected.safetensors");
  g_autoptr (GError) error = NULL;
  FeWeights *expected = fe_weights_open (path, &error);

  g_assert_no_error (error);
  return expected;
}

float *
golden_tensor (const char *name, FeShape *shape)
{
  g_autoptr (FeWeights) expected = open_expected ();
  g_autoptr (GError) error = NULL;
  gsize n = 1;
  float *values;

  if (!fe_weights_has (expected, name))
    return NULL;
  fe_weights_get_shape (expected, name, shape, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < shape->n_dims; i++)
    n *= shape->dims[i];
  values = g_new (float, n);
  fe_weights_read (expected, name, shape, values, &error);
  g_assert_no_error (error);
  return values;
}

JsonObject *
golden_expected (void)
{
  g_autofree char *path = golden_path ("expected.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

FeclipSettings *
golden_settings (void)
{
  g_autofree char *model = golden_path ("model.safetensors");
  g_autofree char *adapter = golden_path ("adapter.safetensors");
  FeclipSettings *settings = feclip_settings_new ();

  /* The golden numbers are exact to single precision on any device. */
  g_object_set (settings, "model-file", model, "adapter-file", adapter,
                "precision", FECLIP_PRECISION_FP32, NULL);
  return settings;
}

void
golden_frame_init (FeclipFrame *frame, guint index)
{
  g_autofree char *name = g_strdup_printf ("image%u.png", index);
  g_autofree char *path = golden_path (name);

  golden_frame_init_from (frame, path);
}

void
golden_frame_init_from (FeclipFrame *frame, const char *path)
{
  cairo_surface_t *image = cairo_image_surface_create_from_png (path);
  gsize size;

  g_assert_cmpint (cairo_surface_status (image), ==, CAIRO_STATUS_SUCCESS);
  *frame = (FeclipFrame){
      .format = FECLIP_PIXEL_FORMAT_BGRX, /* little-endian machines' RGB24 */
      .width = (guint)cairo_image_surface_get_width (image),
      .height = (guint)cairo_image_surface_get_height (image),
      .strides = {(gsize)cairo_image_surface_get_stride (image)},
  };
  size = frame->strides[0] * frame->height;
  frame->planes[0] = g_memdup2 (cairo_image_surface_get_data (image), size);
  cairo_surface_destroy (image);
}

void
golden_frame_clear (FeclipFrame *frame)
{
  g_free ((guint8 *)frame->planes[0]);
}

FeNetwork *
golden_network_new (FeConfig *config)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autofree char *model = golden_path ("model.safetensors");
  g_autofree char *adapter = golden_path ("adapter.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (FeDevice) device = fe_device_open (NULL, &error);
  FeNetwork *network;

  g_assert_no_error (error);
  network =
      fe_network_open (device, model, adapter,
                       (FeArithmetic){FECLIP_WEIGHTS_STORAGE_FP32}, &error);
  g_assert_no_error (error);
  fe_config_resolve (config, settings, network, &error);
  g_assert_no_error (error);
  return network;
}

FeclipDetector *
golden_detector_new (FeclipSettings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  FeclipDetector *detector;

  g_assert_no_error (error);
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  return detector;
}

FeclipResult *
golden_analyse (FeclipDetector *detector, guint index)
{
  g_autoptr (GError) error = NULL;
  FeclipResult *result;
  FeclipFrame frame;

  golden_frame_init (&frame, index);
  result = feclip_detector_analyse (detector, &frame, &error);
  g_assert_no_error (error);
  golden_frame_clear (&frame);
  return result;
}

void
golden_add (FeclipReferences *references, FeclipDetector *detector, guint index)
{
  g_autoptr (GError) error = NULL;
  FeclipFrame frame;

  golden_frame_init (&frame, index);
  feclip_references_add (references, detector, &frame, &error);
  g_assert_no_error (error);
  golden_frame_clear (&frame);
}

FePreprocess *
golden_record_patches (const FeNetwork *network, guint index,
                       const FeMatrix *patches, FeCommands *commands)
{
  const FeVisionConfig *config = &network->config;
  FePreprocess *preprocess =
      fe_preprocess_new (network->device, config->image_size,
                         config->patch_size, FECLIP_FIT_CROP, patches);
  g_autoptr (GError) error = NULL;
  FeclipFrame frame;
  gboolean changed;

  golden_frame_init (&frame, index);
  fe_preprocess_prepare (preprocess, &frame, &changed, &error);
  g_assert_no_error (error);
  fe_preprocess_upload (preprocess, &frame, &error);
  g_assert_no_error (error);
  fe_preprocess_record (preprocess, commands);
  golden_frame_clear (&frame);
  return preprocess;
}

double
largest_difference (const float *a, const float *b, gsize n)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++) {
    double difference = fabs ((double)a[i] - b[i]);

    if (!(difference <= largest))
      largest = difference;
  }
  return largest;
}

double
relative_difference (const float *a, const float *b, gsize n)
{
  double difference = 0, length = 0;

  for (gsize i = 0; i < n; i++) {
    difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    length += (double)b[i] * b[i];
  }
  return sqrt (difference / length);
}
