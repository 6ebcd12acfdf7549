/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/gst/meta.h>

#include <string.h>

#include "meta/encodings.h"
#include <feclip/feclip-enums.h>

G_DEFINE_BOXED_TYPE (FeclipVerdict, feclip_verdict, feclip_verdict_copy,
                     feclip_verdict_free)

FeclipVerdict *
feclip_verdict_new (FeclipResult *result, double threshold,
                    double pixel_threshold, gboolean analysed)
{
  FeclipVerdict *self = NULL;

  g_return_val_if_fail (result != NULL, NULL);

  self = g_new (FeclipVerdict, 1);
  *self = (FeclipVerdict){
      .result = feclip_result_ref (result),
      .threshold = threshold,
      .pixel_threshold = pixel_threshold,
      .anomalous = result->score >= threshold,
      .analysed = analysed,
      .fresh = analysed,
      .result_age = analysed ? 0 : GST_CLOCK_TIME_NONE,
      .raw_score = result->score,
  };
  return self;
}

FeclipVerdict *
feclip_verdict_copy (const FeclipVerdict *self)
{
  FeclipVerdict *copy = g_new (FeclipVerdict, 1);

  *copy = *self;
  feclip_result_ref (copy->result);
  return copy;
}

void
feclip_verdict_free (FeclipVerdict *self)
{
  if (self == NULL)
    return;
  feclip_result_unref (self->result);
  g_free (self);
}

static gpointer
register_meta (gpointer unused)
{
  /* No tags: elements keep a meta that depends on nothing. Its coordinates are
   * fractions of the frame's size, so that they stay valid when the frame is
   * scaled. The default transform function copies it. An application may have
   * registered it before. */
  const char *tags[] = {NULL};
  const GstMetaInfo *info = gst_meta_get_info (FECLIP_META_NAME);

  if (info == NULL)
    info = gst_meta_register_custom (FECLIP_META_NAME, tags, NULL, NULL, NULL);
  return (gpointer)info;
}

const GstMetaInfo *
feclip_meta_get_info (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, register_meta, NULL);
}

static const char *
map_type_name (FeclipMapType type)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (FECLIP_TYPE_MAP_TYPE);

  return g_enum_get_value (types, type)->value_nick;
}

static gboolean
parse_map_type (const char *name, FeclipMapType *type)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (FECLIP_TYPE_MAP_TYPE);
  const GEnumValue *value =
      name ? g_enum_get_value_by_nick (types, name) : NULL;

  if (value == NULL)
    return FALSE;
  *type = value->value;
  return TRUE;
}

static void
set_scores (GstStructure *fields, const char *name, const double *values,
            guint n)
{
  GValue scores = G_VALUE_INIT;

  gst_value_array_init (&scores, n);
  for (guint i = 0; i < n; i++) {
    GValue score = G_VALUE_INIT;

    g_value_init (&score, G_TYPE_DOUBLE);
    g_value_set_double (&score, values[i]);
    gst_value_array_append_and_take_value (&scores, &score);
  }
  gst_structure_take_value (fields, name, &scores);
}

static void
set_tiles (GstStructure *fields, const FeclipResult *result)
{
  if (result->tile_scores == NULL)
    return;
  gst_structure_set (fields, "mean-score", G_TYPE_DOUBLE, result->mean_score,
                     "tile-columns", G_TYPE_INT, (int)result->tile_columns,
                     "tile-rows", G_TYPE_INT, (int)result->tile_rows, NULL);
  set_scores (fields, "tile-scores", result->tile_scores,
              result->tile_columns * result->tile_rows);
}

/* The bytes belong to the result, to which they hold a reference. */
static void
set_map (GstStructure *fields, FeclipResult *result)
{
  gsize size = sizeof (float) * result->map_width * result->map_height;
  g_autoptr (GBytes) bytes = NULL;

  if (size == 0)
    return;
  bytes = g_bytes_new_with_free_func (result->map, size,
                                      (GDestroyNotify)feclip_result_unref,
                                      feclip_result_ref (result));
  gst_structure_set (fields, "map", G_TYPE_BYTES, bytes, NULL);
}

