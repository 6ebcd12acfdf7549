/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Written without json-glib's generator, which prints doubles with 17 digits
 * and does not replace NaN; json-glib still escapes the strings. */
#include <feclip/event.h>

#include <json-glib/json-glib.h>
#include <math.h>

/* JSON has no NaN and no infinity. */
static void
append_number (GString *line, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_string_append (line,
                     g_ascii_formatd (digits, sizeof (digits), "%.9g", value));
  else
    g_string_append (line, "null");
}

/* Bytes that are not UTF-8, as in a file name, become U+FFFD. */
static void
append_string (GString *line, const char *value)
{
  g_autofree char *valid = NULL;
  g_autofree char *quoted = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!value) {
    g_string_append (line, "null");
    return;
  }
  valid = g_utf8_make_valid (value, -1);
  node = json_node_init_string (json_node_alloc (), valid);
  quoted = json_to_string (node, FALSE);
  g_string_append (line, quoted);
}

static void
append_boolean (GString *line, gboolean value)
{
  g_string_append (line, value ? "true" : "false");
}

/* Writes ,"key":number,"key":number… up to a NULL key. */
typedef struct {
  const char *key;
  double value;
} Member;

static void
append_members (GString *line, const Member *members)
{
  g_string_append_c (line, '{');
  for (; members->key; members++) {
    g_string_append_printf (line, "\"%s\":", members->key);
    append_number (line, members->value);
    if (members[1].key)
      g_string_append_c (line, ',');
  }
  g_string_append_c (line, '}');
}

static void
append_defect (GString *line, const FeclipDefect *defect, guint width,
               guint height)
{
  const double x = rint (defect->x_min * width);
  const double y = rint (defect->y_min * height);
  const double end_x = rint (defect->x_max * width);
  const double end_y = rint (defect->y_max * height);
  const Member box[] = {
      {"x_min", defect->x_min},
      {"y_min", defect->y_min},
      {"x_max", defect->x_max},
      {"y_max", defect->y_max},
      {NULL},
  };

  g_string_append_printf (line,
                          "{\"x\":%.0f,\"y\":%.0f,\"w\":%.0f,\"h\":%.0f,"
                          "\"roi_type\":\"anomaly\","
                          "\"detection\":{\"bounding_box\":",
                          x, y, end_x - x, end_y - y);
  append_members (line, box);
  g_string_append (line, ",\"confidence\":");
  append_number (line, defect->confidence);
  g_string_append (line, ",\"label_id\":0,\"label\":\"anomaly\"}}");
}

static void
append_objects (GString *line, const FeclipResult *result,
                const FeclipReport *report)
{
  g_autoptr (GArray) defects = feclip_result_find_defects (
      result, report->width, report->height, report->pixel_threshold);
  guint i;

  feclip_defects_drop_small (defects, report->width, report->height,
                             report->min_area);
  g_string_append_c (line, '[');
  for (i = 0; i < defects->len; i++) {
    if (i > 0)
      g_string_append_c (line, ',');
    append_defect (line, &g_array_index (defects, FeclipDefect, i),
                   report->width, report->height);
  }
  g_string_append_c (line, ']');
}

/* Writes nanoseconds, G_MAXUINT64 for unknown. */
static void
append_time (GString *line, guint64 time)
{
  if (time == G_MAXUINT64)
    g_string_append (line, "null");
  else
    g_string_append_printf (line, "%" G_GUINT64_FORMAT, time);
}

static void
append_map (GString *line, const FeclipResult *result)
{
  const gsize n = (gsize)result->map_width * result->map_height;
  gsize i;

  g_string_append_printf (line, "{\"width\":%u,\"height\":%u,\"data\":[",
                          result->map_width, result->map_height);
  for (i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (line, ',');
    append_number (line, result->map[i]);
  }
  g_string_append (line, "]}");
}

static void
append_scores (GString *line, const double *scores, guint n)
{
  g_string_append_c (line, '[');
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (line, ',');
    append_number (line, scores[i]);
  }
  g_string_append_c (line, ']');
}

