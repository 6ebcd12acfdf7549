/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vocabulary files: each kind, and each way in which one can be damaged. */
#include "files/vocabulary.h"

#include <feclip/error.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "files/tokenizer.h"
#include "support/scratch.h"

#define N_MERGES 48894
#define N_VISIBLE 188

/* A folder for one test's files. */
typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_path ("folder");
  g_mkdir (fixture->folder, 0700);
  fixture->path = g_build_filename (fixture->folder, "vocabulary", NULL);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  scratch_remove (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
append_visible (GString *out, guint index)
{
  g_string_append_unichar (out, index < 94    ? '!' + index
                                : index < 106 ? 0xa1 + index - 94
                                              : 0xae + index - 106);
}

/* A merges.txt of CLIP's length, in which each pair of visible bytes is merged:
 * inside a word, then at its end. The id of a merge follows from its place. */
static GString *
make_merges (const char *line_break)
{
  GString *text = g_string_new ("#version: 0.2");

  for (guint i = 0; i < N_MERGES; i++) {
    const guint right = i % (2 * N_VISIBLE);

    g_string_append (text, line_break);
    append_visible (text, i / (2 * N_VISIBLE));
    g_string_append_c (text, ' ');
    append_visible (text, right % N_VISIBLE);
    if (right >= N_VISIBLE)
      g_string_append (text, "</w>");
  }
  return text;
}

static guint
get_merge_id (char left, char right, gboolean last)
{
  return 512 + (left - '!') * 2 * N_VISIBLE + (right - '!')
         + (last ? N_VISIBLE : 0);
}

/* Opens a file written from make_merges() and tries it. */
static void
check_merges (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeTokenizer) tokenizer = fe_tokenizer_open (path, &error);
  const guint expected[] = {
      FE_TOKENIZER_START,
      get_merge_id ('a', 'b', FALSE),
      get_merge_id ('c', 'd', TRUE),
      126,       /* U+00AD's first byte, visible in Latin-1 */
      256 + 255, /* its second, the last of those that are not */
      'x' - '!' + 256,
      FE_TOKENIZER_END,
  };
  guint32 ids[8];
  guint n_ids;
  gboolean truncated;

  g_assert_no_error (error);
  g_assert_true (fe_tokenizer_encode (tokenizer, "abcd \302\255x", 8, ids,
                                      &n_ids, &truncated, &error));
  g_assert_cmpuint (n_ids, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < n_ids; i++)
    g_assert_cmpuint (ids[i], ==, expected[i]);
}

static void
test_merges (Fixture *fixture, gconstpointer line_break)
{
  g_autoptr (GString) text = make_merges (line_break);

  scratch_write (fixture->path, text->str, text->len);
  check_merges (fixture->path);

  /* OpenAI's file goes on with merges that CLIP does not use. */
  g_string_append (text, line_break);
  g_string_append (text, "not read");
  scratch_write (fixture->path, text->str, text->len);
  check_merges (fixture->path);
}

/* Packs a text with gzip. */
static GBytes *
pack (const char *text, gsize length)
{
  g_autoptr (GZlibCompressor) gzip =
      g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, G_CONVERTER (gzip));
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (stream, text, length, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (
      G_MEMORY_OUTPUT_STREAM (memory));
}

static void
check_damaged (const char *path, const char *content, gssize length,
               const char *sentence)
{
  g_autoptr (FeVocabulary) vocabulary = NULL;
  g_autoptr (GError) error = NULL;

  scratch_write (path, content, length);
  vocabulary = fe_vocabulary_open (path, &error);
  g_assert_null (vocabulary);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, sentence));
}

static void
test_gzip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = make_merges ("\n");
  g_autoptr (GBytes) packed = pack (text->str, text->len);
  const char *bytes = g_bytes_get_data (packed, NULL);
  const gsize size = g_bytes_get_size (packed);
  g_autofree char *broken = g_memdup2 (bytes, size);

  scratch_write (fixture->path, bytes, size);
  check_merges (fixture->path);

  check_damaged (fixture->path, bytes, size / 2, "cannot be decompressed");
  check_damaged (fixture->path, bytes, 2, "cannot be decompressed");
  memset (broken + size / 2, 0xff, 64);
  check_damaged (fixture->path, broken, size, "cannot be decompressed");
}

