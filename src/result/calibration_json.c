/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "result/calibration.h"
#include <feclip/feclip-enums.h>

/* Member that identifies the file, and its only value so far. */
#define FORMAT_KEY "feclip_calibration"
#define FORMAT_VERSION 1

/* Deepest nesting of brackets, since the parser recurses. A calibration has
 * three levels, and a file name in it may contain some. */
#define MAX_BRACKETS 1024

/* Range of a threshold, as that of the settings of the same names. */
#define MAX_THRESHOLD 1000.0

/* Writing */

static void
add_number (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, key);
  if (valid)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_quantiles (JsonBuilder *builder, const char *key, const double *quantiles)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  for (guint i = 0; i < FE_CALIBRATION_N_QUANTILES; i++)
    add_number (builder, fe_calibration_quantiles[i], quantiles[i]);
  json_builder_end_object (builder);
}

static const char *
map_type_nick (FeclipMapType type)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (FECLIP_TYPE_MAP_TYPE);

  return g_enum_get_value (types, type)->value_nick;
}

char *
fe_calibration_to_json (const FeCalibration *self)
{
  const FeclipCalibration *public = &self->public;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, FORMAT_KEY);
  json_builder_add_int_value (builder, FORMAT_VERSION);
  add_number (builder, "threshold", public->threshold);
  if (public->has_map)
    add_number (builder, "pixel_threshold", public->pixel_threshold);
  else
    add_string (builder, "pixel_threshold", NULL);
  add_number (builder, "false_alarm_rate", public->false_alarm_rate);
  add_number (builder, "attained_rate", public->attained_rate);
  json_builder_set_member_name (builder, "frames");
  json_builder_add_int_value (builder, public->n_frames);
  add_quantiles (builder, "score_quantiles", self->score_quantiles);
  if (public->has_map) {
    add_quantiles (builder, "map_maximum_quantiles", self->map_quantiles);
    add_string (builder, "map_type", map_type_nick (public->map_type));
  }
  add_string (builder, "model", public->model);
  add_string (builder, "date", public->date);
  add_string (builder, "version", public->version);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

/* Reading */

/* A reader stores its first error; after that, returned values are meaningless.
 */
typedef struct {
  JsonObject *object;
  const char *name; /* name of the file, for messages */
  GError **error;
  gboolean failed;
} Reader;

G_GNUC_PRINTF (2, 3)
static void
fail (Reader *self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  if (self->failed)
    return;
  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (self->error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s is not a calibration: %s", self->name, reason);
  self->failed = TRUE;
}

static gboolean
is_shallow (const char *text, gsize length)
{
  guint n_brackets = 0;

  for (gsize i = 0; i < length; i++)
    n_brackets += text[i] == '{' || text[i] == '[';
  return n_brackets <= MAX_BRACKETS;
}

static gboolean
is_null (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node == NULL || JSON_NODE_HOLDS_NULL (node);
}

static double
read_number (Reader *self, JsonObject *object, const char *key, double minimum,
             double maximum)
{
  JsonNode *node = json_object_get_member (object, key);
  GType type = node && JSON_NODE_HOLDS_VALUE (node)
                   ? json_node_get_value_type (node)
                   : 0;
  double value = NAN;

  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    value = json_node_get_double (node);
  if (!(value >= minimum && value <= maximum))
    fail (self, "\"%s\" is not a number from %g to %g", key, minimum, maximum);
  return value;
}

/* Returns: (transfer full) (nullable): NULL for null or a missing member */
static char *
read_string (Reader *self, const char *key)
{
  JsonNode *node = json_object_get_member (self->object, key);

  if (is_null (self->object, key))
    return NULL;
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING) {
    fail (self, "\"%s\" is not a string", key);
    return NULL;
  }
  return json_node_dup_string (node);
}

static void
read_quantiles (Reader *self, const char *key, double *quantiles)
{
  JsonNode *node = json_object_get_member (self->object, key);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)) {
    fail (self, "\"%s\" is not an object", key);
    return;
  }
  for (guint i = 0; i < FE_CALIBRATION_N_QUANTILES; i++)
    quantiles[i] =
        read_number (self, json_node_get_object (node),
                     fe_calibration_quantiles[i], -G_MAXDOUBLE, G_MAXDOUBLE);
}

static FeclipMapType
read_map_type (Reader *self)
{
  g_autoptr (GEnumClass) types = g_type_class_ref (FECLIP_TYPE_MAP_TYPE);
  g_autofree char *nick = read_string (self, "map_type");
  const GEnumValue *value =
      nick ? g_enum_get_value_by_nick (types, nick) : NULL;

  if (value == NULL)
    fail (self, "\"map_type\" is not a known map type");
  return value ? value->value : 0;
}

static void
read_members (Reader *self, FeCalibration *into)
{
  FeclipCalibration *public = &into->public;
  const double limit = MAX_THRESHOLD;
  double n_frames = 0;

  if (read_number (self, self->object, FORMAT_KEY, 1, G_MAXINT32)
      != FORMAT_VERSION)
    fail (self, "its format version is not supported");
  public->threshold =
      read_number (self, self->object, "threshold", -limit, limit);
  public->false_alarm_rate =
      read_number (self, self->object, "false_alarm_rate", 0, 1);
  public->attained_rate =
      read_number (self, self->object, "attained_rate", 0, 1);
  n_frames = read_number (self, self->object, "frames", 1, G_MAXUINT32);
  public->n_frames = self->failed ? 0 : (guint)n_frames;
  read_quantiles (self, "score_quantiles", into->score_quantiles);
  public->has_map = !is_null (self->object, "pixel_threshold");
  if (public->has_map) {
    public->pixel_threshold =
        read_number (self, self->object, "pixel_threshold", -limit, limit);
    public->map_type = read_map_type (self);
    read_quantiles (self, "map_maximum_quantiles", into->map_quantiles);
  }
  public->model = read_string (self, "model");
  public->date = read_string (self, "date");
  public->version = read_string (self, "version");
  if (public->date == NULL)
    fail (self, "\"date\" is not a string");
}

gboolean
fe_calibration_from_json (FeCalibration *self, const char *text, gsize length,
                          const char *name, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) cause = NULL;
  JsonNode *root = NULL;
  Reader reader = {.name = name, .error = error};

  if (!g_utf8_validate (text, length, NULL) || !is_shallow (text, length)) {
    fail (&reader,
          "it is not UTF-8 text, or its brackets are nested too deeply");
    return FALSE;
  }
  if (!json_parser_load_from_data (parser, text, length, &cause)) {
    fail (&reader, "%s", cause->message);
    return FALSE;
  }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    fail (&reader, "it is not a JSON object");
    return FALSE;
  }
  reader.object = json_node_get_object (root);
  read_members (&reader, self);
  return !reader.failed;
}
