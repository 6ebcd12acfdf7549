/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prompts and adapters of the feclip element that change while it plays: from
 * a frame on, all is as if it had been started with them. */
#include <glib/gstdio.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_gate.h"
#include "support/gst_numbered.h"

#define NORMAL "A photo of a normal object"
#define DAMAGED "A photo of a damaged object"

static GstVideoInfo frames;
static char *folder;
static char *other_adapter; /* the golden one with other numbers */

/* What shall be in force. */
typedef struct {
  const char *normal;
  const char *anomaly;
  const char *adapter;
} Way;

static const Way usual = {NULL, NULL, ANALYSER_ADAPTER};

static void
set_prompts (GstHarness *harness, const Way *way)
{
  g_object_set (harness->element, "normal-prompt", way->normal,
                "anomaly-prompt", way->anomaly, NULL);
}

static void
push (GstHarness *harness, GstBuffer *buffer)
{
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
}

/* Returns: (transfer full): what frame @number carries, which leaves next */
static FeclipResult *
pull (GstHarness *harness, guint number)
{
  g_autoptr (GstBuffer) out = gst_harness_pull (harness);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (out);

  g_assert_cmpuint (GST_BUFFER_PTS (out), ==, number * NUMBERED_TIME);
  g_assert_nonnull (verdict);
  g_assert_true (verdict->analysed);
  return feclip_result_ref (verdict->result);
}

static FeclipResult *
pass (GstHarness *harness, guint number)
{
  push (harness, numbered_new (&frames, number));
  return pull (harness, number);
}

/* Elements that were started in some way, by its name. */
static GHashTable *started;

static GstHarness *
start (const Way *way, const char *properties)
{
  GstHarness *harness = numbered_harness (&frames, "");

  gst_element_set_state (harness->element, GST_STATE_NULL);
  numbered_set (harness, properties);
  set_prompts (harness, way);
  g_object_set (harness->element, "adapter-file", way->adapter, NULL);
  gst_harness_play (harness);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  return harness;
}

/* Returns: (transfer full): what an element that was started so finds */
static FeclipResult *
find (const Way *way, guint number, const char *properties)
{
  char *name = g_strdup_printf ("%s, %s, %s, %s", way->normal, way->anomaly,
                                way->adapter, properties);
  GstHarness *harness = g_hash_table_lookup (started, name);

  if (harness == NULL) {
    harness = start (way, properties);
    g_hash_table_insert (started, name, harness);
  } else {
    g_free (name);
  }
  return pass (harness, number);
}

static void
assert_found (GstHarness *harness, const Way *way, guint number)
{
  g_autoptr (FeclipResult) wanted = find (way, number, "");
  g_autoptr (FeclipResult) got = pull (harness, number);

  analyser_assert_same ("a frame", got, wanted);
}

/* Fails the test unless the next warning says @word, or there is none if that
 * is NULL. */
static void
assert_warning (GstBus *bus, const char *word)
{
  g_autoptr (GstMessage) message =
      word != NULL ? gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
                                                 GST_MESSAGE_WARNING)
                   : gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  if (word == NULL) {
    g_assert_null (message);
    return;
  }
  g_assert_nonnull (message);
  gst_message_parse_warning (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strchr (error->message, '\n'));
}

/* Prompts */

/* A frame that is inside keeps its own, those that come have the new ones. */
static void
test_prompts (gconstpointer properties)
{
  static const Way swapped = {DAMAGED, NORMAL, ANALYSER_ADAPTER};
  static const Way several = {NORMAL "|" DAMAGED "|" NORMAL, DAMAGED,
                              ANALYSER_ADAPTER};
  GstHarness *harness = numbered_harness (&frames, properties);
  GstBuffer *gated = numbered_new (&frames, 0);
  g_autoptr (FeclipResult) before = find (&usual, 1, "");
  g_autoptr (FeclipResult) after = find (&swapped, 1, "");

  g_assert_cmpfloat (before->score, !=, after->score);
  gate_add (gated, &frames);
  gate_close ();
  if (strstr (properties, "nireq")) {
    push (harness, gated);
    gate_await (1);
    set_prompts (harness, &swapped);
    push (harness, numbered_new (&frames, 1));
    push (harness, numbered_new (&frames, 2));
    gate_open ();
  } else {
    gate_open ();
    push (harness, gated);
    set_prompts (harness, &swapped);
    push (harness, numbered_new (&frames, 1));
    push (harness, numbered_new (&frames, 2));
  }
  assert_found (harness, &usual, 0);
  assert_found (harness, &swapped, 1);
  assert_found (harness, &swapped, 2);
  set_prompts (harness, &several);
  push (harness, numbered_new (&frames, 3));
  assert_found (harness, &several, 3);
  set_prompts (harness, &usual);
  push (harness, numbered_new (&frames, 4));
  assert_found (harness, &usual, 4);
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==, 5);
  gst_harness_teardown (harness);
}