static void
append_tiles (GString *line, const FeclipResult *result)
{
  g_string_append (line, ",\"mean_score\":");
  append_number (line, result->mean_score);
  g_string_append_printf (line, ",\"tiles\":{\"columns\":%u,\"rows\":%u,",
                          result->tile_columns, result->tile_rows);
  g_string_append (line, "\"scores\":");
  append_scores (line, result->tile_scores,
                 result->tile_columns * result->tile_rows);
  g_string_append_c (line, '}');
}

static void
append_anomaly (GString *line, const FeclipResult *result,
                const FeclipReport *report)
{
  const Member region[] = {
      {"x", result->x},      {"y", result->y}, {"w", result->width},
      {"h", result->height}, {NULL},
  };

  g_string_append (line, "{\"score\":");
  append_number (line, result->score);
  g_string_append (line, ",\"threshold\":");
  append_number (line, report->threshold);
  g_string_append (line, ",\"anomalous\":");
  append_boolean (line, result->score >= report->threshold);
  g_string_append (line, ",\"analysed\":");
  append_boolean (line, report->result_age == 0);
  g_string_append (line, ",\"result_age\":");
  append_time (line, report->result_age);
  g_string_append (line, ",\"tap_scores\":");
  append_scores (line, result->tap_scores, result->n_taps);
  g_string_append (line, ",\"region\":");
  append_members (line, region);
  if (result->tile_scores)
    append_tiles (line, result);
  if (result->n_references > 0)
    g_string_append_printf (line, ",\"references\":%u", result->n_references);
  if (report->in_stream) {
    g_string_append (line, ",\"raw_score\":");
    append_number (line, report->raw_score);
    g_string_append_printf (line, ",\"event_id\":%" G_GUINT64_FORMAT,
                            report->event_id);
  }
  if (report->include_map && result->map) {
    g_string_append (line, ",\"map\":");
    append_map (line, result);
  }
  g_string_append_c (line, '}');
}

/* The members at the start of every line. */
static void
append_frame (GString *line, const FeclipReport *report, guint64 timestamp)
{
  g_string_append_printf (line, "{\"resolution\":{\"width\":%u,\"height\":%u}",
                          report->width, report->height);
  g_string_append (line, ",\"source\":");
  append_string (line, report->source);
  g_string_append (line, ",\"timestamp\":");
  append_time (line, timestamp);
  g_string_append (line, ",\"objects\":");
}

char *
feclip_result_to_json (const FeclipResult *self, const FeclipReport *report)
{
  GString *line;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (report != NULL, NULL);

  line = g_string_new (NULL);
  append_frame (line, report, report->timestamp);
  append_objects (line, self, report);
  g_string_append (line, ",\"anomaly\":");
  append_anomaly (line, self, report);
  g_string_append_c (line, '}');
  return g_string_free (line, FALSE);
}

char *
feclip_event_to_json (const FeclipEvent *self, const FeclipReport *report)
{
  const Member box[] = {
      {"x", self->x},      {"y", self->y}, {"w", self->width},
      {"h", self->height}, {NULL},
  };
  GString *line;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (report != NULL, NULL);

  line = g_string_new (NULL);
  append_frame (line, report, self->timestamp);
  g_string_append_printf (
      line, "[],\"event\":{\"kind\":\"%s\",\"id\":%" G_GUINT64_FORMAT,
      self->ended ? "end" : "start", self->id);
  g_string_append (line, ",\"start_time\":");
  append_time (line, self->start_time);
  g_string_append (line, ",\"peak_score\":");
  append_number (line, self->peak_score);
  g_string_append (line, ",\"peak_time\":");
  append_time (line, self->peak_time);
  g_string_append (line, ",\"box\":");
  append_members (line, box);
  if (self->ended) {
    g_string_append (line, ",\"end_time\":");
    append_time (line, self->end_time);
    g_string_append (line, ",\"duration\":");
    append_time (line, self->duration);
    g_string_append_printf (line, ",\"frames\":%" G_GUINT64_FORMAT,
                            self->n_frames);
    g_string_append (line, ",\"reason\":");
    append_string (line, self->reason);
  }
  g_string_append (line, "}}");
  return g_string_free (line, FALSE);
}