/* Zeros that pack a thousandfold. */
static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  const gsize length = 33 * 1024 * 1024;
  g_autofree char *spaces = g_strnfill (length, ' ');
  g_autoptr (GBytes) packed = pack (spaces, length);

  check_damaged (fixture->path, spaces, length, "larger than 32 MiB");
  check_damaged (fixture->path, g_bytes_get_data (packed, NULL),
                 g_bytes_get_size (packed), "larger than 32 MiB");
}

static char *
read_small_json (void)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (FECLIP_TEST_DATA "/tokenizer.json", &text,
                                      NULL, NULL));
  return text;
}

/* Merges written as pairs give the same vocabulary as merges in one string. */
static void
test_json_pairs (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plain = read_small_json ();
  g_autofree char *rewritten = NULL;
  g_autoptr (GString) text = g_string_new (plain);
  char *merges = strstr (text->str, "\"merges\":[");
  g_autoptr (FeVocabulary) expected = NULL;
  g_autoptr (FeVocabulary) found = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_nonnull (merges);
  rewritten = g_strdup (merges + strlen ("\"merges\":["));
  g_string_truncate (text, merges - text->str);
  g_string_append (text, "\"merges\": [");
  parts = g_strsplit (rewritten, "\"", -1);
  for (guint i = 1; parts[i] != NULL; i += 2) {
    g_auto (GStrv) pair = g_strsplit (parts[i], " ", 2);

    g_string_append_printf (text, "%s[\"%s\", \"%s\"]", i > 1 ? " ,\n" : "",
                            pair[0], pair[1]);
  }
  g_string_append (text, "]}}");
  scratch_write (fixture->path, text->str, text->len);

  found = fe_vocabulary_open (fixture->path, &error);
  g_assert_no_error (error);
  expected = fe_vocabulary_open (FECLIP_TEST_DATA "/tokenizer.json", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 1024 * 1024; i++) {
    const guint16 symbols[2] = {i / 1024, i % 1024};
    guint16 merged = 0, expected_merged = 0;

    g_assert_cmpuint (
        fe_vocabulary_get_rank (found, symbols, &merged), ==,
        fe_vocabulary_get_rank (expected, symbols, &expected_merged));
    g_assert_cmpuint (merged, ==, expected_merged);
  }
}

/* The small tokenizer.json with one thing replaced. */
static void
test_damaged_json (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *old;
    const char *new;
    const char *sentence;
  } changes[] = {
      {"\"model\"", "\"modal\"", "without the \"model\""},
      {"\"vocab\"", "\"vocal\"", "without the \"vocab\""},
      {"\"merges\":[", "\"merges\":[[",
       "merge 1 does not consist of two symbols"},
      {"\"merges\":[", "\"merges\":7,\"x\":[", "without the \"merges\""},
      {"\"b c\"", "\"b c d\"", "merge 1 does not consist of two symbols"},
      {"\"b c\"", "\"bc\"", "merge 1 does not consist of two symbols"},
      {"\"b c\"", "[\"b\"]", "merge 1 does not consist of two symbols"},
      {"\"b c\"", "[\"b\",\"c\",\"d\"]",
       "merge 1 does not consist of two symbols"},
      {"\"t h\"", "\"t q\"", "merge 2 uses a symbol that does not exist"},
      {"\"a</w>\":", "\"b</w>\":", "lacks a symbol for byte 97"},
      {"49406", "49405", "start and end tokens"},
      {"\"a\":64", "\"a\":49408", "larger than 49407"},
      {"\"a\":64", "\"a\":-1", "a whole number"},
      {"\"a\":64", "\"a\":\"64\"", "a whole number"},
      {"\"a\":64", "\"a\":6.4", "a comma or a closing bracket"},
      {"\"a\":64", "\"a\\ud800\":64", "an escape sequence"},
      {"null", "/* null */ 1", "a value"},
      {"null", "'[[[['", "a value"},
  };
  g_autofree char *plain = read_small_json ();
  g_autoptr (GString) deep = g_string_new (plain);
  g_autofree char *brackets = g_strnfill (1000000, '[');

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autoptr (GString) text = g_string_new (plain);

    g_assert_cmpuint (
        g_string_replace (text, changes[i].old, changes[i].new, 1), ==, 1);
    check_damaged (fixture->path, text->str, text->len, changes[i].sentence);
  }
  g_string_replace (deep, "null", brackets, 1);
  check_damaged (fixture->path, deep->str, deep->len, "should have");
}

