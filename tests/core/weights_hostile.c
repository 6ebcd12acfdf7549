/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives and pickles that someone damaged, by hand or at random. */
#include <feclip/weights-info.h>
#include <glib/gstdio.h>
#include <string.h>

#include "files/unpickle.h"
#include "support/scratch.h"
#include "support/weight_file.h"
#include "support/weight_samples.h"
#include "support/weight_writer.h"
#include "files/weights.h"

/* A number written over one of the archive's: the nth record of a kind, bytes
 * from its beginning. */
static void
test_zip_numbers (void)
{
  static const struct {
    const char *record;
    guint nth;
    gsize at;
    guint size;
    guint64 number;
    const char *sentence;
  } rows[] = {
      {"PK\5\6", 0, 20, 2, 1, "it has no end record, as if it were truncated"},
      {"PK\5\6", 0, 4, 2, 1, "it is one volume of several"},
      {"PK\5\6", 0, 10, 2, 2, "it is one volume of several"},
      {"PK\5\6", 0, 8, 4, 0x00040004,
       "its directory ends after 3 of 4 entries"},
      {"PK\5\6", 0, 12, 4, 59, "its directory ends within an entry"},
      {"PK\5\6", 0, 12, 4, 0x7fffffff, NULL},
      {"PK\5\6", 0, 16, 4, 0xffffffff, NULL},
      {"PK\1\2", 0, 0, 1, 'Q', "its directory ends after 0 of 3 entries"},
      {"PK\1\2", 0, 28, 2, 0,
       "an entry's name is empty, too long or not printable"},
      {"PK\1\2", 0, 28, 2, 0xffff, "its directory ends within an entry"},
      {"PK\1\2", 0, 46, 1, '\n',
       "an entry's name is empty, too long or not printable"},
      {"PK\1\2", 0, 46, 1, 'M',
       "\"Model/data.pkl\" has another name at byte 0"},
      {"PK\1\2", 0, 24, 4, 5, "\"model/data.pkl\" has two sizes"},
      {"PK\1\2", 0, 20, 8, 0xffffffffffffffff,
       "\"model/data.pkl\" lacks its zip64 sizes"},
      {"PK\1\2", 1, 42, 4, 1,
       "\"model/data/0\" has no header at byte 1 of the file"},
      {"PK\1\2", 1, 42, 4, 0x7fffffff,
       "\"model/data/0\" has no header at byte 2147483647 of the file"},
      {"PK\1\2", 1, 42, 4, 0, "\"model/data/0\" has another name at byte 0"},
      {"PK\3\4", 0, 28, 2, 0xffff,
       "\"model/data.pkl\" has another name at byte 0"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    GByteArray *file = sample_checkpoint ();
    const gsize directory = writer_find (file, "PK\1\2", 0);
    const gsize end = writer_find (file, "PK\5\6", 0);
    const guint64 size = rows[i].at == 12 ? 0x7fffffff : end - directory;
    const guint64 offset = rows[i].at == 16 ? 0xffffffff : directory;
    g_autofree char *sentence =
        rows[i].sentence != NULL
            ? g_strdup_printf ("the zip archive is damaged: %s",
                               rows[i].sentence)
            : g_strdup_printf ("the zip archive is damaged: its directory of "
                               "%" G_GUINT64_FORMAT
                               " bytes at byte %" G_GUINT64_FORMAT
                               " does not lie in the file of %u bytes",
                               size, offset, file->len);

    writer_poke (file,
                 writer_find (file, rows[i].record, rows[i].nth) + rows[i].at,
                 rows[i].number, rows[i].size);
    weight_file_assert_refused (file, sentence);
  }
}

static void
test_zip_overlap (void)
{
  GByteArray *file = sample_checkpoint ();
  const gsize first = writer_find (file, "PK\1\2", 0);
  const gsize second = writer_find (file, "PK\3\4", 1);
  const guint64 size = second - (30 + 14 + 7) + 1;
  g_autofree char *sentence = g_strdup_printf (
      "the zip archive is damaged: \"model/data.pkl\" and \"model/data/0\" "
      "overlap at byte %" G_GSIZE_FORMAT,
      second);

  writer_poke (file, first + 20, size | size << 32, 8);
  weight_file_assert_refused (file, sentence);
}

/* The last entry reaches into the directory behind it. */
static void
test_zip_beyond (void)
{
  GByteArray *file = sample_checkpoint ();
  const gsize directory = writer_find (file, "PK\1\2", 0);
  g_autofree char *sentence = g_strdup_printf (
      "the zip archive is damaged: \"model/version\" of 3 bytes at byte "
      "%" G_GSIZE_FORMAT " reaches beyond byte %" G_GSIZE_FORMAT
      ", where the directory begins",
      directory - 2, directory);

  writer_poke (file, writer_find (file, "PK\1\2", 2) + 20,
               G_GUINT64_CONSTANT (0x300000003), 8);
  weight_file_assert_refused (file, sentence);
}

static void
test_zip64_numbers (void)
{
  static const struct {
    const char *record;
    gsize at;
    const char *sentence; /* %zu stands for the number written: 2^63 */
  } rows[] = {
      {"PK\6\7", 8, "it has no zip64 end record at byte 9223372036854775808"},
      {"PK\6\6", 24, "it is one volume of several"},
      {"PK\1\2", 46 + 14 + 4, "\"model/data.pkl\" has two sizes"},
      {"PK\1\2", 46 + 14 + 4 + 16,
       "\"model/data.pkl\" has no header at byte 9223372036854775808 of the "
       "file"},
  };
  const ZipOptions zip64 = {.zip64 = TRUE};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *sentence =
        g_strdup_printf ("the zip archive is damaged: %s", rows[i].sentence);
    Zip *zip = zip_new ();
    GByteArray *file;

    zip_add (zip, "model/data.pkl", "}.", 2, &zip64);
    file = zip_finish (zip, TRUE);
    writer_poke (file, writer_find (file, rows[i].record, 0) + rows[i].at,
                 (guint64)1 << 63, 8);
    weight_file_assert_refused (file, sentence);
  }
}

