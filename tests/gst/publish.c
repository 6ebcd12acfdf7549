/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclippublish element: its lines have the values of the buffers'
 * metadata. */
#include <feclip/gst/meta.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

enum {
  WIDTH = 64,
  HEIGHT = 48,
  MAP = 3,
};

static const float map[MAP * MAP] = {0.9f, 0.1f, 0.1f, 0.1f, 0.1f,
                                     0.1f, 0.1f, 0.1f, 0.75f};

#define CAPS "video/x-raw, format=GRAY8, width=64, height=48, framerate=25/1"

typedef struct {
  char *folder;
  char *path;
  GstElement *element;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("feclip-publish-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "results.jsonl", NULL);
  self->element =
      gst_object_ref_sink (gst_element_factory_make ("feclippublish", NULL));
  g_object_set (self->element, "file-path", self->path, "source", "camera 1",
                NULL);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  gst_element_set_state (self->element, GST_STATE_NULL);
  gst_object_unref (self->element);
  g_remove (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->folder);
}

static GstHarness *
start (Fixture *self)
{
  GstHarness *harness =
      gst_harness_new_with_element (self->element, "sink", "src");

  g_assert_cmpint (GST_STATE (self->element), ==, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

static GstBuffer *
make_buffer (double score, gboolean analysed)
{
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = score,
      .n_taps = 1,
      .tap_scores = &score,
      .x = 0.125,
      .width = 0.75,
      .height = 1,
      .map_width = MAP,
      .map_height = MAP,
      .map = map,
  });
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.7, analysed);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  GST_BUFFER_PTS (buffer) = 40 * GST_MSECOND;
  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  return buffer;
}

/* Returns: (transfer full): the lines of the file, without the empty one after
 * the last line break */
static GStrv
read_lines (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GStrv lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (self->path, &text, NULL, &error));
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines);
  if (n > 0) {
    g_assert_cmpstr (lines[n - 1], ==, "");
    g_clear_pointer (&lines[n - 1], g_free);
  }
  return lines;
}

static JsonNode *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (line, &error);

  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return node;
}

/* Every object of the line is a region of the buffer, in the same order. */
static void
assert_objects_are_regions (JsonArray *objects, GstBuffer *buffer)
{
  gpointer state = NULL;

  g_assert_cmpuint (json_array_get_length (objects), ==, 2);
  for (guint i = 0; i < json_array_get_length (objects); i++) {
    JsonObject *object = json_array_get_object_element (objects, i);
    JsonObject *detection = json_object_get_object_member (object, "detection");
    GstVideoRegionOfInterestMeta *region =
        (GstVideoRegionOfInterestMeta *)gst_buffer_iterate_meta_filtered (
            buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
    double confidence = 0;

    g_assert_nonnull (region);
    g_assert_cmpint (json_object_get_int_member (object, "x"), ==, region->x);
    g_assert_cmpint (json_object_get_int_member (object, "y"), ==, region->y);
    g_assert_cmpint (json_object_get_int_member (object, "w"), ==, region->w);
    g_assert_cmpint (json_object_get_int_member (object, "h"), ==, region->h);
    g_assert_cmpstr (json_object_get_string_member (object, "roi_type"), ==,
                     g_quark_to_string (region->roi_type));
    gst_structure_get_double (
        gst_video_region_of_interest_meta_get_param (region, "detection"),
        "confidence", &confidence);
    g_assert_cmpfloat_with_epsilon (
        json_object_get_double_member (detection, "confidence"), confidence,
        1e-8);
  }
}

static void
test_line (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);
  GstBuffer *buffer = make_buffer (0.8125, TRUE);
  g_autoptr (GstBuffer) out = gst_harness_push_and_pull (harness, buffer);
  g_auto (GStrv) lines = read_lines (self);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *line = NULL, *resolution = NULL, *anomaly = NULL;

  g_assert_true (out == buffer);
  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  node = parse (lines[0]);
  line = json_node_get_object (node);
  resolution = json_object_get_object_member (line, "resolution");
  anomaly = json_object_get_object_member (line, "anomaly");
  g_assert_cmpint (json_object_get_int_member (resolution, "width"), ==, WIDTH);
  g_assert_cmpint (json_object_get_int_member (resolution, "height"), ==,
                   HEIGHT);
  g_assert_cmpstr (json_object_get_string_member (line, "source"), ==,
                   "camera 1");
  g_assert_cmpint (json_object_get_int_member (line, "timestamp"), ==,
                   40 * GST_MSECOND);
  g_assert_cmpfloat (json_object_get_double_member (anomaly, "score"), ==,
                     0.8125);
  g_assert_cmpfloat (json_object_get_double_member (anomaly, "threshold"), ==,
                     0.5);
  g_assert_true (json_object_get_boolean_member (anomaly, "anomalous"));
  g_assert_false (json_object_has_member (anomaly, "map"));
  assert_objects_are_regions (json_object_get_array_member (line, "objects"),
                              out);
  gst_harness_teardown (harness);
}

