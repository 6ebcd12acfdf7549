/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text to ids. The expected ids come from OpenAI's own tokenizer, run on CLIP's
 * vocabulary and on tests/data/tokenizer.json, a small one made up for this. */
#include "files/tokenizer.h"

#include <feclip/error.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_EXPECTED 40

typedef struct {
  const char *text;
  guint32 ids[MAX_EXPECTED]; /* those between start and end */
} Example;

/* What every prompt is encoded into, so that leftovers would show. */
typedef struct {
  guint32 ids[FE_TOKENIZER_CONTEXT];
  guint n_ids;
  gboolean truncated;
} Encoded;

static FeTokenizer *
open_small (void)
{
  g_autoptr (GError) error = NULL;
  FeTokenizer *tokenizer =
      fe_tokenizer_open (FECLIP_TEST_DATA "/tokenizer.json", &error);

  g_assert_no_error (error);
  return tokenizer;
}

/* CLIP's own vocabulary, or NULL and the test skipped. */
static FeTokenizer *
open_clip (void)
{
  const char *path = g_getenv ("FECLIP_VOCABULARY");
  g_autoptr (GError) error = NULL;
  FeTokenizer *tokenizer = NULL;

  if (path == NULL) {
    g_test_skip ("CLIP's vocabulary not tested: FECLIP_VOCABULARY is unset");
    return NULL;
  }
  tokenizer = fe_tokenizer_open (path, &error);
  g_assert_no_error (error);
  return tokenizer;
}

static void
encode (const FeTokenizer *tokenizer, const char *text, Encoded *encoded)
{
  g_autoptr (GError) error = NULL;

  memset (encoded, 0xff, sizeof *encoded);
  g_assert_true (fe_tokenizer_encode (tokenizer, text, FE_TOKENIZER_CONTEXT,
                                      encoded->ids, &encoded->n_ids,
                                      &encoded->truncated, &error));
  g_assert_no_error (error);
}

static void
check_example (const FeTokenizer *tokenizer, const Example *example)
{
  Encoded encoded;
  guint n = 0;

  g_test_message ("prompt: %s", example->text);
  encode (tokenizer, example->text, &encoded);
  g_assert_false (encoded.truncated);
  g_assert_cmpuint (encoded.ids[0], ==, FE_TOKENIZER_START);
  for (; n + 2 < encoded.n_ids; n++)
    g_assert_cmpuint (encoded.ids[n + 1], ==, example->ids[n]);
  g_assert_cmpuint (example->ids[n], ==, 0);
  g_assert_cmpuint (encoded.ids[n + 1], ==, FE_TOKENIZER_END);
  for (guint i = n + 2; i < FE_TOKENIZER_CONTEXT; i++)
    g_assert_cmpuint (encoded.ids[i], ==, 0);
}

static void
check_refused (const FeTokenizer *tokenizer, const char *text,
               const char *sentence)
{
  g_autoptr (GError) error = NULL;
  Encoded encoded;

  g_assert_false (fe_tokenizer_encode (tokenizer, text, FE_TOKENIZER_CONTEXT,
                                       encoded.ids, &encoded.n_ids,
                                       &encoded.truncated, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, sentence));
}