static const struct {
  const char *names[3];
  const char *bytes; /* of the last one */
  ZipOptions options;
  const char *sentence;
} archives[] = {
    {{"a/b"},
     "",
     {0},
     "this zip archive is not a PyTorch checkpoint: it has no data.pkl"},
    {{"data.pkl"},
     "",
     {0},
     "this zip archive is not a PyTorch checkpoint: it has no data.pkl"},
    {{"a/data.pkl", "b/data.pkl"},
     "",
     {0},
     "the archive has two folders with a data.pkl, \"a/\" and "
     "\"b/data.pkl\""},
    {{"a/data.pkl", "a/data.pkl"},
     "",
     {0},
     "the zip archive is damaged: \"a/data.pkl\" appears twice"},
    {{"a/data.pkl", "a/constants.pkl"},
     "",
     {0},
     "this is a TorchScript archive; load it with torch.jit.load() and save "
     "its state_dict() with torch.save()"},
    {{"a/data.pkl", "a/byteorder"},
     "big",
     {0},
     "its numbers were saved on a big-endian computer; load it and save it "
     "again on a little-endian one"},
    {{"a/data.pkl", "a/byteorder"},
     "middle",
     {0},
     "its numbers were saved on a big-endian computer; load it and save it "
     "again on a little-endian one"},
    {{"a/data.pkl"},
     "xyz",
     {.method = 8},
     "\"a/data.pkl\" is compressed or encrypted in the archive; torch.save() "
     "stores it uncompressed"},
    {{"a/data.pkl"},
     "xyz",
     {.flags = 1},
     "\"a/data.pkl\" is compressed or encrypted in the archive; torch.save() "
     "stores it uncompressed"},
    {{"a/data.pkl"},
     "",
     {0},
     "the pickle is damaged at byte 0: it ends too early"},
    {{NULL},
     "",
     {0},
     "this zip archive is not a PyTorch checkpoint: it has no data.pkl"},
};

static void
test_archives (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (archives); i++) {
    Zip *zip = zip_new ();

    for (guint j = 0; j < 3 && archives[i].names[j] != NULL; j++)
      zip_add (zip, archives[i].names[j], archives[i].bytes,
               strlen (archives[i].bytes), &archives[i].options);
    weight_file_assert_refused (zip_finish (zip, FALSE), archives[i].sentence);
  }
}

/* The tensor's own entry is compressed. */
static void
test_compressed_storage (void)
{
  GByteArray *file = sample_checkpoint ();

  writer_poke (file, writer_find (file, "PK\1\2", 1) + 10, 8, 2);
  weight_file_assert_refused (
      file, "\"model/data/0\" is compressed or encrypted in the archive; "
            "torch.save() stores it uncompressed");
}

static const struct {
  const char *pickle;
  const char *sentence;
} wrong_roots[] = {
    {"N.", "it holds a single value, not a state dict: save the model's "
           "state_dict()"},
    {"cos\nsystem\n).",
     "it holds a single value, not a state dict: save the model's "
     "state_dict()"},
    {"cos\nsystem\n)R.",
     "it holds os.system, not a state dict: save the model's state_dict()"},
    {"}(K\1K\2u.", "it has no state dict: neither model_state_dict nor "
                   "state_dict nor tensors"},
    {"}(\x8c\12state_dict}\x8c\13tap_indices](K\1Neu.",
     "tap_indices is not a list of integers"},
};