/* What is in analysis goes on with its own prompts while later frames pass. */
static void
test_prompts_on_overload (void)
{
  static const Way swapped = {DAMAGED, NORMAL, ANALYSER_ADAPTER};
  GstHarness *harness = numbered_harness (
      &frames, "on-overload=skip max-delay=18446744073709551615");
  GstBuffer *gated = numbered_new (&frames, 0);
  g_autoptr (GstBuffer) skipped = NULL;

  gate_add (gated, &frames);
  gate_close ();
  push (harness, gated);
  gate_await (1);
  set_prompts (harness, &swapped);
  push (harness, numbered_new (&frames, 1));
  gate_open ();
  assert_found (harness, &usual, 0);
  skipped = gst_harness_pull (harness);
  numbered_assert_plain (skipped, 1);
  numbered_await_stat (harness, "in-flight", 0);
  push (harness, numbered_new (&frames, 2));
  assert_found (harness, &swapped, 2);
  gst_harness_teardown (harness);
}

static void
test_bad_prompts (void)
{
  static const struct {
    Way way;
    const char *word;
  } cases[] = {
      {{" ", NULL, NULL}, "normal-prompt: the prompt is empty"},
      {{NORMAL, DAMAGED "||" NORMAL, NULL},
       "anomaly-prompt: there is an empty"},
      {{"a nut", "a torn nut", NULL}, "normal-prompt: "},
      {{NULL, "\xff", NULL}, "anomaly-prompt: "},
  };
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    set_prompts (harness, &cases[i].way);
    push (harness, numbered_new (&frames, i));
    assert_found (harness, &usual, i);
    assert_warning (bus, cases[i].word);
    assert_warning (bus, NULL);
  }
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* A vocabulary lets a prompt be too long; a model without a text encoder takes
 * none. */
static void
test_unreadable_prompts (void)
{
  const char *vocabulary = g_getenv ("FECLIP_VOCABULARY");
  g_autoptr (GString) endless = g_string_new (NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *harness = NULL;

  if (vocabulary == NULL) {
    g_test_skip ("FECLIP_VOCABULARY is not set: no long prompt was encoded");
    return;
  }
  harness = numbered_harness (&frames, "");
  gst_element_set_state (harness->element, GST_STATE_NULL);
  g_object_set (harness->element, "tokenizer-file", vocabulary, NULL);
  gst_harness_play (harness);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < 80; i++)
    g_string_append (endless, "nut ");
  g_object_set (harness->element, "anomaly-prompt", endless->str, NULL);
  push (harness, numbered_new (&frames, 0));
  assert_found (harness, &usual, 0);
  assert_warning (bus, "more than 77 tokens; the prompts before stay in force");
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_no_text_encoder (void)
{
  GstHarness *harness = gst_harness_new ("feclip");
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (FeclipResult) before = NULL, after = NULL;

  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  gst_element_set_bus (harness->element, bus);
  before = pass (harness, 0);
  g_object_set (harness->element, "normal-prompt", NORMAL, NULL);
  after = pass (harness, 0);
  analyser_assert_same ("the built-in model", after, before);
  assert_warning (bus, "holds no text encoder");
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* What is set in between counts at the next start, too. */
static void
test_restart (void)
{
  static const Way swapped = {DAMAGED, NORMAL, ANALYSER_ADAPTER};
  GstHarness *harness = numbered_harness (&frames, "nireq=2");

  set_prompts (harness, &swapped);
  gst_element_set_state (harness->element, GST_STATE_READY);
  gst_harness_play (harness);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  push (harness, numbered_new (&frames, 0));
  assert_found (harness, &swapped, 0);
  gst_element_set_state (harness->element, GST_STATE_READY);
  set_prompts (harness, &usual);
  gst_harness_play (harness);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  push (harness, numbered_new (&frames, 1));
  assert_found (harness, &usual, 1);
  gst_harness_teardown (harness);
}

/* Adapters */

/* Writes the golden adapter with some bytes changed. @from and @to have one
 * length; NULL: the numbers' signs instead, or a part of the file where
 * @share is below 1. Returns: (transfer full): the path */
static char *
write_adapter (const char *name, const char *from, const char *to, double share)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (ANALYSER_ADAPTER, &bytes, &size, NULL));
  if (from != NULL) {
    char *at = g_strstr_len (bytes + 8, (gssize)size - 8, from);

    g_assert_nonnull (at);
    memcpy (at, to, strlen (to));
  } else if (share == 1) {
    for (gsize i = size - size / 4 / 2 * 2 + 1; i < size; i += 2)
      bytes[i] ^= (char)0x80;
  }
  g_assert_true (
      g_file_set_contents (path, bytes, (gssize)((double)size * share), NULL));
  return path;
}

