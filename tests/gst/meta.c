/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C API of the metadata, and the encodings on a buffer. */
#include <feclip/gst/meta.h>
#include <gst/video/video.h>

#if FE_HAVE_ANALYTICS
#include <gst/analytics/analytics.h>
#endif

enum {
  WIDTH = 64,
  HEIGHT = 32,
  MAP = 4,
};

/* Two defects: one in the upper left corner, one at the right border. */
static const float two_defects[MAP * MAP] = {
    0.9f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.7f,
    0.1f, 0.1f, 0.1f, 0.7f, 0.1f, 0.1f, 0.1f, 0.1f,
};

static const double taps[] = {0.25, 0.5, 0.75};

static FeclipResult *
make_result (double score, const float *map)
{
  return feclip_result_new (&(FeclipResult){
      .score = score,
      .n_taps = G_N_ELEMENTS (taps),
      .tap_scores = taps,
      .width = 1,
      .height = 1,
      .map_type = FECLIP_MAP_TYPE_PROBABILITY,
      .map_width = map != NULL ? MAP : 0,
      .map_height = map != NULL ? MAP : 0,
      .map = map,
  });
}

static GstBuffer *
make_buffer (double score, const float *map)
{
  g_autoptr (FeclipResult) result = make_result (score, map);
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.6, TRUE);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 4, NULL);

  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  return buffer;
}

static GstStructure *
fields_of (GstBuffer *buffer)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, FECLIP_META_NAME);

  g_assert_nonnull (meta);
  return gst_custom_meta_get_structure (meta);
}

static void
test_verdict (void)
{
  g_autoptr (FeclipResult) result = make_result (0.5, two_defects);
  g_autoptr (FeclipVerdict) at = feclip_verdict_new (result, 0.5, 0.6, TRUE);
  g_autoptr (FeclipVerdict) below =
      feclip_verdict_new (result, 0.51, 0.6, FALSE);
  g_autoptr (FeclipVerdict) copy = g_boxed_copy (FECLIP_TYPE_VERDICT, below);

  g_assert_true (at->anomalous);
  g_assert_true (at->analysed);
  g_assert_false (below->anomalous);
  g_assert_false (below->analysed);
  g_assert_true (copy->result == result);
  g_assert_cmpfloat (copy->threshold, ==, 0.51);
}

static void
test_round_trip (void)
{
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 0.8125,
      .n_taps = G_N_ELEMENTS (taps),
      .tap_scores = taps,
      .x = 0.25,
      .y = 0.125,
      .width = 0.5,
      .height = 0.75,
      .map_type = FECLIP_MAP_TYPE_FEW_SHOT,
      .map_width = MAP,
      .map_height = MAP,
      .map = two_defects,
      .n_references = 3,
  });
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, -3.5, 0.25, FALSE);
  g_autoptr (FeclipVerdict) read = NULL;
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();

  verdict->fresh = TRUE;
  verdict->result_age = 40 * GST_MSECOND;
  g_assert_null (feclip_verdict_from_buffer (buffer));
  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  read = feclip_verdict_from_buffer (buffer);
  g_assert_nonnull (read);
  g_assert_cmpfloat (read->threshold, ==, -3.5);
  g_assert_cmpfloat (read->pixel_threshold, ==, 0.25);
  g_assert_true (read->anomalous);
  g_assert_false (read->analysed);
  g_assert_true (read->fresh);
  g_assert_cmpuint (read->result_age, ==, 40 * GST_MSECOND);
  g_assert_cmpfloat (read->result->score, ==, 0.8125);
  g_assert_cmpmem (read->result->tap_scores,
                   read->result->n_taps * sizeof (double), taps, sizeof taps);
  g_assert_cmpfloat (read->result->x, ==, 0.25);
  g_assert_cmpfloat (read->result->y, ==, 0.125);
  g_assert_cmpfloat (read->result->width, ==, 0.5);
  g_assert_cmpfloat (read->result->height, ==, 0.75);
  g_assert_cmpint (read->result->map_type, ==, FECLIP_MAP_TYPE_FEW_SHOT);
  g_assert_cmpuint (read->result->n_references, ==, 3);
  g_assert_cmpuint (read->result->map_width, ==, MAP);
  g_assert_cmpuint (read->result->map_height, ==, MAP);
  g_assert_cmpmem (read->result->map, sizeof two_defects, two_defects,
                   sizeof two_defects);
}

