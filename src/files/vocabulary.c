/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/vocabulary.h"

#include <feclip/error.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "files/json_scan.h"
#include "files/tokenizer.h"

/* CLIP's vocabulary, in the order of ids from 0: one symbol for each byte, the
 * same with "</w>" for the end of a word, the result of each merge, and the
 * start and end token. */
#define N_BYTES 256
#define N_MERGES (FE_TOKENIZER_START - 2 * N_BYTES)
#define N_VISIBLE_BYTES 188
#define END_OF_WORD "</w>"

#define JSON_SPACE " \t\r\n"

/* CLIP's own files have up to 4 MB. */
#define MAX_FILE_SIZE (32 * 1024 * 1024)

/* State of reading a vocabulary. */
typedef struct {
  FeVocabulary *vocabulary;
  GHashTable *ids;    /* text of a symbol → id */
  char *symbols[256]; /* text that represents each byte */
  guint n_merges;
} Reader;

static void
reader_clear (Reader *self)
{
  g_clear_pointer (&self->vocabulary, fe_vocabulary_free);
  g_clear_pointer (&self->ids, g_hash_table_unref);
  for (guint i = 0; i < N_BYTES; i++)
    g_free (self->symbols[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static gboolean
is_visible (guint byte)
{
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);
}

/* Vocabulary files are text: bytes that are printable in Latin-1 represent
 * themselves; the others are written as characters from U+0100 on. */
static void
reader_init (Reader *self)
{
  gunichar hidden = 0x100;

  *self = (Reader){
      .vocabulary = g_new0 (FeVocabulary, 1),
      .ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
  self->vocabulary->merges = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < N_BYTES; i++) {
    const gunichar character = is_visible (i) ? i : hidden++;

    self->symbols[i] = g_ucs4_to_utf8 (&character, 1, NULL, NULL, NULL);
  }
}

/* Takes ownership of the symbol's text. */
static void
add_symbol (Reader *self, char *symbol, guint id)
{
  g_hash_table_insert (self->ids, symbol, GUINT_TO_POINTER (id));
}

static gboolean
find_symbol (const Reader *self, const char *symbol, guint16 *id)
{
  gpointer found;

  if (!g_hash_table_lookup_extended (self->ids, symbol, NULL, &found))
    return FALSE;
  *id = GPOINTER_TO_UINT (found);
  return TRUE;
}

static gboolean
find_byte_symbols (Reader *self, GError **error)
{
  FeVocabulary *vocabulary = self->vocabulary;

  for (guint i = 0; i < N_BYTES; i++) {
    g_autofree char *last = g_strconcat (self->symbols[i], END_OF_WORD, NULL);

    if (!find_symbol (self, self->symbols[i], &vocabulary->inner_bytes[i])
        || !find_symbol (self, last, &vocabulary->last_bytes[i])) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "it lacks a symbol for byte %u", i);
      return FALSE;
    }
  }
  return TRUE;
}

static gpointer
pair_key (guint16 left, guint16 right)
{
  return GUINT_TO_POINTER ((guint)left << 16 | right);
}

/* Adds the next merge; its three symbols must exist. */
static gboolean
add_merge (Reader *self, const char *left, const char *right, GError **error)
{
  g_autofree char *merged = g_strconcat (left, right, NULL);
  guint16 left_id, right_id, merged_id;

  if (self->n_merges == N_MERGES) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "it has more than %d merges", N_MERGES);
    return FALSE;
  }
  if (!find_symbol (self, left, &left_id)
      || !find_symbol (self, right, &right_id)
      || !find_symbol (self, merged, &merged_id)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "merge %u uses a symbol that does not exist",
                 self->n_merges + 1);
    return FALSE;
  }
  self->n_merges++;
  /* Counted from 1, rank and id packed into a pointer are never NULL. */
  g_hash_table_insert (
      self->vocabulary->merges, pair_key (left_id, right_id),
      GUINT_TO_POINTER ((guint)self->n_merges << 16 | merged_id));
  return TRUE;
}

static void
add_byte_symbols (Reader *self)
{
  guint visible = 0, hidden = N_VISIBLE_BYTES;

  for (guint i = 0; i < N_BYTES; i++) {
    const guint id = is_visible (i) ? visible++ : hidden++;

    add_symbol (self, g_strdup (self->symbols[i]), id);
    add_symbol (self, g_strconcat (self->symbols[i], END_OF_WORD, NULL),
                N_BYTES + id);
  }
}

/* Splits "left right". Returns NULL if the text has another form. */
static GStrv
split_merge (const char *merge)
{
  g_auto (GStrv) parts = g_strsplit (merge, " ", 3);

  if (g_strv_length (parts) != 2 || *parts[0] == '\0' || *parts[1] == '\0')
    return NULL;
  return g_steal_pointer (&parts);
}

/* Reads lines "left right" after a first line with the version. Lines after the
 * merges that CLIP uses are ignored. */