/* Returns: how many normal images the element then knows */
static guint
await_adapters (GstHarness *harness, GstBus *bus, guint *number)
{
  guint references = G_MAXUINT;

  for (;;) {
    g_autoptr (GstMessage) message =
        gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    const GstStructure *fields =
        message != NULL ? gst_message_get_structure (message) : NULL;
    g_autoptr (GstBuffer) out = NULL;

    if (fields != NULL && gst_structure_has_name (fields, "feclip-adapters")) {
      g_assert_true (
          gst_structure_get_uint (fields, "references", &references));
      return references;
    }
    if (message != NULL)
      continue;
    /* Frames go on while the adapters are loaded. */
    push (harness, numbered_new (&frames, *number));
    out = gst_harness_pull (harness);
    g_assert_cmpuint (GST_BUFFER_PTS (out), ==, (*number)++ * NUMBERED_TIME);
  }
}

static void
test_adapters (gconstpointer properties)
{
  const Way other = {NULL, NULL, other_adapter};
  const Way both = {DAMAGED, NORMAL, other_adapter};
  const Way back = {DAMAGED, NORMAL, ANALYSER_ADAPTER};
  GstHarness *harness = numbered_harness (&frames, properties);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (FeclipResult) before = find (&usual, 0, "");
  g_autoptr (FeclipResult) after = find (&other, 0, "");
  guint number = 0;

  g_assert_cmpfloat (analyser_mean_difference (before, after), >, 1e-3);
  gst_element_set_bus (harness->element, bus);
  push (harness, numbered_new (&frames, number));
  assert_found (harness, &usual, number++);
  g_object_set (harness->element, "adapter-file", other_adapter, NULL);
  g_assert_cmpuint (await_adapters (harness, bus, &number), ==, 0);
  push (harness, numbered_new (&frames, number));
  assert_found (harness, &other, number++);
  set_prompts (harness, &both);
  push (harness, numbered_new (&frames, number));
  assert_found (harness, &both, number++);
  g_object_set (harness->element, "adapter-file", ANALYSER_ADAPTER, NULL);
  await_adapters (harness, bus, &number);
  for (guint i = 0; i < 3; i++) {
    push (harness, numbered_new (&frames, number));
    assert_found (harness, &back, number++);
  }
  numbered_await_stat (harness, "frames", number);
  assert_warning (bus, NULL);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_bad_adapters (void)
{
  g_autofree char *none = g_build_filename (folder, "none.safetensors", NULL);
  g_autofree char *torn = write_adapter ("torn.safetensors", NULL, NULL, 0.7);
  g_autofree char *narrow =
      write_adapter ("narrow.safetensors", "[128,128]", "[ 64,256]", 1);
  g_autofree char *taps =
      write_adapter ("taps.safetensors", "0,1,2,3", "0,1,2,7", 1);
  const struct {
    const char *path, *word;
  } cases[] = {{none, "No such file"},
               {torn, "torn.safetensors"},
               {narrow, "[64, 256]"},
               {taps, "taps.safetensors"},
               {ANALYSER_MODEL, "holds no adapters"}};
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_object_set (harness->element, "adapter-file", cases[i].path, NULL);
    assert_warning (bus, cases[i].word);
    push (harness, numbered_new (&frames, i));
    assert_found (harness, &usual, i);
    assert_warning (bus, NULL);
    if (g_str_has_prefix (cases[i].path, folder))
      g_remove (cases[i].path);
  }
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static GstBusSyncReply
set_all (GstBus *bus, GstMessage *message, gpointer element)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    g_object_set (element, "normal-prompt", DAMAGED, "anomaly-prompt", NORMAL,
                  "adapter-file", ANALYSER_ADAPTER, NULL);
  return GST_BUS_PASS;
}

/* What is set when the element has read its settings and does not play yet: the
 * warning that there are no adapters comes from in between. */