static void
test_damaged_merges (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *content;
    const char *sentence;
  } files[] = {
      {"", "neither a list of merges nor JSON"},
      {"#version: 0.2", "neither a list of merges nor JSON"},
      {"a shopping list\nmilk\n", "neither a list of merges nor JSON"},
      {"milk\n#version: 0.2\n", "neither a list of merges nor JSON"},
      {"#version: 0.2\n", "ends after 0 merges of 48894"},
      {"#version: 0.2\ni n\nt h", "ends after 2 merges of 48894"},
      {"#version: 0.2\ni n\n\nt h\n", "line 3 is not a merge of two symbols"},
      {"#version: 0.2\ni n s\n", "line 2 is not a merge of two symbols"},
      {"#version: 0.2\ni \n", "line 2 is not a merge of two symbols"},
      {"#version: 0.2\nin s\n", "merge 1 uses a symbol that does not exist"},
      {"#version: 0.2\n\xff n\n", "not text"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    check_damaged (fixture->path, files[i].content, -1, files[i].sentence);
  check_damaged (fixture->path, "#version\n\0\n", 11, "not text");
}

static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  const char *paths[] = {fixture->path, fixture->folder};

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (fe_vocabulary_open (paths[i], &error));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE);
    g_assert_nonnull (strstr (error->message, paths[i]));
  }
}

static void
test_beside_weights (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
      "tokenizer.json",
      "bpe_simple_vocab_16e6.txt.gz",
      "merges.txt",
  };
  g_autofree char *weights =
      g_build_filename (fixture->folder, "model.safetensors", NULL);

  g_assert_null (fe_tokenizer_find_beside (weights));
  /* In this order each file comes before those that are there already. */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
    g_autofree char *found = NULL;

    scratch_write (path, "", 0);
    found = fe_tokenizer_find_beside (weights);
    g_assert_cmpstr (found, ==, path);
  }
}

/* Any damage gives a vocabulary or an error, without a fault for sanitizers to
 * find. */
static void
test_random_damage (Fixture *fixture, gconstpointer data)
{
  static const char bytes[] = "\"\\{}[]:,u0 \n\t/*a\0\xff";
  g_autofree char *plain = read_small_json ();
  const gsize length = strlen (plain);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < 1000; i++) {
    g_autofree char *text = g_strdup (plain);
    g_autoptr (FeVocabulary) vocabulary = NULL;
    gsize kept = length;

    for (int n = g_rand_int_range (random, 1, 4); n > 0; n--)
      text[g_rand_int_range (random, 0, length)] =
          bytes[g_rand_int_range (random, 0, sizeof bytes - 1)];
    if (g_rand_boolean (random))
      kept = g_rand_int_range (random, 0, length);
    scratch_write (fixture->path, text, kept);
    vocabulary = fe_vocabulary_open (fixture->path, NULL);
  }
}

#define ADD(path, data, test) \
  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/vocabulary/merges", "\n", test_merges);
  ADD ("/vocabulary/merges-of-windows", "\r\n", test_merges);
  ADD ("/vocabulary/gzip", NULL, test_gzip);
  ADD ("/vocabulary/too-large", NULL, test_too_large);
  ADD ("/vocabulary/json-pairs", NULL, test_json_pairs);
  ADD ("/vocabulary/damaged-json", NULL, test_damaged_json);
  ADD ("/vocabulary/damaged-merges", NULL, test_damaged_merges);
  ADD ("/vocabulary/unreadable", NULL, test_unreadable);
  ADD ("/vocabulary/beside-weights", NULL, test_beside_weights);
  ADD ("/vocabulary/random-damage", NULL, test_random_damage);
  return g_test_run ();
}