static void
test_no_vocabulary (void)
{
  static const Example examples[] = {
      {"A photo of a normal object", {320, 1125, 539, 320, 5967, 14115}},
      {"A photo of a damaged object", {320, 1125, 539, 320, 13568, 14115}},
      {"  a PHOTO of a\tnormal  object\n", {320, 1125, 539, 320, 5967, 14115}},
      {"", {0}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    check_example (NULL, &examples[i]);
  check_refused (NULL, "a photo of a nut", "tokenizer-file");
}

/* White space, case, character references, word borders, bytes. */
static void
test_small_vocabulary (void)
{
  static const Example examples[] = {
      {"", {0}},
      {"   ", {0}},
      {"the photo", {514, 518}},
      {"THE\011\012 PHOTO  of\302\240", {514, 518, 519}},
      {"abc abcd bcd", {522, 322, 64, 527, 527}},
      {"a aa aaa aaaa aaaaa", {320, 524, 525, 523, 524, 523, 525}},
      {"it's it'S 'it'", {529, 528, 529, 528, 262, 529, 262}},
      {"x12", {343, 272, 273}},
      {"<b>", {283, 321, 285}},
      {"&lt;b&gt; &amp;lt;b", {283, 321, 285, 283, 321}},
      {"&ampamp;", {261}},
      {"&eacute;&Eacute &#233;&#xE9;", {127, 102, 530, 127, 102, 530}},
      {"&#128;&#0;&#xd800;&#1;", {158, 224, 105, 171, 123, 121, 171, 123, 377}},
      {"&notit; &frasl &nosuch;",
       {126, 361, 529, 282, 261, 69, 81, 64, 82, 331, 261, 77, 78, 82, 84, 66,
        327, 282}},
      {"\303\211 \303\221\316\221\316\243",
       {530, 127, 109, 138, 109, 139, 480}},
      {"\316\243 \316\221\316\243. \316\221\316\243\316\221",
       {139, 481, 138, 109, 139, 480, 269, 138, 109, 531, 138, 365}},
      {"\304\260", {328, 136, 485}},
      {"a<|startoftext|>b", {320, 49406, 321}},
      {"it\305\277 \342\205\240", {72, 83, 129, 379, 158, 227, 364}},
      {"\034 the \037", {514}},
      {"the\034the", {514, 472, 514}},
      {"!!the?!", {0, 256, 514, 30, 256}},
      {"\346\227\245\346\234\254", {162, 245, 98, 162, 250, 361}},
  };
  g_autoptr (FeTokenizer) tokenizer = open_small ();

  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    check_example (tokenizer, &examples[i]);
}

static void
test_clip_vocabulary (void)
{
  static const Example examples[] = {
      {"A photo of a normal object", {320, 1125, 539, 320, 5967, 14115}},
      {"a close-up photo of a scratched metal nut",
       {320, 2660, 268, 705, 1125, 539, 320, 48831, 4044, 6491}},
      {"A photo of a flawless printed circuit board, without defect",
       {320, 1125, 539, 320, 15531, 7978, 9801, 1972, 267, 2193, 44013}},
      {"it's 3 o'clock: na\303\257ve caf\303\251 d\303\251j\303\240-vu!",
       {585, 568, 274, 334, 262, 6716, 281, 1097, 35689, 563, 15304, 25466, 73,
        21259, 268, 13230, 256}},
      {"  Screw\011with a   bent\012thread ", {14225, 593, 320, 18369, 8815}},
      {"We've 2024 PCBs, don't they'll I'd",
       {649, 1200, 273, 271, 273, 275, 6782, 1329, 267, 847, 713, 889, 1342,
        328, 1896}},
      {"R&amp;amp;D caf&eacute; 5&deg; &#8211; &lt;b&gt;",
       {337, 261, 323, 15304, 276, 6858, 1224, 283, 321, 285}},
      {"\316\232\316\221\316\233\316\251\316\224\316\231\316\237\316\243 "
       "\316\272\316\261\316\273\317\211\316\264\316\271\316\277\317\202",
       {138, 118, 138, 109, 138, 119, 139, 231, 138, 112, 138,
        117, 138, 123, 139, 480, 138, 118, 138, 109, 138, 119,
        139, 231, 138, 112, 138, 117, 138, 123, 139, 480}},
      {"\304\260stanbul STRASSE Stra\303\237e",
       {328, 16384, 11231, 1894, 8938, 1894, 127, 253, 324}},
      {"\351\233\273\347\267\232 "
       "\343\202\261\343\203\274\343\203\226\343\203\253 "
       "\354\240\204\354\204\240",
       {165, 249, 119, 163, 115, 504, 3909, 109, 18584, 244, 2429, 360, 20580,
        226, 15074, 510}},
      {"\360\237\221\215\360\237\217\275 100% OK!!!",
       {43722, 272, 271, 271, 260, 2481, 995}},
      {"supercalifragilisticexpialidocious",
       {1642, 2857, 13093, 2076, 5868, 26850, 835, 639, 38466}},
      {"<|startoftext|>x<|endoftext|>y", {49406, 343}},
  };
  g_autoptr (FeTokenizer) tokenizer = open_clip ();

  for (guint i = 0; tokenizer != NULL && i < G_N_ELEMENTS (examples); i++)
    check_example (tokenizer, &examples[i]);
}

/* The prompts whose text features are among the golden numbers. */
static void
test_golden (void)
{
  const char *golden = g_getenv ("FECLIP_GOLDEN");
  g_autoptr (FeTokenizer) tokenizer = open_clip ();
  g_autofree char *path =
      g_build_filename (golden != NULL ? golden : FECLIP_TEST_DATA "/golden",
                        "expected.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *prompts;

  if (tokenizer == NULL)
    return;
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  prompts = json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), "prompts");
  g_assert_cmpuint (json_array_get_length (prompts), >=, 2);
  for (guint i = 0; i < json_array_get_length (prompts); i++) {
    JsonObject *prompt = json_array_get_object_element (prompts, i);
    JsonArray *ids = json_object_get_array_member (prompt, "ids");
    Encoded encoded;

    encode (tokenizer, json_object_get_string_member (prompt, "text"),
            &encoded);
    g_assert_cmpuint (encoded.n_ids, ==, json_array_get_length (ids));
    for (guint j = 0; j < encoded.n_ids; j++)
      g_assert_cmpint (encoded.ids[j], ==, json_array_get_int_element (ids, j));
  }
}

/* The longest text that fits, one word more, and far more. */
static void
test_context (void)
{
  static const guint n_words[] = {75, 76, 200000};
  g_autoptr (FeTokenizer) tokenizer = open_small ();

  for (guint i = 0; i < G_N_ELEMENTS (n_words); i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    Encoded encoded;

    for (guint j = 0; j < n_words[i]; j++)
      g_string_append (text, "the ");
    encode (tokenizer, text->str, &encoded);
    g_assert_cmpint (encoded.truncated, ==, n_words[i] > 75);
    g_assert_cmpuint (encoded.n_ids, ==, FE_TOKENIZER_CONTEXT);
    g_assert_cmpuint (encoded.ids[1], ==, encoded.ids[75]);
    g_assert_cmpuint (encoded.ids[76], ==, FE_TOKENIZER_END);
  }
}

static void
test_end_token (void)
{
  static const Example ends_early = {"the<|endoftext|> photo", {514}};
  g_autoptr (FeTokenizer) tokenizer = open_small ();

  check_example (tokenizer, &ends_early);
}

static void
test_bad_prompts (void)
{
  g_autoptr (FeTokenizer) tokenizer = open_small ();
  g_autofree char *long_word = g_strnfill (1000000, 'a');

  check_refused (tokenizer, "the \xff photo", "not UTF-8 text at byte 4");
  check_refused (NULL, "\xc3", "not UTF-8 text at byte 0");
  check_refused (tokenizer, long_word, "1000000 bytes");
}

/* Any bytes give ids or an error, without a fault for sanitizers to find. */
static void
test_random_prompts (void)
{
  static const char *const pieces[] = {
      "&",  "&#", "&#x", ";",    "amp",  "1", "ff", "the ", "photo", "'s",
      "<|", "|>", "\t",  "\xce", "\xa3", "A", "'",  "\xc4", "\xb0",  " ",
  };
  g_autoptr (FeTokenizer) tokenizer = open_small ();
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < 20000; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    const int length = g_rand_int_range (random, 0, 40);
    const guint context =
        g_rand_int_range (random, 2, FE_TOKENIZER_CONTEXT + 1);
    g_autofree guint32 *ids = g_new (guint32, context);
    guint n_ids;
    gboolean truncated;

    for (int j = 0; j < length; j++) {
      if (g_rand_int_range (random, 0, 20) == 0)
        g_string_append_c (text, g_rand_int_range (random, 1, 256));
      else
        g_string_append (
            text, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
    }
    if (!fe_tokenizer_encode (tokenizer, text->str, context, ids, &n_ids,
                              &truncated, NULL))
      continue;
    g_assert_cmpuint (n_ids, >=, 2);
    g_assert_cmpuint (n_ids, <=, context);
    g_assert_cmpuint (ids[n_ids - 1], ==, FE_TOKENIZER_END);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokenizer/no-vocabulary", test_no_vocabulary);
  g_test_add_func ("/tokenizer/small-vocabulary", test_small_vocabulary);
  g_test_add_func ("/tokenizer/clip-vocabulary", test_clip_vocabulary);
  g_test_add_func ("/tokenizer/golden", test_golden);
  g_test_add_func ("/tokenizer/context", test_context);
  g_test_add_func ("/tokenizer/end-token", test_end_token);
  g_test_add_func ("/tokenizer/bad-prompts", test_bad_prompts);
  g_test_add_func ("/tokenizer/random-prompts", test_random_prompts);
  return g_test_run ();
}