/* The fields that programs in other languages read. */
static void
test_fields (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  const GstStructure *fields = fields_of (buffer);
  g_autoptr (GBytes) map = NULL;
  double score = 0, threshold = 0, pixel_threshold = 0, width = 0;
  gboolean anomalous = FALSE, analysed = FALSE;
  int map_width = 0, map_height = 0;

  g_assert_true (gst_structure_get (
      fields, "score", G_TYPE_DOUBLE, &score, "threshold", G_TYPE_DOUBLE,
      &threshold, "pixel-threshold", G_TYPE_DOUBLE, &pixel_threshold, "width",
      G_TYPE_DOUBLE, &width, "anomalous", G_TYPE_BOOLEAN, &anomalous,
      "analysed", G_TYPE_BOOLEAN, &analysed, "map-width", G_TYPE_INT,
      &map_width, "map-height", G_TYPE_INT, &map_height, "map", G_TYPE_BYTES,
      &map, NULL));
  g_assert_cmpfloat (score, ==, 0.75);
  g_assert_cmpfloat (threshold, ==, 0.5);
  g_assert_cmpfloat (pixel_threshold, ==, 0.6);
  g_assert_cmpfloat (width, ==, 1);
  g_assert_true (anomalous);
  g_assert_true (analysed);
  g_assert_cmpint (map_width, ==, MAP);
  g_assert_cmpint (map_height, ==, MAP);
  g_assert_cmpuint (g_bytes_get_size (map), ==, sizeof two_defects);
  g_assert_cmpstr (gst_structure_get_string (fields, "map-type"), ==,
                   "probability");
  g_assert_cmpuint (
      gst_value_array_get_size (gst_structure_get_value (fields, "tap-scores")),
      ==, G_N_ELEMENTS (taps));
}

/* A meta of another program may lack the result's age. */
static void
test_without_age (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.25, NULL);
  g_autoptr (FeclipVerdict) own = feclip_verdict_from_buffer (buffer);
  g_autoptr (FeclipVerdict) other = NULL;

  g_assert_true (own->fresh);
  g_assert_cmpuint (own->result_age, ==, 0);
  gst_structure_set (fields_of (buffer), "analysed", G_TYPE_BOOLEAN, FALSE,
                     NULL);
  gst_structure_remove_fields (fields_of (buffer), "fresh", "result-age", NULL);
  other = feclip_verdict_from_buffer (buffer);
  g_assert_false (other->fresh);
  g_assert_cmpuint (other->result_age, ==, GST_CLOCK_TIME_NONE);
}

static void
test_without_map (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.25, NULL);
  g_autoptr (FeclipVerdict) read = feclip_verdict_from_buffer (buffer);

  g_assert_nonnull (read);
  g_assert_cmpuint (read->result->map_width, ==, 0);
  g_assert_null (read->result->map);
  g_assert_false (gst_structure_has_field (fields_of (buffer), "map"));
  g_assert_cmpuint (gst_buffer_get_n_meta (
                        buffer, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
                    ==, 0);
}

static GstVideoRegionOfInterestMeta *
next_region (GstBuffer *buffer, gpointer *state)
{
  return (GstVideoRegionOfInterestMeta *)gst_buffer_iterate_meta_filtered (
      buffer, state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

static void
test_regions (void)
{
  g_autoptr (FeclipResult) result = make_result (0.75, two_defects);
  g_autoptr (GArray) defects =
      feclip_result_find_defects (result, WIDTH, HEIGHT, 0.6);
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  gpointer state = NULL;

  g_assert_cmpuint (defects->len, ==, 2);
  for (guint i = 0; i < defects->len; i++) {
    const FeclipDefect *d = &g_array_index (defects, FeclipDefect, i);
    GstVideoRegionOfInterestMeta *region = next_region (buffer, &state);
    GstStructure *detection = NULL;
    double x_min = 0, x_max = 0, y_min = 0, y_max = 0, confidence = 0;
    const char *label = NULL;
    int label_id = -1;

    g_assert_nonnull (region);
    g_assert_cmpstr (g_quark_to_string (region->roi_type), ==, "anomaly");
    g_assert_cmpint (region->parent_id, ==, -1);
    detection =
        gst_video_region_of_interest_meta_get_param (region, "detection");
    g_assert_nonnull (detection);
    g_assert_true (gst_structure_get (
        detection, "x_min", G_TYPE_DOUBLE, &x_min, "x_max", G_TYPE_DOUBLE,
        &x_max, "y_min", G_TYPE_DOUBLE, &y_min, "y_max", G_TYPE_DOUBLE, &y_max,
        "confidence", G_TYPE_DOUBLE, &confidence, "label_id", G_TYPE_INT,
        &label_id, NULL));
    label = gst_structure_get_string (detection, "label");
    g_assert_cmpstr (label, ==, "anomaly");
    g_assert_cmpint (label_id, ==, 0);
    g_assert_cmpfloat (confidence, ==, d->confidence);
    g_assert_cmpfloat (x_min, ==, d->x_min);
    g_assert_cmpfloat (y_max, ==, d->y_max);
    g_assert_cmpfloat_with_epsilon (region->x, x_min * WIDTH, 1e-6);
    g_assert_cmpfloat_with_epsilon (region->y, y_min * HEIGHT, 1e-6);
    g_assert_cmpfloat_with_epsilon (region->x + region->w, x_max * WIDTH, 1e-6);
    g_assert_cmpfloat_with_epsilon (region->y + region->h, y_max * HEIGHT,
                                    1e-6);
  }
  g_assert_null (next_region (buffer, &state));
}

static void
test_given_defects (void)
{
  g_autoptr (FeclipResult) result = make_result (0.75, two_defects);
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.6, TRUE);
  g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (FeclipDefect));
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  FeclipDefect defect = {.x_max = 1, .y_max = 1, .confidence = 0.9};
  gpointer state = NULL;

  g_array_append_val (one, defect);
  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, one);
  g_assert_cmpuint (next_region (buffer, &state)->w, ==, WIDTH);
  g_assert_null (next_region (buffer, &state));
}