static void
test_set_amid_start (void)
{
  static const Way none = {NULL, NULL, NULL};
  static const Way both = {DAMAGED, NORMAL, ANALYSER_ADAPTER};
  GstHarness *harness = start (&none, "");
  g_autoptr (GstBus) bus = gst_bus_new ();
  guint number = 0;

  gst_element_set_state (harness->element, GST_STATE_READY);
  numbered_set (harness, "nireq=2");
  gst_bus_set_sync_handler (bus, set_all, harness->element, NULL);
  gst_element_set_bus (harness->element, bus);
  gst_harness_play (harness);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  await_adapters (harness, bus, &number);
  push (harness, numbered_new (&frames, number));
  assert_found (harness, &both, number);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Has the next frame learnt. */
static void
learn (GstHarness *harness, guint number)
{
  g_autoptr (GstBuffer) out = NULL;

  g_signal_emit_by_name (harness->element, "learn", 1);
  push (harness, numbered_new (&frames, number));
  out = gst_harness_pull (harness);
  numbered_assert_plain (out, number);
}

/* Writes what an element that was started so makes of frame 9. */
static void
write_references (const Way *way, const char *path)
{
  GstHarness *harness = start (way, "");
  gboolean saved = FALSE;

  learn (harness, 9);
  g_signal_emit_by_name (harness->element, "save-references", path, &saved);
  g_assert_true (saved);
  gst_harness_teardown (harness);
}

/* What was learnt from files is learnt from them again, what was from frames is
 * forgotten. */
static void
test_references (void)
{
  const Way other = {NULL, NULL, other_adapter};
  g_autofree char *path = g_build_filename (folder, "normal", NULL);
  g_autofree char *located = g_strconcat ("reference-location=", path, NULL);
  g_autoptr (FeclipResult) before = NULL, kept = NULL, after = NULL;
  g_autoptr (FeclipResult) wanted = NULL;
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *harness = NULL;
  guint number = 0;

  write_references (&usual, path);
  harness = numbered_harness (&frames, located);
  gst_element_set_bus (harness->element, bus);
  learn (harness, 3);
  before = pass (harness, 7);
  g_assert_cmpuint (before->n_references, ==, 2);

  /* The file is of the adapters before. */
  g_object_set (harness->element, "adapter-file", other_adapter, NULL);
  assert_warning (bus, path);
  kept = pass (harness, 7);
  analyser_assert_same ("a frame beside old references", kept, before);

  write_references (&other, path);
  g_object_set (harness->element, "adapter-file", other_adapter, NULL);
  g_assert_cmpuint (await_adapters (harness, bus, &number), ==, 1);
  assert_warning (bus, "1 of them");
  after = pass (harness, 7);
  wanted = find (&other, 7, located);
  g_assert_cmpuint (after->n_references, ==, 1);
  analyser_assert_same ("a frame beside new references", after, wanted);

  g_signal_emit_by_name (harness->element, "clear-references");
  g_object_set (harness->element, "adapter-file", ANALYSER_ADAPTER, NULL);
  g_assert_cmpuint (await_adapters (harness, bus, &number), ==, 0);
  assert_warning (bus, NULL);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status = 0;

  numbered_init (&argc, &argv);
  numbered_info (&frames, 64, 48);
  started = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                   (GDestroyNotify)gst_harness_teardown);
  folder = g_dir_make_tmp ("feclip-prompts-XXXXXX", NULL);
  other_adapter = write_adapter ("other.safetensors", NULL, NULL, 1);
  g_test_add_data_func ("/prompts/one-request", "", test_prompts);
  g_test_add_data_func ("/prompts/requests", "nireq=3", test_prompts);
  g_test_add_func ("/prompts/overload", test_prompts_on_overload);
  g_test_add_func ("/prompts/bad", test_bad_prompts);
  g_test_add_func ("/prompts/unreadable", test_unreadable_prompts);
  g_test_add_func ("/prompts/no-text-encoder", test_no_text_encoder);
  g_test_add_func ("/prompts/restart", test_restart);
  g_test_add_data_func ("/adapters/one-request", "", test_adapters);
  g_test_add_data_func ("/adapters/requests", "nireq=3", test_adapters);
  g_test_add_data_func ("/adapters/batch", "nireq=3 batch-size=3",
                        test_adapters);
  g_test_add_data_func ("/adapters/overload",
                        "on-overload=skip max-delay=18446744073709551615",
                        test_adapters);
  g_test_add_func ("/adapters/bad", test_bad_adapters);
  g_test_add_func ("/adapters/amid-start", test_set_amid_start);
  g_test_add_func ("/adapters/references", test_references);
  status = numbered_run ();
  g_hash_table_unref (started);
  g_remove (other_adapter);
  g_rmdir (folder);
  g_free (other_adapter);
  g_free (folder);
  return status;
}