/* One line per analysed frame, and none for frames with an older result or
 * without one. The line is in the file as soon as the buffer has passed. */
static void
test_which_frames (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);

  for (guint i = 0; i < 6; i++) {
    GstBuffer *in =
        i % 3 == 2 ? gst_buffer_new () : make_buffer (i / 8.0, i % 3 == 0);
    g_autoptr (GstBuffer) out = gst_harness_push_and_pull (harness, in);
    g_auto (GStrv) lines = read_lines (self);

    g_assert_true (out == in);
    g_assert_cmpuint (g_strv_length (lines), ==, i / 3 + 1);
  }
  gst_harness_teardown (harness);
}

/* A result that came too late for its own frame is written once. */
static void
test_late_result (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);
  GstBuffer *late = make_buffer (0.5, FALSE);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (late);
  g_auto (GStrv) lines = NULL;

  verdict->fresh = TRUE;
  verdict->result_age = 80 * GST_MSECOND;
  feclip_verdict_attach (verdict, late, WIDTH, HEIGHT, NULL);
  gst_buffer_unref (gst_harness_push_and_pull (harness, late));
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, FALSE)));
  lines = read_lines (self);
  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  g_assert_nonnull (
      strstr (lines[0], "\"analysed\":false,\"result_age\":80000000,"));
  gst_harness_teardown (harness);
}

static void
test_include_map (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *written = NULL;
  JsonArray *data = NULL;

  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  g_object_set (self->element, "include-map", TRUE, NULL);
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  lines = read_lines (self);
  g_assert_null (strstr (lines[0], "\"map\""));
  node = parse (lines[1]);
  written = json_object_get_object_member (
      json_object_get_object_member (json_node_get_object (node), "anomaly"),
      "map");
  data = json_object_get_array_member (written, "data");
  g_assert_cmpint (json_object_get_int_member (written, "width"), ==, MAP);
  g_assert_cmpuint (json_array_get_length (data), ==, MAP * MAP);
  for (guint i = 0; i < MAP * MAP; i++)
    g_assert_cmpfloat_with_epsilon (json_array_get_double_element (data, i),
                                    map[i], 1e-7);
  gst_harness_teardown (harness);
}

static void
test_append (Fixture *self, gconstpointer unused)
{
  static const struct {
    gboolean append;
    guint lines;
  } runs[] = {{FALSE, 1}, {FALSE, 1}, {TRUE, 2}, {TRUE, 3}, {FALSE, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++) {
    GstHarness *harness = NULL;
    g_auto (GStrv) lines = NULL;

    g_object_set (self->element, "append", runs[i].append, NULL);
    harness = start (self);
    gst_buffer_unref (
        gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
    gst_harness_teardown (harness);
    gst_element_set_state (self->element, GST_STATE_NULL);
    lines = read_lines (self);
    g_assert_cmpuint (g_strv_length (lines), ==, runs[i].lines);
  }
}

/* A path that is set in READY takes effect. */
static void
test_path_in_ready (Fixture *self, gconstpointer unused)
{
  g_autofree char *first = g_build_filename (self->folder, "first.jsonl", NULL);
  GstHarness *harness = NULL;
  g_auto (GStrv) lines = NULL;

  g_object_set (self->element, "file-path", first, NULL);
  gst_element_set_state (self->element, GST_STATE_READY);
  g_object_set (self->element, "file-path", self->path, NULL);
  harness = start (self);
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  lines = read_lines (self);
  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  g_assert_cmpint (g_remove (first), ==, 0);
  gst_harness_teardown (harness);
}

/* Without the property "source", the source is the stream-id. */
static void
test_source (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_object_set (self->element, "source", NULL, NULL);
  harness = start (self);
  gst_harness_push_event (harness,
                          gst_event_new_stream_start ("the \"left\" one"));
  gst_harness_set_src_caps_str (harness, CAPS);
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  lines = read_lines (self);
  node = parse (lines[0]);
  g_assert_cmpstr (
      json_object_get_string_member (json_node_get_object (node), "source"), ==,
      "the \"left\" one");
  gst_harness_teardown (harness);
}

static void
test_no_timestamp (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);
  GstBuffer *buffer = make_buffer (0.5, TRUE);
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonNode) node = NULL;

  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  gst_buffer_unref (gst_harness_push_and_pull (harness, buffer));
  lines = read_lines (self);
  node = parse (lines[0]);
  g_assert_true (
      json_object_get_null_member (json_node_get_object (node), "timestamp"));
  gst_harness_teardown (harness);
}