/* Copies of a buffer keep the metadata, and the fields of a copy can be
 * changed. */
static void
test_copies (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  g_autoptr (GstBuffer) copy = gst_buffer_copy (buffer);
  g_autoptr (GstBuffer) part =
      gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 1, 2);
  g_autoptr (FeclipVerdict) of_copy = NULL;
  g_autoptr (FeclipVerdict) of_part = feclip_verdict_from_buffer (part);
  g_autoptr (FeclipVerdict) of_buffer = NULL;

  g_assert_nonnull (of_part);
  gst_structure_set (fields_of (copy), "score", G_TYPE_DOUBLE, 0.125, NULL);
  of_copy = feclip_verdict_from_buffer (copy);
  of_buffer = feclip_verdict_from_buffer (buffer);
  g_assert_cmpfloat (of_copy->result->score, ==, 0.125);
  g_assert_cmpfloat (of_buffer->result->score, ==, 0.75);

  gst_clear_buffer (&buffer);
  g_assert_cmpmem (of_copy->result->map, sizeof two_defects, two_defects,
                   sizeof two_defects);
}

/* A later verdict replaces an earlier one and keeps the metadata of other
 * elements. */
static void
test_replaced (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  g_autoptr (FeclipResult) result = make_result (0.25, NULL);
  g_autoptr (FeclipVerdict) later =
      feclip_verdict_new (result, 0.5, 0.6, FALSE);
  g_autoptr (FeclipVerdict) read = NULL;
  gpointer state = NULL;

  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 1, 2, 3, 4);
  feclip_verdict_attach (later, buffer, WIDTH, HEIGHT, NULL);
  read = feclip_verdict_from_buffer (buffer);
  g_assert_cmpfloat (read->result->score, ==, 0.25);
  g_assert_cmpuint (
      gst_buffer_get_n_meta (buffer, feclip_meta_get_info ()->api), ==, 1);
  g_assert_cmpuint (next_region (buffer, &state)->x, ==, 1);
  g_assert_null (next_region (buffer, &state));
}

/* Any program may write the meta: fields that contradict each other give no
 * verdict. */
