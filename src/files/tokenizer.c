/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/tokenizer.h"

#include <feclip/error.h>
#include <string.h>

#include "files/html_entities.h"
#include "files/vocabulary.h"

/* Follows simple_tokenizer.py of OpenAI's CLIP, without its optional repair of
 * mojibake, independently of the locale. */

#define START_TEXT "<|startoftext|>"
#define END_TEXT "<|endoftext|>"

/* Longest word in bytes. Of a long text only as many words are encoded as fill
 * the context, so a single endless word is the only slow case. */
#define MAX_WORD 16384

#define LONG_S 0x17f
#define CAPITAL_I_WITH_DOT 0x130
#define COMBINING_DOT 0x307
#define CAPITAL_SIGMA 0x3a3
#define SMALL_SIGMA 0x3c3
#define SMALL_FINAL_SIGMA 0x3c2

struct _FeTokenizer {
  FeVocabulary *vocabulary;
};

FeTokenizer *
fe_tokenizer_open (const char *path, GError **error)
{
  g_autoptr (FeVocabulary) vocabulary = fe_vocabulary_open (path, error);
  FeTokenizer *self;

  if (vocabulary == NULL)
    return NULL;
  self = g_new0 (FeTokenizer, 1);
  self->vocabulary = g_steal_pointer (&vocabulary);
  return self;
}

void
fe_tokenizer_free (FeTokenizer *self)
{
  if (self == NULL)
    return;
  fe_vocabulary_free (self->vocabulary);
  g_free (self);
}