static const struct {
  const char *pickle; /* after PROTO 2 */
  const char *sentence;
} damaged_pickles[] = {
    {".", "byte 2: it pops from an empty stack"},
    {"(.", "byte 3: it pops from an empty stack"},
    {"N", "byte 3: it ends too early"},
    {"\x80\6", "byte 2: its protocol is not 2, 3, 4 or 5"},
    {"e", "byte 2: it pops a mark that was not set"},
    {"](0", "byte 5: it ends too early"},
    {"N0"
     "0",
     "byte 4: it pops a mark that was not set"},
    {"N(K\1e", "byte 6: it adds items to an object that cannot hold them"},
    {"](K\1u", "byte 6: it sets a key without a value"},
    {"}(K\1K\2e", "byte 8: it adds items to an object that cannot hold them"},
    {"(a", "byte 3: it pops from an empty stack"},
    {"N(b", "byte 4: it pops from an empty stack"},
    {"N\x86", "byte 3: it pops from an empty stack"},
    {"NR", "byte 3: it pops from an empty stack"},
    {"NN\x92", "byte 4: it pops from an empty stack"},
    {"Q", "byte 2: it pops from an empty stack"},
    {"q\1", "byte 2: it pops from an empty stack"},
    {"2", "byte 2: it pops from an empty stack"},
    {"h\5", "byte 2: it refers to a value that was not memoized"},
    {"X\xff\xff\xff\x7f", "byte 2: it ends too early"},
    {"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "byte 2: it ends too early"},
    {"\x8b\xff\xff\xff\xff", "byte 2: it ends too early"},
    {"\x8a\xff", "byte 2: it ends too early"},
    {"cos\nsystem", "byte 2: a name in it is damaged"},
    {"c\xff\nsystem\n", "byte 2: a name in it is damaged"},
    {"NN\x93", "byte 4: a name in it is not a string"},
    {"I1\n", "byte 2: it uses an opcode that no state dict needs"},
    {"\x82\1", "byte 2: it uses an opcode that no state dict needs"},
};

static void
test_pickles (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damaged_pickles); i++) {
    Pickle *pickle = pickle_new ();
    g_autofree char *sentence = g_strdup_printf ("the pickle is damaged at %s",
                                                 damaged_pickles[i].sentence);

    pickle_raw (pickle, damaged_pickles[i].pickle);
    weight_file_assert_refused (writer_checkpoint (pickle, NULL), sentence);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong_roots); i++) {
    Pickle *pickle = pickle_new ();

    pickle_raw (pickle, wrong_roots[i].pickle);
    weight_file_assert_refused (writer_checkpoint (pickle, NULL),
                                wrong_roots[i].sentence);
  }
}

/* Pickles that ask for more than they bring. */
static void
test_pickle_bombs (void)
{
  static const struct {
    const char *before;
    const char *repeated;
    guint n;
    const char *after;
    const char *sentence; /* NULL: fine */
  } rows[] = {
      /* A list in a list in a list … */
      {"", "]", 1000000, "", "byte 1000002: it ends too early"},
      {"", "](", 900000, ".", "byte 1800002: it pops from an empty stack"},
      {"", "]2a", 600000, ".", NULL},
      {"]q\1", "]h\1a", 600000, ".", NULL},
      {"]q\1", "h\1a", 600000, ".", NULL},
      {"", ")", 2500000, ".",
       "byte 1999999: it makes more than 2000000 values"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) pickle = pickle_new ();
    g_autoptr (FeUnpickled) unpickled = NULL;
    g_autoptr (GError) error = NULL;

    pickle_raw (pickle, rows[i].before);
    for (guint j = 0; j < rows[i].n; j++)
      pickle_raw (pickle, rows[i].repeated);
    pickle_raw (pickle, rows[i].after);
    unpickled = fe_unpickle (pickle->data, pickle->len, &error);
    if (rows[i].sentence != NULL) {
      g_autofree char *sentence =
          g_strdup_printf ("the pickle is damaged at %s", rows[i].sentence);

      g_assert_null (unpickled);
      g_assert_cmpstr (error->message, ==, sentence);
    } else {
      g_assert_no_error (error);
    }
  }
}

/* One long string that becomes a new name again and again. */
static void
test_text_bomb (void)
{
  g_autoptr (GByteArray) pickle = pickle_new ();
  g_autofree char *text = g_strnfill (10000, 'x');
  g_autoptr (GError) error = NULL;

  pickle_string (pickle, text);
  pickle_raw (pickle, "q\1");
  for (guint i = 0; i < 500000; i++)
    pickle_raw (pickle, "h\1h\1\x93"
                        "0");
  pickle_stop (pickle);
  g_assert_null (fe_unpickle (pickle->data, pickle->len, &error));
  g_assert_nonnull (
      strstr (error->message, "its strings are too long in total"));
  g_clear_error (&error);

  g_byte_array_set_size (pickle, FE_UNPICKLE_MAX_SIZE + 1);
  g_assert_null (fe_unpickle (pickle->data, pickle->len, &error));
  g_assert_cmpstr (error->message, ==,
                   "the pickle has 8388609 bytes, more than the 8388608 "
                   "allowed");
}