/* Errors */

static char *
pop_error (GstBus *bus, int code)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_error (error, GST_RESOURCE_ERROR, code);
  return g_strdup (error->message);
}

static void
test_unwritable (Fixture *self, gconstpointer unused)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autofree char *path =
      g_build_filename (self->folder, "missing", "results.jsonl", NULL);
  const char *const paths[] = {path, self->folder};

  gst_element_set_bus (self->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *text = NULL;

    g_object_set (self->element, "file-path", paths[i], NULL);
    g_assert_cmpint (gst_element_set_state (self->element, GST_STATE_READY), ==,
                     GST_STATE_CHANGE_FAILURE);
    text = pop_error (bus, GST_RESOURCE_ERROR_OPEN_WRITE);
    g_assert_nonnull (strstr (text, paths[i]));
    gst_element_set_state (self->element, GST_STATE_NULL);
  }
  gst_element_set_bus (self->element, NULL);
}

static void
test_full_disk (Fixture *self, gconstpointer unused)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autofree char *text = NULL;
  GstHarness *harness = NULL;

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS)) {
    g_test_skip ("no /dev/full here: what a full disk does was not tried");
    return;
  }
  g_object_set (self->element, "file-path", "/dev/full", NULL);
  harness = start (self);
  gst_element_set_bus (self->element, bus);
  g_assert_cmpint (gst_harness_push (harness, make_buffer (0.5, TRUE)), ==,
                   GST_FLOW_ERROR);
  text = pop_error (bus, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  g_assert_nonnull (strstr (text, "/dev/full"));
  gst_element_set_bus (self->element, NULL);
  gst_harness_teardown (harness);
}

/* If only a part of a line could be written, the file keeps only whole
 * lines. */
static void
test_half_line (Fixture *self, gconstpointer unused)
{
  GstHarness *harness = start (self);
  struct rlimit before, limit;
  g_auto (GStrv) lines = NULL;
  GStatBuf info;

  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  g_assert_cmpint (g_stat (self->path, &info), ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = info.st_size * 3 / 2;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_cmpint (gst_harness_push (harness, make_buffer (0.5, TRUE)), ==,
                   GST_FLOW_ERROR);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  lines = read_lines (self);
  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  gst_harness_teardown (harness);
}

/* The element accepts any caps; only to write a line it needs the size of the
 * frame. */
static void
test_caps (Fixture *self, gconstpointer unused)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  GstHarness *harness = start (self);
  g_auto (GStrv) lines = NULL;

  gst_harness_set_src_caps_str (harness, "image/jpeg, width=20, height=10");
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, make_buffer (0.5, TRUE)));
  lines = read_lines (self);
  g_assert_nonnull (strstr (lines[0], "\"width\":20"));

  gst_element_set_bus (self->element, bus);
  gst_harness_set_src_caps_str (harness, "application/x-rtp");
  gst_buffer_unref (gst_harness_push_and_pull (harness, gst_buffer_new ()));
  g_assert_cmpint (gst_harness_push (harness, make_buffer (0.5, TRUE)), ==,
                   GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_bus (self->element, NULL);
  gst_harness_teardown (harness);
}

#define ADD(name, test) \
  g_test_add ("/publish/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  /* The lines have decimal points in every locale. */
  setlocale (LC_ALL, "de_DE.UTF-8");
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  ADD ("line", test_line);
  ADD ("which-frames", test_which_frames);
  ADD ("late-result", test_late_result);
  ADD ("include-map", test_include_map);
  ADD ("append", test_append);
  ADD ("path-in-ready", test_path_in_ready);
  ADD ("source", test_source);
  ADD ("no-timestamp", test_no_timestamp);
  ADD ("unwritable", test_unwritable);
  ADD ("full-disk", test_full_disk);
  ADD ("half-line", test_half_line);
  ADD ("caps", test_caps);
  return g_test_run ();
}