static void
test_damaged (void)
{
  static const char *const fields[] = {
      "score",      "threshold", "pixel-threshold", "anomalous", "analysed",
      "tap-scores", "map-type",  "map-width",       "x",         "height",
      "map",
  };
  g_autoptr (GstBuffer) zero = make_buffer (0.5, two_defects);
  g_autoptr (GstBuffer) wide = make_buffer (0.5, two_defects);
  g_autoptr (GstBuffer) negative = make_buffer (0.5, two_defects);
  g_autoptr (GstBuffer) unknown = make_buffer (0.5, two_defects);
  g_autoptr (GstBuffer) torn = make_buffer (0.5, two_defects);
  g_autoptr (GBytes) odd = g_bytes_new_take (g_malloc0 (sizeof two_defects + 1),
                                             sizeof two_defects + 1);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autoptr (GstBuffer) missing = make_buffer (0.5, two_defects);
    g_autoptr (GstBuffer) other = make_buffer (0.5, two_defects);

    gst_structure_remove_field (fields_of (missing), fields[i]);
    g_assert_null (feclip_verdict_from_buffer (missing));
    gst_structure_set (fields_of (other), fields[i], G_TYPE_UINT64,
                       G_GUINT64_CONSTANT (3), NULL);
    g_assert_null (feclip_verdict_from_buffer (other));
  }
  gst_structure_set (fields_of (zero), "map-width", G_TYPE_INT, 0, NULL);
  g_assert_null (feclip_verdict_from_buffer (zero));
  gst_structure_set (fields_of (wide), "map-width", G_TYPE_INT, G_MAXINT, NULL);
  g_assert_null (feclip_verdict_from_buffer (wide));
  gst_structure_set (fields_of (negative), "map-width", G_TYPE_INT, -MAP,
                     "map-height", G_TYPE_INT, -MAP, NULL);
  g_assert_null (feclip_verdict_from_buffer (negative));
  gst_structure_set (fields_of (torn), "map", G_TYPE_BYTES, odd, NULL);
  g_assert_null (feclip_verdict_from_buffer (torn));
  gst_structure_set (fields_of (unknown), "map-type", G_TYPE_STRING, "entropy",
                     NULL);
  g_assert_null (feclip_verdict_from_buffer (unknown));
}

#if FE_HAVE_ANALYTICS
static void
test_relations (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  GstAnalyticsRelationMeta *relations =
      gst_buffer_get_analytics_relation_meta (buffer);
  GstAnalyticsMtd found = {0};
  GstVideoRegionOfInterestMeta *region = NULL;
  gpointer state = NULL;

  g_assert_nonnull (relations);
  g_assert_true (gst_analytics_relation_meta_iterate (
      relations, &state, gst_analytics_cls_mtd_get_mtd_type (), &found));
  g_assert_cmpuint (gst_analytics_cls_mtd_get_length (&found), ==, 2);
  g_assert_cmpfloat (gst_analytics_cls_mtd_get_level (&found, 0), ==, 0.25);
  g_assert_cmpfloat (gst_analytics_cls_mtd_get_level (&found, 1), ==, 0.75);
  g_assert_cmpstr (
      g_quark_to_string (gst_analytics_cls_mtd_get_quark (&found, 1)), ==,
      "anomaly");

  state = NULL;
  while ((region = next_region (buffer, &state)) != NULL) {
    GstAnalyticsODMtd detection = {0};
    double confidence = 0;
    float level = 0;
    int x = 0, y = 0, w = 0, h = 0;

    g_assert_true (gst_analytics_relation_meta_get_od_mtd (
        relations, region->id, &detection));
    g_assert_true (
        gst_analytics_od_mtd_get_location (&detection, &x, &y, &w, &h, &level));
    gst_structure_get_double (
        gst_video_region_of_interest_meta_get_param (region, "detection"),
        "confidence", &confidence);
    g_assert_cmpint (x, ==, region->x);
    g_assert_cmpint (y, ==, region->y);
    g_assert_cmpint (w, ==, region->w);
    g_assert_cmpint (h, ==, region->h);
    g_assert_cmpfloat (level, ==, (float)confidence);
  }
}
#endif

#if FE_HAVE_TENSORS
static void
test_tensor (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  GstTensorMeta *meta = gst_buffer_get_tensor_meta (buffer);
  const GstTensor *tensor = NULL;

  g_assert_nonnull (meta);
  g_assert_cmpuint (meta->num_tensors, ==, 1);
  tensor = gst_tensor_meta_get (meta, 0);
  g_assert_cmpint (tensor->data_type, ==, GST_TENSOR_DATA_TYPE_FLOAT32);
  g_assert_cmpuint (tensor->num_dims, ==, 2);
  g_assert_cmpuint (tensor->dims[0], ==, MAP);
  g_assert_cmpuint (tensor->dims[1], ==, MAP);
  g_assert_cmpint (
      gst_buffer_memcmp (tensor->data, 0, two_defects, sizeof two_defects), ==,
      0);
}