/* Whatever opens can be read to the end, within memory of the file's order,
 * and whatever does not says why. */
static void
use (const GByteArray *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeWeights) weights = NULL;
  g_autofree const char **names = NULL;
  guint n_names;

  scratch_write (weight_file_get_path (), file->data, file->len);
  feclip_weights_info_free (
      feclip_weights_info_new (weight_file_get_path (), NULL));
  weights = fe_weights_open (weight_file_get_path (), &error);
  if (weights == NULL) {
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
    g_assert_true (g_str_has_prefix (error->message, weight_file_get_path ()));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strchr (error->message, '\n'));
    return;
  }
  g_free (fe_weights_list_metadata (weights, &n_names));
  names = fe_weights_list (weights, &n_names);
  for (guint i = 0; i < n_names; i++) {
    FeShape shape;
    guint64 n = 1;
    g_autofree float *numbers = NULL;

    if (!fe_weights_get_shape (weights, names[i], &shape, NULL))
      continue;
    for (guint j = 0; j < shape.n_dims; j++)
      n *= shape.dims[j];
    g_assert_cmpuint (n, <=, file->len);
    numbers = g_new (float, n);
    fe_weights_read (weights, names[i], &shape, numbers, NULL);
  }
}

static GByteArray *(*const samples[]) (void) = {sample_safetensors,
                                                sample_checkpoint};

static void
test_truncations (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++) {
    g_autoptr (GByteArray) whole = samples[i]();

    for (guint length = 0; length < whole->len; length++) {
      const GByteArray part = {whole->data, length};
      g_autoptr (GError) error = NULL;

      use (&part);
      g_assert_null (fe_weights_open (weight_file_get_path (), &error));
    }
  }
}

static void
test_flipped_bytes (void)
{
  static const guint8 extremes[] = {0, 1, 0x7f, 0x80, 0xff};

  for (guint i = 0; i < 6000; i++) {
    g_autoptr (GByteArray) file = samples[i % G_N_ELEMENTS (samples)]();
    const int n = g_test_rand_int_range (1, 5);

    for (int j = 0; j < n; j++) {
      guint8 *byte = file->data + g_test_rand_int_range (0, (gint32)file->len);

      if (g_test_rand_bit ())
        *byte ^= (guint8)(1 << g_test_rand_int_range (0, 8));
      else
        *byte = extremes[g_test_rand_int_range (0, G_N_ELEMENTS (extremes))];
    }
    use (file);
  }
}

/* Programs of known opcodes in any order. */
static void
test_random_pickles (void)
{
  static const char opcodes[] =
      "(((00122NNK\1K\2M\1\1J\1\1\1\1]]}}}))aaeeussuttRRRbbQqqhh\x81\x85\x86"
      "\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x94\x8c\1xX\1\1\1\1cx\ny\n...";

  for (guint i = 0; i < 20000; i++) {
    g_autoptr (GByteArray) pickle = g_byte_array_new ();
    const int n = g_test_rand_int_range (1, 80);
    g_autoptr (FeUnpickled) unpickled = NULL;
    g_autoptr (GError) error = NULL;

    pickle_raw (pickle, "\x80\2}]((");
    for (int j = 0; j < n; j++)
      pickle_byte (
          pickle,
          (guint8)opcodes[g_test_rand_int_range (0, sizeof opcodes - 1)]);
    unpickled = fe_unpickle (pickle->data, pickle->len, &error);
    g_assert_true ((unpickled == NULL) == (error != NULL));
    if (unpickled != NULL)
      fe_pickle_get (fe_unpickled_get_root (unpickled), "x");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hostile/zip-numbers", test_zip_numbers);
  g_test_add_func ("/hostile/zip-overlap", test_zip_overlap);
  g_test_add_func ("/hostile/zip-beyond", test_zip_beyond);
  g_test_add_func ("/hostile/zip64-numbers", test_zip64_numbers);
  g_test_add_func ("/hostile/archives", test_archives);
  g_test_add_func ("/hostile/compressed-storage", test_compressed_storage);
  g_test_add_func ("/hostile/pickles", test_pickles);
  g_test_add_func ("/hostile/pickle-bombs", test_pickle_bombs);
  g_test_add_func ("/hostile/text-bomb", test_text_bomb);
  g_test_add_func ("/hostile/truncations", test_truncations);
  g_test_add_func ("/hostile/flipped-bytes", test_flipped_bytes);
  g_test_add_func ("/hostile/random-pickles", test_random_pickles);
  return g_test_run ();
}