static void
write_custom_meta (const FeclipVerdict *self, GstBuffer *buffer)
{
  GstCustomMeta *meta = (GstCustomMeta *)gst_buffer_add_meta (
      buffer, feclip_meta_get_info (), NULL);
  GstStructure *fields = gst_custom_meta_get_structure (meta);
  FeclipResult *result = self->result;

  gst_structure_set (
      fields, "score", G_TYPE_DOUBLE, result->score, "threshold", G_TYPE_DOUBLE,
      self->threshold, "pixel-threshold", G_TYPE_DOUBLE, self->pixel_threshold,
      "anomalous", G_TYPE_BOOLEAN, self->anomalous, "analysed", G_TYPE_BOOLEAN,
      self->analysed, "fresh", G_TYPE_BOOLEAN, self->fresh, "result-age",
      G_TYPE_UINT64, self->result_age, "raw-score", G_TYPE_DOUBLE,
      self->raw_score, "min-area", G_TYPE_DOUBLE, self->min_area, "event-id",
      G_TYPE_UINT64, self->event_id, "x", G_TYPE_DOUBLE, result->x, "y",
      G_TYPE_DOUBLE, result->y, "width", G_TYPE_DOUBLE, result->width, "height",
      G_TYPE_DOUBLE, result->height, "map-type", G_TYPE_STRING,
      map_type_name (result->map_type), "map-width", G_TYPE_INT,
      (int)result->map_width, "map-height", G_TYPE_INT, (int)result->map_height,
      "references", G_TYPE_INT, (int)result->n_references, NULL);
  set_scores (fields, "tap-scores", result->tap_scores, result->n_taps);
  set_tiles (fields, result);
  set_map (fields, result);
}

static void
remove_earlier (GstBuffer *buffer)
{
  GstMeta *earlier = gst_buffer_get_meta (buffer, feclip_meta_get_info ()->api);

  if (earlier == NULL)
    return;
  gst_buffer_remove_meta (buffer, earlier);
  fe_regions_remove (buffer);
#if FE_HAVE_TENSORS
  fe_tensors_remove (buffer);
#endif
}

static FeBox
to_pixels (double x_min, double y_min, double x_max, double y_max,
           guint frame_width, guint frame_height)
{
  guint left = (guint)(x_min * frame_width + 0.5);
  guint top = (guint)(y_min * frame_height + 0.5);

  return (FeBox){
      .x = left,
      .y = top,
      .width = (guint)(x_max * frame_width + 0.5) - left,
      .height = (guint)(y_max * frame_height + 0.5) - top,
  };
}

#if FE_HAVE_ANALYTICS
static FeBox
analysed_box (const FeclipResult *r, guint frame_width, guint frame_height)
{
  return to_pixels (r->x, r->y, r->x + r->width, r->y + r->height, frame_width,
                    frame_height);
}
#endif

static void
write_defects (const FeclipVerdict *self, GstBuffer *buffer, guint frame_width,
               guint frame_height, const GArray *defects)
{
  g_autofree FeBox *boxes = g_new (FeBox, defects->len);
  g_autofree int *ids = g_new (int, defects->len);

  for (guint i = 0; i < defects->len; i++) {
    const FeclipDefect *d = &g_array_index (defects, FeclipDefect, i);

    boxes[i] = to_pixels (d->x_min, d->y_min, d->x_max, d->y_max, frame_width,
                          frame_height);
    ids[i] = i;
  }
#if FE_HAVE_ANALYTICS
  fe_analytics_write (buffer, self,
                      analysed_box (self->result, frame_width, frame_height),
                      defects, boxes, ids);
#endif
  fe_regions_write (buffer, defects, boxes, ids);
}

void
feclip_verdict_attach (const FeclipVerdict *self, GstBuffer *buffer,
                       guint frame_width, guint frame_height,
                       const GArray *defects)
{
  g_autoptr (GArray) found = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (gst_buffer_is_writable (buffer));
  g_return_if_fail (frame_width > 0 && frame_height > 0);

  if (defects == NULL) {
    found = feclip_result_find_defects (self->result, frame_width, frame_height,
                                        self->pixel_threshold);
    feclip_defects_drop_small (found, frame_width, frame_height,
                               self->min_area);
    defects = found;
  }
  remove_earlier (buffer);
  write_custom_meta (self, buffer);
  write_defects (self, buffer, frame_width, frame_height, defects);
#if FE_HAVE_TENSORS
  fe_tensors_write (buffer, self);
#endif
}

/* Returns: (transfer full) (nullable): the scores, NULL if the field is missing
 * or no list of numbers */
static GArray *
read_scores (const GstStructure *fields, const char *name)
{
  g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (double));
  const GValue *list = gst_structure_get_value (fields, name);

  if (list == NULL || !GST_VALUE_HOLDS_ARRAY (list))
    return NULL;
  for (guint i = 0; i < gst_value_array_get_size (list); i++) {
    const GValue *item = gst_value_array_get_value (list, i);
    double score = 0;

    if (!G_VALUE_HOLDS_DOUBLE (item))
      return NULL;
    score = g_value_get_double (item);
    g_array_append_val (scores, score);
  }
  return g_steal_pointer (&scores);
}

/* @map (out) (transfer full): a copy of the map, NULL if there is none
 * Returns: whether @bytes is a map of the size that @values gives */