char *
fe_tokenizer_find_beside (const char *weights_path)
{
  static const char *const names[] = {
      "merges.txt",
      "bpe_simple_vocab_16e6.txt.gz",
      "tokenizer.json",
  };
  g_autofree char *folder = g_path_get_dirname (weights_path);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* Unicode's White_Space; g_unichar_isspace() lacks some of it. */
static gboolean
is_space (gunichar c)
{
  return (c >= 0x09 && c <= 0x0d) || c == 0x85 || g_unichar_isspace (c);
}

/* Characters that Python's str.strip() removes. */
static gboolean
is_strippable (gunichar c)
{
  return is_space (c) || (c >= 0x1c && c <= 0x1f);
}

/* Strips white space at both ends, in place. */
static char *
strip (char *text)
{
  char *end = text + strlen (text);

  while (is_strippable (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  while (end > text && is_strippable (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  *end = '\0';
  return text;
}

/* Cased letters; the ordinals ª and º count as lower case in Unicode. */
static gboolean
is_cased (gunichar c)
{
  return g_unichar_islower (c) || g_unichar_isupper (c) || g_unichar_istitle (c)
         || c == 0xaa || c == 0xba;
}

/* Case-ignorable characters: marks and punctuation within words. */
static gboolean
is_case_ignorable (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_NON_SPACING_MARK:
  case G_UNICODE_ENCLOSING_MARK:
  case G_UNICODE_FORMAT:
  case G_UNICODE_MODIFIER_LETTER:
  case G_UNICODE_MODIFIER_SYMBOL:
    return TRUE;
  default:
    return c == '\'' || c == '.' || c == ':' || c == 0xb7 || c == 0x2019;
  }
}

/* Whether the capital sigma at text[i] is at the end of a word. */
static gboolean
is_final_sigma (const gunichar *text, glong i)
{
  glong before = i - 1, after = i + 1;

  while (before >= 0 && is_case_ignorable (text[before]))
    before--;
  while (is_case_ignorable (text[after]))
    after++;
  return before >= 0 && is_cased (text[before]) && !is_cased (text[after]);
}

/* g_unichar_tolower() handles only letters; Roman numerals and circled letters
 * have a case, too. */
static gunichar
lower_symbol (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216f)
    return c + 16;
  if (c >= 0x24b6 && c <= 0x24cf)
    return c + 26;
  return g_unichar_tolower (c);
}

/* Appends text[i] in lower case. g_utf8_strdown() depends on the locale, where
 * a Turkish "I" would not become "i". */
static void
append_lower (GString *out, const gunichar *text, glong i)
{
  if (text[i] == CAPITAL_SIGMA) {
    g_string_append_unichar (out, is_final_sigma (text, i) ? SMALL_FINAL_SIGMA
                                                           : SMALL_SIGMA);
  } else if (text[i] == CAPITAL_I_WITH_DOT) {
    g_string_append_c (out, 'i');
    g_string_append_unichar (out, COMBINING_DOT);
  } else {
    g_string_append_unichar (out, lower_symbol (text[i]));
  }
}

/* Cleans text as CLIP does: unescapes HTML twice, collapses white space,
 * converts to lower case. */
static char *
clean (const char *text)
{
  g_autofree char *once = fe_html_unescape (text);
  g_autofree char *twice = fe_html_unescape (once);
  glong length;
  g_autofree gunichar *characters =
      g_utf8_to_ucs4_fast (strip (twice), -1, &length);
  g_autoptr (GString) out = g_string_sized_new (length);

  for (glong i = 0; i < length; i++) {
    if (!is_space (characters[i]))
      append_lower (out, characters, i);
    else if (!is_space (characters[i + 1]))
      g_string_append_c (out, ' ');
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

typedef enum {
  KIND_SPACE,
  KIND_LETTER,
  KIND_NUMBER,
  KIND_OTHER,
} Kind;

static Kind
get_kind (const char *text)
{
  const gunichar c = g_utf8_get_char (text);

  if (c == ' ')
    return KIND_SPACE;
  switch (g_unichar_type (c)) {
  case G_UNICODE_LOWERCASE_LETTER:
  case G_UNICODE_MODIFIER_LETTER:
  case G_UNICODE_OTHER_LETTER:
  case G_UNICODE_TITLECASE_LETTER:
  case G_UNICODE_UPPERCASE_LETTER:
    return KIND_LETTER;
  case G_UNICODE_DECIMAL_NUMBER:
  case G_UNICODE_LETTER_NUMBER:
  case G_UNICODE_OTHER_NUMBER:
    return KIND_NUMBER;
  default:
    return KIND_OTHER;
  }
}

/* Returns the position after the word at the start of text, or NULL if text
 * does not start with it. Case-insensitive as in Python, where ſ equals s. */
static const char *
skip_fixed_word (const char *text, const char *word)
{
  for (; *word != '\0'; word++) {
    const gunichar c = g_utf8_get_char (text);

    if (c != (guchar)*word && !(c == LONG_S && *word == 's'))
      return NULL;
    text = g_utf8_next_char (text);
  }
  return text;
}

/* Returns the position after the first word of clean text: a special token of
 * CLIP, an English contraction, letters, one digit, or other characters. */
static const char *
skip_word (const char *text)
{
  static const char *const fixed[] = {
      START_TEXT, END_TEXT, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d",
  };
  const Kind kind = get_kind (text);

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++) {
    const char *end = skip_fixed_word (text, fixed[i]);

    if (end != NULL)
      return end;
  }
  do
    text = g_utf8_next_char (text);
  while (*text != '\0' && kind != KIND_NUMBER && get_kind (text) == kind);
  return text;
}

/* Merges every pair of the given rank, from left to right. ranks[i] is the rank
 * of symbols[i] and the next symbol. Returns the number of remaining symbols.
 */
static guint
merge_pairs (const FeVocabulary *vocabulary, guint16 *symbols, guint32 *ranks,
             guint n_symbols, guint32 rank)
{
  guint16 merged = 0;
  guint n = 0;

  for (guint i = 0; i < n_symbols; i++, n++) {
    ranks[n] = ranks[i];
    if (ranks[i] == rank) {
      fe_vocabulary_get_rank (vocabulary, &symbols[i], &merged);
      symbols[n] = merged;
      i++;
    } else {
      symbols[n] = symbols[i];
    }
  }
  for (guint i = 0; i + 1 < n; i++) {
    if (symbols[i] == merged || symbols[i + 1] == merged)
      ranks[i] = fe_vocabulary_get_rank (vocabulary, &symbols[i], NULL);
  }
  ranks[n - 1] = FE_VOCABULARY_NO_RANK;
  return n;
}

/* Byte-pair encoding of a word of `length` bytes into at most as many symbols.
 * Returns their number. */
static guint
encode_word (const FeVocabulary *vocabulary, const char *word, guint length,
             guint16 *symbols)
{
  g_autofree guint32 *ranks = g_new (guint32, length);
  guint n_symbols = length;

  for (guint i = 0; i + 1 < length; i++)
    symbols[i] = vocabulary->inner_bytes[(guchar)word[i]];
  symbols[length - 1] = vocabulary->last_bytes[(guchar)word[length - 1]];
  for (guint i = 0; i + 1 < length; i++)
    ranks[i] = fe_vocabulary_get_rank (vocabulary, &symbols[i], NULL);
  ranks[length - 1] = FE_VOCABULARY_NO_RANK;

  while (TRUE) {
    guint32 lowest = FE_VOCABULARY_NO_RANK;

    for (guint i = 0; i < n_symbols; i++)
      lowest = MIN (lowest, ranks[i]);
    if (lowest == FE_VOCABULARY_NO_RANK)
      return n_symbols;
    n_symbols = merge_pairs (vocabulary, symbols, ranks, n_symbols, lowest);
  }
}

/* Output of the encoder. */
typedef struct {
  guint32 *ids;
  guint n_ids;
  guint max_ids; /* without the end token */
  gboolean truncated;
} Output;

/* Returns FALSE if there was no room for all ids. */
static gboolean
output_append (Output *self, const guint16 *ids, guint n_ids)
{
  for (guint i = 0; i < n_ids && !self->truncated; i++) {
    if (self->n_ids < self->max_ids)
      self->ids[self->n_ids++] = ids[i];
    else
      self->truncated = TRUE;
  }
  return !self->truncated;
}

/* Encodes clean text until its end or until the context is full. */
static gboolean
encode_clean (const FeTokenizer *self, const char *text, Output *out,
              GError **error)
{
  static const guint16 start = FE_TOKENIZER_START;
  const char *end;

  for (; *text != '\0'; text = end) {
    g_autofree guint16 *symbols = NULL;
    gboolean fits = TRUE;

    end = skip_word (text);
    if (end - text > MAX_WORD) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "the prompt has a word of %" G_GSIZE_FORMAT
                   " bytes, more than the %d allowed",
                   (gsize)(end - text), MAX_WORD);
      return FALSE;
    }
    /* CLIP reads the text features at the first end token. */
    if (g_str_has_prefix (text, END_TEXT))
      return TRUE;
    if (g_str_has_prefix (text, START_TEXT)) {
      fits = output_append (out, &start, 1);
    } else if (*text != ' ') {
      symbols = g_new (guint16, end - text);
      fits = output_append (
          out, symbols,
          encode_word (self->vocabulary, text, end - text, symbols));
    }
    if (!fits)
      return TRUE;
  }
  return TRUE;
}

/* Encodes the default prompts, whose ids are built in, without a vocabulary. */
static gboolean
encode_default (const char *text, Output *out, GError **error)
{
  static const struct {
    const char *text;
    guint16 ids[6];
  } prompts[] = {
      {"a photo of a normal object", {320, 1125, 539, 320, 5967, 14115}},
      {"a photo of a damaged object", {320, 1125, 539, 320, 13568, 14115}},
  };

  if (*text == '\0')
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++) {
    if (strcmp (text, prompts[i].text) == 0) {
      output_append (out, prompts[i].ids, G_N_ELEMENTS (prompts[i].ids));
      return TRUE;
    }
  }
  g_set_error_literal (
      error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
      "prompts other than the default ones need CLIP's vocabulary: set "
      "tokenizer-file to merges.txt, tokenizer.json or "
      "bpe_simple_vocab_16e6.txt.gz, or put one of them beside model-file");
  return FALSE;
}

gboolean
fe_tokenizer_encode (const FeTokenizer *self, const char *text, guint context,
                     guint32 *ids, guint *n_ids, gboolean *truncated,
                     GError **error)
{
  Output out = {.ids = ids, .max_ids = context - 1};
  g_autofree char *cleaned = NULL;
  const char *bad;

  g_assert (context >= 2);
  if (!g_utf8_validate (text, -1, &bad)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "the prompt is not UTF-8 text at byte %" G_GSIZE_FORMAT,
                 (gsize)(bad - text));
    return FALSE;
  }
  cleaned = clean (text);
  memset (ids, 0, context * sizeof *ids);
  ids[out.n_ids++] = FE_TOKENIZER_START;
  if (self != NULL ? !encode_clean (self, cleaned, &out, error)
                   : !encode_default (cleaned, &out, error))
    return FALSE;
  ids[out.n_ids++] = FE_TOKENIZER_END;
  *n_ids = out.n_ids;
  *truncated = out.truncated;
  return TRUE;
}
