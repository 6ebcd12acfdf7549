/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safetensors that are damaged, hostile or merely unusual. */
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "support/weight_file.h"
#include "support/weight_writer.h"
#include "files/weights.h"

/* A tensor of two F16 numbers at [begin, end). */
#define TENSOR(name, begin, end) \
  "\"" name "\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[" #begin \
  "," #end "]}"

static const struct {
  const char *header;
  gsize n_data;
  const char *sentence;
} damaged[] = {
    {"{" TENSOR ("a", 0, 4) "," TENSOR ("b", 2, 6) "}", 6,
     "tensors \"a\" and \"b\" overlap at byte 2 of the data"},
    {"{" TENSOR ("a", 0, 4) "," TENSOR ("b", 0, 4) "}", 4,
     "tensors \"a\" and \"b\" overlap at byte 0 of the data"},
    {"{" TENSOR ("a", 0, 4) "," TENSOR ("b", 6, 10) "}", 10,
     "bytes 4 to 6 of the data, before tensor \"b\", belong to no tensor"},
    {"{" TENSOR ("a", 0, 4) "}", 5,
     "the file has 5 bytes of data, but its tensors end at 4"},
    {"{" TENSOR ("a", 0, 4) "}", 3,
     "tensor \"a\" ends at byte 4 of the data, of which the file has 3: the "
     "file is truncated or damaged"},
    {"{" TENSOR ("a", 4, 0) "}", 4,
     "tensor \"a\" ends at byte 0 of the data, before it begins at 4"},
    {"{" TENSOR ("a", 18446744073709551612, 18446744073709551615) "}", 4,
     "tensor \"a\" ends at byte 18446744073709551615 of the data, of which "
     "the file has 4: the file is truncated or damaged"},
    {"{" TENSOR ("a", 0, 18446744073709551616) "}", 4,
     "the safetensors header is damaged at byte 77: expected a number below "
     "2^64"},
    {"{" TENSOR ("a", 0, 4) "," TENSOR ("a", 4, 8) "}", 8,
     "tensor \"a\" appears twice"},
    {"{" TENSOR ("a\\n", 0, 4) "}", 4,
     "tensor 0 has a name that is empty, too long or not printable"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,4]}}", 4,
     "tensor \"a\" of type F16 and shape [3] cannot take 4 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
     "\"data_offsets\":[0,0]}}",
     0,
     "tensor \"a\" of type F32 and shape [4294967296, 4294967296] cannot "
     "take 0 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],"
     "\"data_offsets\":[0,0]}}",
     0,
     "tensor \"a\" of type F32 and shape [4611686018427387904] cannot take "
     "0 bytes"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2]}}", 0,
     "the safetensors header is damaged at byte 40: a tensor has a dtype, a "
     "shape and data_offsets, each once"},
    {"{\"a\":{\"dtype\":\"F16\",\"dtype\":\"F16\",\"shape\":[2],"
     "\"data_offsets\":[0,4]}}",
     4,
     "the safetensors header is damaged at byte 36: a tensor has a dtype, a "
     "shape and data_offsets, each once"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[-2],\"data_offsets\":[0,4]}}", 4,
     "the safetensors header is damaged at byte 37: expected a whole number"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2.0],\"data_offsets\":[0,4]}}", 4,
     "the safetensors header is damaged at byte 38: expected a comma or a "
     "closing bracket"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4,8]}}", 4,
     "the safetensors header is damaged at byte 60: a tensor has a dtype, a "
     "shape and data_offsets, each once"},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[[[[2", 0,
     "the safetensors header is damaged at byte 37: expected a whole number"},
    {"{\"a\":[]}", 0,
     "the safetensors header is damaged at byte 13: expected an object"},
    {"{\"a", 0,
     "the safetensors header is damaged at byte 11: expected a closing "
     "quote"},
    {"{} {}", 0,
     "the safetensors header is damaged at byte 11: expected nothing more"},
    {"{\"\\ud800\":1}", 0,
     "the safetensors header is damaged at byte 16: expected an escape "
     "sequence"},
    {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0,
     "metadata \"k\" appears twice"},
    {"{\"__metadata__\":{\"k\":1}}", 0,
     "the safetensors header is damaged at byte 29: expected a string"},
    {"{\"\xff\":1}", 0, "the safetensors header is damaged: it is not UTF-8"},
};

static void
test_damaged (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++) {
    weight_file_assert_refused (
        writer_safetensors (damaged[i].header, damaged[i].n_data),
        damaged[i].sentence);
  }
}

static void
test_header_length (void)
{
  static const struct {
    guint64 length;
    const char *sentence;
  } rows[] = {
      {G_MAXUINT64,
       "the safetensors header would have 18446744073709551615 bytes, the "
       "format allows 100000000"},
      {100000001,
       "the safetensors header would have 100000001 bytes, the format allows "
       "100000000"},
      {100000000,
       "the safetensors header has 100000000 bytes, but the file has 10: it "
       "is truncated or damaged"},
      {3, "the safetensors header has 3 bytes, but the file has 10: it is "
          "truncated or damaged"},
      {1, "the safetensors header is damaged at byte 9: expected a string"},
      {0, "the safetensors header is damaged at byte 8: expected an object"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    GByteArray *file = writer_safetensors ("{}", 0);

    writer_poke (file, 0, rows[i].length, 8);
    weight_file_assert_refused (file, rows[i].sentence);
  }
}

/* What is not a file of numbers at all. */
static void
test_other_files (void)
{
  static const struct {
    const char *bytes;
    const char *sentence;
  } rows[] = {
      {"", "the file is empty"},
      {"x", "this is neither a safetensors file nor a PyTorch zip checkpoint"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
       "this is a Git LFS pointer; run \"git lfs pull\" to fetch the file"},
      {"\x80\2\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.\x80",
       "this PyTorch file has the format of before 1.6; load it in a newer "
       "PyTorch and save it again with torch.save()"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    GByteArray *file = g_byte_array_new ();

    g_byte_array_append (file, (const guint8 *)rows[i].bytes,
                         (guint)strlen (rows[i].bytes));
    weight_file_assert_refused (file, rows[i].sentence);
  }
}

/* Only who asks for a tensor of another kind is told. */
static void
test_unusable_tensors (void)
{
  static const struct {
    const char *name;
    const char *sentence;
  } rows[] = {
      {"visual.proj", "tensor \"visual.proj\" has the type I64, expected F32, "
                      "F16 or BF16"},
      {"visual.class_embedding",
       "tensor \"visual.class_embedding\" has an unknown type, expected F32, "
       "F16 or BF16"},
      {"visual.conv1.weight",
       "tensor \"visual.conv1.weight\" has 5 dimensions, at most 4 are read"},
      {"ln_final.bias", "tensor \"ln_final.bias\" is empty"},
  };
  g_autoptr (FeWeights) weights = weight_file_open_good (writer_safetensors (
      "{\"visual.proj\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,"
      "8]},"
      "\"visual.class_embedding\":{\"dtype\":\"F4\",\"shape\":[16],"
      "\"data_offsets\":[8,16]},"
      "\"visual.conv1.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],"
      "\"data_offsets\":[16,20]},"
      "\"ln_final.bias\":{\"dtype\":\"F32\",\"shape\":[0,18446744073709551615,"
      "18446744073709551615],\"data_offsets\":[20,20]},"
      "\"ln_final.weight\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":["
      "20,24]}}",
      24));
  FeShape shape;
  float number;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_true (fe_weights_has (weights, rows[i].name));
    g_assert_false (
        fe_weights_get_shape (weights, rows[i].name, &shape, &error));
    weight_file_assert_sentence (error, rows[i].sentence);
    g_clear_error (&error);
    g_assert_false (fe_weights_read (weights, rows[i].name, &FE_SHAPE (1),
                                     &number, &error));
    weight_file_assert_sentence (error, rows[i].sentence);
  }
  g_assert_true (fe_weights_read (weights, "ln_final.weight", &FE_SHAPE (1),
                                  &number, NULL));
}

static void
test_metadata (void)
{
  g_autoptr (FeWeights) weights = weight_file_open_good (writer_safetensors (
      "{\"__metadata__\":{\"tap_indices\":\"[20, 21,22, 23]\",\"lambda\":"
      "\"0.2\",\"note\":\"a \\\"b\\\" \\u00e9\\ud83d\\ude00\\n\"}, "
      "\"fc_patch.bias\" : { \"data_offsets\" : [ 0 , 4 ] , \"shape\" : [ 1 ]"
      " , \"dtype\" : \"F32\" } }   ",
      4));

  g_assert_cmpstr (fe_weights_get_metadata (weights, "tap_indices"), ==,
                   "20,21,22,23");
  g_assert_cmpstr (fe_weights_get_metadata (weights, "lambda"), ==, "0.2");
  g_assert_cmpstr (fe_weights_get_metadata (weights, "note"), ==,
                   "a \"b\" é😀\n");
  g_assert_cmpstr (fe_weights_get_layout (weights), ==, "FE-CLIP adapter");
  g_assert_true (fe_weights_has (weights, "fc_patch.bias"));
}

/* Every half there is, beside arithmetic that needs no bits. */
static void
test_half_numbers (void)
{
  g_autoptr (FeWeights) weights = NULL;
  GByteArray *file = writer_safetensors (
      "{\"x\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[0,"
      "131072]},\"y\":{\"dtype\":\"BF16\",\"shape\":[65536],"
      "\"data_offsets\":[131072,262144]}} ",
      262144);
  const gsize data = file->len - 262144;

  for (guint i = 0; i < 65536; i++) {
    writer_poke (file, data + 2 * i, i, 2);
    writer_poke (file, data + 131072 + 2 * i, i, 2);
  }
  weights = weight_file_open_good (file);
  for (guint i = 0; i < 65536; i++) {
    const int exponent = (int)(i >> 10 & 31), fraction = (int)(i & 1023);
    const float half = (float)ldexp (exponent > 0 ? 1024 + fraction : fraction,
                                     MAX (exponent, 1) - 25);
    const guint32 bits = i << 16;
    float number, brain;

    memcpy (&brain, &bits, sizeof brain);
    g_assert_cmpint (fe_weights_read_rows (weights, "x", &FE_SHAPE (65536), i,
                                           1, &number, NULL),
                     ==, exponent < 31);
    if (exponent < 31) {
      g_assert_cmpfloat (number, ==, i < 32768 ? half : -half);
      g_assert_cmpint (signbit (number) != 0, ==, i >= 32768);
    }
    g_assert_cmpint (fe_weights_read_rows (weights, "y", &FE_SHAPE (65536), i,
                                           1, &number, NULL),
                     ==, isfinite (brain));
    if (isfinite (brain))
      g_assert_cmpmem (&number, sizeof number, &brain, sizeof brain);
  }
}

static void
test_not_finite (void)
{
  static const guint32 wrong[] = {0x7fc00000, 0xffc00000, 0x7f800000,
                                  0xff800000, 0x7f800001};
  float numbers[24];

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FeWeights) weights = NULL;
    GByteArray *file = writer_safetensors (
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4,3,2],\"data_offsets\":[0,96]}}",
        96);

    writer_poke (file, file->len - 96 + 4 * 17, wrong[i], 4);
    weights = weight_file_open_good (file);
    g_assert_false (
        fe_weights_read (weights, "x", &FE_SHAPE (4, 3, 2), numbers, &error));
    weight_file_assert_sentence (
        error, "tensor \"x\" has a NaN or infinite element at [2, 2, 1]");
    g_clear_error (&error);
    g_assert_false (fe_weights_read_rows (weights, "x", &FE_SHAPE (4, 3, 2), 2,
                                          2, numbers, &error));
    weight_file_assert_sentence (
        error, "tensor \"x\" has a NaN or infinite element at [2, 2, 1]");
    g_assert_true (fe_weights_read_rows (weights, "x", &FE_SHAPE (4, 3, 2), 0,
                                         2, numbers, NULL));
    g_assert_true (fe_weights_read_rows (weights, "x", &FE_SHAPE (4, 3, 2), 3,
                                         1, numbers, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/damaged", test_damaged);
  g_test_add_func ("/safetensors/header-length", test_header_length);
  g_test_add_func ("/safetensors/other-files", test_other_files);
  g_test_add_func ("/safetensors/unusable-tensors", test_unusable_tensors);
  g_test_add_func ("/safetensors/metadata", test_metadata);
  g_test_add_func ("/safetensors/half-numbers", test_half_numbers);
  g_test_add_func ("/safetensors/not-finite", test_not_finite);
  return g_test_run ();
}