static gboolean
read_map (const FeclipResult *values, GBytes *bytes, float **map)
{
  gsize size = 0;

  *map = NULL;
  if (values->map_width == 0 || values->map_height == 0)
    return values->map_width == values->map_height && bytes == NULL;
  if (bytes == NULL)
    return FALSE;
  size = g_bytes_get_size (bytes);
  if (size % sizeof (float) != 0
      || size / sizeof (float)
             != (guint64)values->map_width * values->map_height)
    return FALSE;
  /* The bytes of another program may not be aligned for floats. */
  *map = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
  return TRUE;
}

/* @scores (out) (transfer full): the scores that @values then points to
 * Returns: whether the fields of tiles are consistent, or missing */
static gboolean
read_tiles (const GstStructure *fields, FeclipResult *values, GArray **scores)
{
  int columns = 0, rows = 0;

  *scores = NULL;
  if (!gst_structure_has_field (fields, "tile-scores"))
    return TRUE;
  *scores = read_scores (fields, "tile-scores");
  if (*scores == NULL
      || !gst_structure_get (fields, "mean-score", G_TYPE_DOUBLE,
                             &values->mean_score, "tile-columns", G_TYPE_INT,
                             &columns, "tile-rows", G_TYPE_INT, &rows, NULL)
      || columns < 1 || rows < 1
      || (guint64)columns * (guint64)rows != (*scores)->len)
    return FALSE;
  values->tile_columns = columns;
  values->tile_rows = rows;
  values->tile_scores = (const double *)(*scores)->data;
  return TRUE;
}

static FeclipVerdict *
read_fields (const GstStructure *fields)
{
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (GArray) taps = NULL;
  g_autoptr (GArray) tiles = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *map_type = NULL;
  g_autofree float *map = NULL;
  double threshold = 0, pixel_threshold = 0;
  gboolean anomalous = FALSE, analysed = FALSE;
  int map_width = 0, map_height = 0, references = 0;
  FeclipResult values = {0};
  FeclipVerdict *self = NULL;

  if (!gst_structure_get (
          fields, "score", G_TYPE_DOUBLE, &values.score, "threshold",
          G_TYPE_DOUBLE, &threshold, "pixel-threshold", G_TYPE_DOUBLE,
          &pixel_threshold, "anomalous", G_TYPE_BOOLEAN, &anomalous, "analysed",
          G_TYPE_BOOLEAN, &analysed, "x", G_TYPE_DOUBLE, &values.x, "y",
          G_TYPE_DOUBLE, &values.y, "width", G_TYPE_DOUBLE, &values.width,
          "height", G_TYPE_DOUBLE, &values.height, "map-type", G_TYPE_STRING,
          &map_type, "map-width", G_TYPE_INT, &map_width, "map-height",
          G_TYPE_INT, &map_height, NULL))
    return NULL;
  gst_structure_get (fields, "map", G_TYPE_BYTES, &bytes, NULL);
  gst_structure_get_int (fields, "references", &references);
  taps = read_scores (fields, "tap-scores");
  if (taps == NULL || !read_tiles (fields, &values, &tiles) || map_width < 0
      || map_height < 0 || !parse_map_type (map_type, &values.map_type))
    return NULL;

  values.n_taps = taps->len;
  values.tap_scores = (const double *)taps->data;
  values.map_width = map_width;
  values.map_height = map_height;
  values.n_references = (guint)MAX (references, 0);
  if (!read_map (&values, bytes, &map))
    return NULL;
  values.map = map;
  result = feclip_result_new (&values);
  self = feclip_verdict_new (result, threshold, pixel_threshold, analysed);
  self->anomalous = anomalous;
  /* Optional: another program may have written the meta without them. */
  gst_structure_get_boolean (fields, "fresh", &self->fresh);
  gst_structure_get_uint64 (fields, "result-age", &self->result_age);
  gst_structure_get_double (fields, "raw-score", &self->raw_score);
  gst_structure_get_double (fields, "min-area", &self->min_area);
  gst_structure_get_uint64 (fields, "event-id", &self->event_id);
  return self;
}

FeclipVerdict *
feclip_verdict_from_buffer (GstBuffer *buffer)
{
  GstCustomMeta *meta = NULL;
  FeclipVerdict *self = NULL;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  meta = gst_buffer_get_custom_meta (buffer, FECLIP_META_NAME);
  if (meta == NULL)
    return NULL;
  self = read_fields (gst_custom_meta_get_structure (meta));
  if (self == NULL)
    GST_WARNING ("the fields of the %s on %" GST_PTR_FORMAT
                 " contradict each other",
                 FECLIP_META_NAME, buffer);
  return self;
}