static gboolean
read_merges (Reader *self, const char *text, GError **error)
{
  const char *line = strchr (text, '\n');
  const char *version = g_strstr_len (text, 80, "#version");

  if (line == NULL || version == NULL || version > line) {
    g_set_error_literal (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                         "it is neither a list of merges nor JSON");
    return FALSE;
  }
  add_byte_symbols (self);
  while (line != NULL && line[1] != '\0' && self->n_merges < N_MERGES) {
    const char *end = strchr (line + 1, '\n');
    g_autofree char *merge = end != NULL ? g_strndup (line + 1, end - line - 1)
                                         : g_strdup (line + 1);
    g_auto (GStrv) parts = split_merge (g_strchomp (merge));

    if (parts == NULL) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "line %u is not a merge of two symbols", self->n_merges + 2);
      return FALSE;
    }
    add_symbol (self, g_strconcat (parts[0], parts[1], NULL),
                2 * N_BYTES + self->n_merges);
    if (!add_merge (self, parts[0], parts[1], error))
      return FALSE;
    line = end;
  }
  if (self->n_merges < N_MERGES) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "it ends after %u merges of %d", self->n_merges, N_MERGES);
    return FALSE;
  }
  return find_byte_symbols (self, error);
}

/* Converts the problem of a scan to a GError. */
static gboolean
fail_json (const FeJsonScan *scan, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "its JSON should have %s at byte %" G_GSIZE_FORMAT,
               scan->problem, (gsize)(scan->at - scan->start));
  return FALSE;
}

/* Skips a value of any type, without recursion. */
static gboolean
skip_json_value (FeJsonScan *scan)
{
  g_autoptr (GString) ignored = g_string_new (NULL);
  guint depth = 0;

  do {
    scan->at += strspn (scan->at, JSON_SPACE ",:");
    if (*scan->at == '"') {
      if (!fe_json_scan_string (scan, ignored))
        return FALSE;
    } else if (*scan->at == '{' || *scan->at == '[') {
      depth++;
      scan->at++;
    } else if (depth > 0 && (*scan->at == '}' || *scan->at == ']')) {
      depth--;
      scan->at++;
    } else if (g_ascii_isalnum (*scan->at) || *scan->at == '-') {
      scan->at += strcspn (scan->at, JSON_SPACE ",:{}[]\"");
    } else {
      scan->problem = "a value";
      return FALSE;
    }
  } while (depth > 0);
  return TRUE;
}

/* Positions *member at the value of a member of the object at *object, which
 * must be an object or array as the opening bracket says. */
static gboolean
find_json_member (const FeJsonScan *object, const char *name, char bracket,
                  FeJsonScan *member, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);
  FeJsonScan scan = *object;
  gboolean first = TRUE;

  if (!fe_json_scan_expect (&scan, '{'))
    return fail_json (&scan, error);
  for (; fe_json_scan_next (&scan, '}', first); first = FALSE) {
    if (!fe_json_scan_string (&scan, key) || !fe_json_scan_expect (&scan, ':'))
      break;
    scan.at += strspn (scan.at, JSON_SPACE);
    if (strcmp (key->str, name) == 0 && *scan.at == bracket) {
      *member = scan;
      return TRUE;
    }
    if (!skip_json_value (&scan))
      break;
  }
  if (scan.problem != NULL)
    return fail_json (&scan, error);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "it is JSON without the \"%s\" of a tokenizer.json", name);
  return FALSE;
}

/* Reads {"symbol": id, …}. */
static gboolean
read_json_symbols (Reader *self, FeJsonScan *scan, GError **error)
{
  g_autoptr (GString) symbol = g_string_new (NULL);
  gboolean first = TRUE;
  guint16 start, end;
  guint64 id;

  if (!fe_json_scan_expect (scan, '{'))
    return fail_json (scan, error);
  for (; fe_json_scan_next (scan, '}', first); first = FALSE) {
    if (!fe_json_scan_string (scan, symbol) || !fe_json_scan_expect (scan, ':')
        || !fe_json_scan_uint (scan, &id))
      return fail_json (scan, error);
    if (id > FE_TOKENIZER_END) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "it has an id %" G_GUINT64_FORMAT ", larger than %d", id,
                   FE_TOKENIZER_END);
      return FALSE;
    }
    add_symbol (self, g_strdup (symbol->str), id);
  }
  if (scan->problem != NULL)
    return fail_json (scan, error);
  if (!find_symbol (self, "<|startoftext|>", &start)
      || !find_symbol (self, "<|endoftext|>", &end)
      || start != FE_TOKENIZER_START || end != FE_TOKENIZER_END) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "its start and end tokens are not %d and %d",
                 FE_TOKENIZER_START, FE_TOKENIZER_END);
    return FALSE;
  }
  return TRUE;
}