static void
test_mask (void)
{
  g_autoptr (GstBuffer) buffer = make_buffer (0.75, two_defects);
  g_autoptr (GstBuffer) mask = NULL;
  GstAnalyticsRelationMeta *relations =
      gst_buffer_get_analytics_relation_meta (buffer);
  GstAnalyticsMtd found = {0};
  GstVideoMeta *layout = NULL;
  gpointer state = NULL;
  int x = -1, y = -1;
  guint w = 0, h = 0;

  g_assert_true (gst_analytics_relation_meta_iterate (
      relations, &state, gst_analytics_segmentation_mtd_get_mtd_type (),
      &found));
  g_assert_cmpuint (gst_analytics_segmentation_mtd_get_region_count (&found),
                    ==, 2);
  mask = gst_analytics_segmentation_mtd_get_mask (&found, &x, &y, &w, &h);
  g_assert_cmpint (x, ==, 0);
  g_assert_cmpint (y, ==, 0);
  g_assert_cmpuint (w, ==, WIDTH);
  g_assert_cmpuint (h, ==, HEIGHT);
  layout = gst_buffer_get_video_meta (mask);
  g_assert_cmpint (layout->format, ==, GST_VIDEO_FORMAT_GRAY8);
  g_assert_cmpuint (layout->width, ==, MAP);
  g_assert_cmpuint (layout->height, ==, MAP);
  for (guint i = 0; i < G_N_ELEMENTS (two_defects); i++) {
    guint8 expected = two_defects[i] >= 0.6f ? 1 : 0;

    g_assert_cmpint (gst_buffer_memcmp (mask, i, &expected, 1), ==, 0);
  }
}
#endif

/* The scores of tiles are part of the metadata, and must match the grid. */
static void
test_tiles (void)
{
  const double scores[] = {0.5, 0.25, 0.75, 0, 0.125, 1};
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 1,
      .n_taps = G_N_ELEMENTS (taps),
      .tap_scores = taps,
      .width = 1,
      .height = 1,
      .mean_score = 0.4375,
      .tile_columns = 3,
      .tile_rows = 2,
      .tile_scores = scores,
  });
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.6, TRUE);
  g_autoptr (FeclipVerdict) read = NULL;
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstBuffer) plain = make_buffer (0.75, NULL);

  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  read = feclip_verdict_from_buffer (buffer);
  g_assert_nonnull (read);
  g_assert_cmpfloat (read->result->mean_score, ==, 0.4375);
  g_assert_cmpuint (read->result->tile_columns, ==, 3);
  g_assert_cmpuint (read->result->tile_rows, ==, 2);
  g_assert_cmpmem (read->result->tile_scores, sizeof scores, scores,
                   sizeof scores);
  gst_structure_set (fields_of (buffer), "tile-rows", G_TYPE_INT, 3, NULL);
  g_assert_null (feclip_verdict_from_buffer (buffer));
  gst_structure_set (fields_of (buffer), "tile-rows", G_TYPE_INT, -2,
                     "tile-columns", G_TYPE_INT, -3, NULL);
  g_assert_null (feclip_verdict_from_buffer (buffer));

  g_assert_false (gst_structure_has_field (fields_of (plain), "tile-scores"));
  g_clear_pointer (&read, feclip_verdict_free);
  read = feclip_verdict_from_buffer (plain);
  g_assert_null (read->result->tile_scores);
  g_assert_cmpfloat (read->result->mean_score, ==, 0.75);
}

int
main (int argc, char **argv)
{
  const char *tags[] = {NULL};
  const GstMetaInfo *first = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  /* An application that reads the meta may register it before the plugin does,
   * unless GStreamer has loaded the plugin into this process to scan it. */
  first = gst_meta_get_info (FECLIP_META_NAME);
  if (first == NULL)
    first = gst_meta_register_custom (FECLIP_META_NAME, tags, NULL, NULL, NULL);
  g_assert_true (feclip_meta_get_info () == first);

  g_test_add_func ("/meta/verdict", test_verdict);
  g_test_add_func ("/meta/round-trip", test_round_trip);
  g_test_add_func ("/meta/fields", test_fields);
  g_test_add_func ("/meta/without-map", test_without_map);
  g_test_add_func ("/meta/without-age", test_without_age);
  g_test_add_func ("/meta/regions", test_regions);
  g_test_add_func ("/meta/given-defects", test_given_defects);
  g_test_add_func ("/meta/copies", test_copies);
  g_test_add_func ("/meta/replaced", test_replaced);
  g_test_add_func ("/meta/damaged", test_damaged);
  g_test_add_func ("/meta/tiles", test_tiles);
#if FE_HAVE_ANALYTICS
  g_test_add_func ("/meta/relations", test_relations);
#endif
#if FE_HAVE_TENSORS
  g_test_add_func ("/meta/tensor", test_tensor);
  g_test_add_func ("/meta/mask", test_mask);
#endif
  return g_test_run ();
}
