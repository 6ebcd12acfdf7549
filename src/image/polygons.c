/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/polygons.h"

#include <feclip/error.h>
#include <json-glib/json-glib.h>

#define MOST_CORNERS 10000
/* Largest file in bytes: enough for so many corners with all their digits. */
#define LARGEST_FILE (1024 * 1024)
/* Deepest nesting of brackets; json-glib recurses once per level. */
#define DEEPEST 8

/* State of parsing, and the origin of the text for messages. */
typedef struct {
  const char *source; /* name of a property, or path of a file */
  GPtrArray *polygons;
  GError **error;
} Reading;

static gboolean
refuse (Reading *self, FeclipError code, const char *problem)
{
  g_set_error (self->error, FECLIP_ERROR, code, "%s: %s", self->source,
               problem);
  return FALSE;
}

static gboolean
add_corner (Reading *self, GArray *polygon, double x, double y)
{
  const FeCorner corner = {x, y};
  g_autofree char *problem = NULL;

  /* This order of comparisons also rejects NaN. */
  if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
    problem = g_strdup_printf ("the corner %g,%g is not within 0…1", x, y);
    return refuse (self, FECLIP_ERROR_INPUT, problem);
  }
  if (polygon->len == MOST_CORNERS)
    return refuse (self, FECLIP_ERROR_INPUT,
                   "a polygon has more than 10000 corners");
  g_array_append_val (polygon, corner);
  return TRUE;
}

/* Takes ownership of the polygon. */
static gboolean
add_polygon (Reading *self, GArray *polygon)
{
  guint corners = polygon->len;
  g_autofree char *problem = NULL;

  g_ptr_array_add (self->polygons, polygon);
  if (corners >= 3)
    return TRUE;
  problem = g_strdup_printf ("a polygon has %u corners, but needs at least 3",
                             corners);
  return refuse (self, FECLIP_ERROR_INPUT, problem);
}

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

static gboolean
read_number (const char **at, double *number)
{
  char *end;
  const char *start = skip_space (*at);

  *number = g_ascii_strtod (start, &end);
  *at = skip_space (end);
  return end != start;
}

/* Reads one polygon, up to a semicolon or the end. */
static gboolean
read_polygon (Reading *self, const char **at)
{
  g_autoptr (GArray) polygon = g_array_new (FALSE, FALSE, sizeof (FeCorner));
  g_autofree char *problem = NULL;

  while (**at != '\0' && **at != ';') {
    const char *start = *at;
    double x, y = 0;
    gboolean ok =
        read_number (at, &x) && *(*at)++ == ',' && read_number (at, &y);

    if (!ok) {
      problem = g_strdup_printf ("\"%.20s\" does not begin with a corner such "
                                 "as \"0.25,0.5\"",
                                 start);
      return refuse (self, FECLIP_ERROR_INPUT, problem);
    }
    if (!add_corner (self, polygon, x, y))
      return FALSE;
  }
  return add_polygon (self, g_steal_pointer (&polygon));
}

static gboolean
read_text (const char *name, const char *text, GPtrArray *polygons,
           GError **error)
{
  Reading reading = {name, polygons, error};
  const char *at = text ? skip_space (text) : "";

  while (*at != '\0') {
    if (!read_polygon (&reading, &at))
      return FALSE;
    if (*at == ';')
      at = skip_space (at + 1);
  }
  return TRUE;
}

/* A file */

/* json-glib recurses as deep as the brackets of the file are nested. */
static gboolean
is_too_deep (const char *text)
{
  guint depth = 0;
  gboolean quoted = FALSE;

  for (; *text; text++) {
    if (quoted && *text == '\\' && text[1])
      text++;
    else if (*text == '"')
      quoted = !quoted;
    else if (!quoted && (*text == '[' || *text == '{') && ++depth > DEEPEST)
      return TRUE;
    else if (!quoted && (*text == ']' || *text == '}') && depth > 0)
      depth--;
  }
  return FALSE;
}