/* Reads "left right" or ["left", "right"]; NULL if it is neither. */
static GStrv
read_json_merge (FeJsonScan *scan)
{
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GString) right = g_string_new (NULL);
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();

  scan->at += strspn (scan->at, JSON_SPACE);
  if (*scan->at != '[')
    return fe_json_scan_string (scan, left) ? split_merge (left->str) : NULL;
  if (!fe_json_scan_expect (scan, '[') || !fe_json_scan_string (scan, left)
      || !fe_json_scan_next (scan, ']', FALSE)
      || !fe_json_scan_string (scan, right)
      || fe_json_scan_next (scan, ']', FALSE))
    return NULL;
  g_strv_builder_add (parts, left->str);
  g_strv_builder_add (parts, right->str);
  return g_strv_builder_end (parts);
}

static gboolean
read_json_merges (Reader *self, FeJsonScan *scan, GError **error)
{
  gboolean first = TRUE;

  if (!fe_json_scan_expect (scan, '['))
    return fail_json (scan, error);
  for (; fe_json_scan_next (scan, ']', first); first = FALSE) {
    g_auto (GStrv) parts = read_json_merge (scan);

    if (parts == NULL) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                   "merge %u does not consist of two symbols",
                   self->n_merges + 1);
      return FALSE;
    }
    if (!add_merge (self, parts[0], parts[1], error))
      return FALSE;
  }
  return scan->problem == NULL || fail_json (scan, error);
}

static gboolean
read_json (Reader *self, const char *text, gsize length, GError **error)
{
  FeJsonScan root, model, symbols, merges;

  fe_json_scan_init (&root, text, length);
  return find_json_member (&root, "model", '{', &model, error)
         && find_json_member (&model, "vocab", '{', &symbols, error)
         && find_json_member (&model, "merges", '[', &merges, error)
         && read_json_symbols (self, &symbols, error)
         && find_byte_symbols (self, error)
         && read_json_merges (self, &merges, error);
}

static gboolean
check_size (gsize size, GError **error)
{
  if (size <= MAX_FILE_SIZE)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "it is larger than %d MiB", MAX_FILE_SIZE / 1024 / 1024);
  return FALSE;
}

/* Decompresses gzip. Returns NUL-terminated text. */
static char *
unpack (const char *packed, gsize size, gsize *length, GError **error)
{
  g_autoptr (GInputStream) source =
      g_memory_input_stream_new_from_data (packed, size, NULL);
  g_autoptr (GZlibDecompressor) gunzip =
      g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) stream =
      g_converter_input_stream_new (source, G_CONVERTER (gunzip));
  g_autofree char *text = g_malloc (MAX_FILE_SIZE + 1);
  g_autoptr (GError) cause = NULL;

  if (!g_input_stream_read_all (stream, text, MAX_FILE_SIZE + 1, length, NULL,
                                &cause)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "it cannot be decompressed: %s", cause->message);
    return NULL;
  }
  if (!check_size (*length, error))
    return NULL;
  text[*length] = '\0';
  return g_realloc (g_steal_pointer (&text), *length + 1);
}

static gboolean
read_content (Reader *self, const char *content, gsize length, GError **error)
{
  const gboolean packed = length >= 2 && memcmp (content, "\x1f\x8b", 2) == 0;
  g_autofree char *unpacked = NULL;

  if (packed) {
    unpacked = unpack (content, length, &length, error);
    if (unpacked == NULL)
      return FALSE;
    content = unpacked;
  }
  if (!g_utf8_validate_len (content, length, NULL)) {
    g_set_error_literal (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                         "it is not text");
    return FALSE;
  }
  if (content[strspn (content, JSON_SPACE)] == '{')
    return read_json (self, content, length, error);
  return read_merges (self, content, error);
}

static char *
read_file (const char *path, gsize *length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char *content = NULL;
  GStatBuf info = {0};
  const gboolean found = g_stat (path, &info) == 0;

  if (found && !S_ISREG (info.st_mode)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "could not read the vocabulary %s: it is not a regular file",
                 path);
    return NULL;
  }
  if (found && !check_size (info.st_size, error)) {
    g_prefix_error (error, "%s is not a CLIP vocabulary: ", path);
    return NULL;
  }
  if (!g_file_get_contents (path, &content, length, &cause))
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "could not read the vocabulary: %s", cause->message);
  return content;
}

FeVocabulary *
fe_vocabulary_open (const char *path, GError **error)
{
  g_auto (Reader) reader;
  g_autofree char *content = NULL;
  gsize length;

  reader_init (&reader);
  content = read_file (path, &length, error);
  if (content == NULL)
    return NULL;
  if (!read_content (&reader, content, length, error)) {
    g_prefix_error (error, "%s is not a CLIP vocabulary: ", path);
    return NULL;
  }
  return g_steal_pointer (&reader.vocabulary);
}

void
fe_vocabulary_free (FeVocabulary *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->merges);
  g_free (self);
}

guint32
fe_vocabulary_get_rank (const FeVocabulary *self, const guint16 *pair,
                        guint16 *merged)
{
  const guint found = GPOINTER_TO_UINT (
      g_hash_table_lookup (self->merges, pair_key (pair[0], pair[1])));

  if (found == 0)
    return FE_VOCABULARY_NO_RANK;
  if (merged != NULL)
    *merged = found & 0xffff;
  return (found >> 16) - 1;
}