static gboolean
holds_number (JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  return type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
}

static gboolean
read_corner_node (Reading *self, JsonNode *node, GArray *polygon)
{
  JsonArray *pair =
      JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!pair || json_array_get_length (pair) != 2
      || !holds_number (json_array_get_element (pair, 0))
      || !holds_number (json_array_get_element (pair, 1)))
    return refuse (self, FECLIP_ERROR_FORMAT,
                   "a corner is not a pair of numbers [x,y]");
  return add_corner (self, polygon, json_array_get_double_element (pair, 0),
                     json_array_get_double_element (pair, 1));
}

static gboolean
read_polygon_node (Reading *self, JsonNode *node)
{
  g_autoptr (GArray) polygon = g_array_new (FALSE, FALSE, sizeof (FeCorner));
  JsonArray *corners;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (self, FECLIP_ERROR_FORMAT,
                   "a polygon is not an array of corners");
  corners = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (corners); i++) {
    if (!read_corner_node (self, json_array_get_element (corners, i), polygon))
      return FALSE;
  }
  return add_polygon (self, g_steal_pointer (&polygon));
}

static gboolean
read_member (Reading *self, JsonObject *object, const char *name,
             GPtrArray *polygons)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array;
  g_autofree char *problem = NULL;

  self->polygons = polygons;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node)) {
    problem = g_strdup_printf ("\"%s\" is not an array of polygons", name);
    return refuse (self, FECLIP_ERROR_FORMAT, problem);
  }
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (!read_polygon_node (self, json_array_get_element (array, i)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_object (FePolygons *self, Reading *reading, JsonNode *root)
{
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root)
                           ? json_node_get_object (root)
                           : NULL;
  gboolean include = object && json_object_has_member (object, "include");
  gboolean ignore = object && json_object_has_member (object, "ignore");

  /* Other members are errors, since they are probably misspelt. */
  if (!object || include + ignore == 0
      || json_object_get_size (object) != (guint)(include + ignore))
    return refuse (reading, FECLIP_ERROR_FORMAT,
                   "the file is not a JSON object with \"include\", "
                   "\"ignore\" or both and no other members");
  return read_member (reading, object, "include", self->include)
         && read_member (reading, object, "ignore", self->ignore);
}

static gboolean
read_file (FePolygons *self, const char *path, GError **error)
{
  Reading reading = {path, NULL, error};
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &problem)) {
    g_set_error_literal (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                         problem->message);
    return FALSE;
  }
  if (size > LARGEST_FILE)
    return refuse (&reading, FECLIP_ERROR_FORMAT,
                   "the file is larger than 1 MiB");
  if (!g_utf8_validate (text, (gssize)size, NULL))
    return refuse (&reading, FECLIP_ERROR_FORMAT, "the file is not UTF-8");
  if (is_too_deep (text))
    return refuse (&reading, FECLIP_ERROR_FORMAT,
                   "the brackets in the file are nested too deeply");
  if (!json_parser_load_from_data (parser, text, (gssize)size, &problem))
    return refuse (&reading, FECLIP_ERROR_FORMAT, problem->message);
  return read_object (self, &reading, json_parser_get_root (parser));
}

FePolygons *
fe_polygons_new (const char *include, const char *ignore, const char *file,
                 GError **error)
{
  g_autoptr (FePolygons) self = g_new (FePolygons, 1);

  self->include =
      g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  self->ignore = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  if (!read_text ("include-regions", include, self->include, error)
      || !read_text ("ignore-regions", ignore, self->ignore, error)
      || (file && *file && !read_file (self, file, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
fe_polygons_free (FePolygons *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->include);
  g_ptr_array_unref (self->ignore);
  g_free (self);
}

gboolean
fe_polygons_is_empty (const FePolygons *self)
{
  return self->include->len + self->ignore->len == 0;
}
