/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PyTorch checkpoints: what trainers save, and what they would never. */
#include <feclip/error.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "support/weight_file.h"
#include "support/weight_samples.h"
#include "support/weight_writer.h"
#include "files/weights.h"

#define PROJ "visual.proj"

/* {"visual.proj": tensor, "logit_scale": another} */
static GByteArray *
pickle_one (const PickleTensor *tensor)
{
  const PickleTensor scale = {"HalfStorage", "0", 32, 0, 0};
  Pickle *pickle = pickle_new ();

  pickle_raw (pickle, "}(");
  pickle_string (pickle, PROJ);
  pickle_tensor (pickle, tensor);
  pickle_string (pickle, "logit_scale");
  pickle_tensor (pickle, &scale);
  pickle_raw (pickle, "u");
  return pickle_stop (pickle);
}

static void
assert_proj (FeWeights *weights, const FeShape *shape, const float *expected,
             gsize n)
{
  g_autofree float *numbers = g_new (float, n);
  g_autoptr (GError) error = NULL;

  fe_weights_read (weights, PROJ, shape, numbers, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (numbers[i], ==, expected[i]);
}

/* The number that writer_checkpoint() puts at a place of a storage of halves:
 * small ones are subnormal, k / 2^24. */
#define HALF(k) ((float)(k) / 16777216)

static void
test_strides (void)
{
  static const float rows[] = {HALF (5), HALF (6),  HALF (7),
                               HALF (9), HALF (10), HALF (11)};
  static const float turned[] = {HALF (0), HALF (3), HALF (1),
                                 HALF (4), HALF (2), HALF (5)};
  static const float deep[] = {HALF (0),  HALF (2),  HALF (6),  HALF (8),
                               HALF (12), HALF (14), HALF (18), HALF (20)};
  static const gsize storages[] = {64, 0};
  static const struct {
    PickleTensor tensor;
    FeShape shape;
    const float *expected;
  } cases[] = {
      /* A part of wider rows */
      {{"HalfStorage", "0", 32, 5, 2, {2, 3}, {4, 1}}, {2, {2, 3}}, rows},
      {{"HalfStorage", "0", 32, 0, 2, {3, 2}, {1, 3}}, {2, {3, 2}}, turned},
      {{"HalfStorage", "0", 32, 0, 3, {2, 2, 2}, {12, 6, 2}},
       {3, {2, 2, 2}},
       deep},
      {{"HalfStorage", "0", 32, 5, 1, {3}, .parameter = TRUE}, {1, {3}}, rows},
      {{"HalfStorage", "0", 32, 5, 0}, {1, {1}}, rows},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FeWeights) weights = weight_file_open_good (
        writer_checkpoint (pickle_one (&cases[i].tensor), storages));
    const FeShape *shape = &cases[i].shape;
    gsize n = 1;

    for (guint j = 0; j < shape->n_dims; j++)
      n *= shape->dims[j];
    assert_proj (weights, shape, cases[i].expected, n);
  }
}

static void
pickle_short (Pickle *pickle, const char *text)
{
  pickle_byte (pickle, 0x8c);
  pickle_byte (pickle, (guint8)strlen (text));
  pickle_raw (pickle, text);
  pickle_byte (pickle, 0x94); /* kept, as Python does */
}

static void
pickle_short_global (Pickle *pickle, const char *module, const char *name)
{
  pickle_short (pickle, module);
  pickle_short (pickle, name);
  pickle_raw (pickle, "\x93\x94");
}

/* Protocols 4 and 5 write frames, short strings and names in their own way. */
static void
test_protocol_5 (void)
{
  static const gsize storages[] = {64, 0};
  static const float expected[] = {HALF (0), HALF (1)};
  g_autoptr (FeWeights) weights = NULL;
  Pickle *pickle = g_byte_array_new ();

  pickle_raw (pickle, "\x80\5\x95");
  for (guint i = 0; i < 8; i++)
    pickle_byte (pickle, 0);
  pickle_raw (pickle, "}\x94(");
  pickle_short (pickle, PROJ);
  pickle_short_global (pickle, "torch._utils", "_rebuild_tensor_v2");
  pickle_raw (pickle, "((");
  pickle_short (pickle, "storage");
  pickle_short_global (pickle, "torch", "HalfStorage");
  pickle_short (pickle, "0");
  pickle_short (pickle, "cpu");
  pickle_raw (pickle, "K t\x94QK");
  pickle_byte (pickle, 0);
  pickle_raw (pickle, "K\2\x85\x94K\1\x85\x94\x89");
  pickle_short_global (pickle, "collections", "OrderedDict");
  pickle_raw (pickle, ")R\x94t\x94R\x94u");
  weights = weight_file_open_good (
      writer_checkpoint (pickle_stop (pickle), storages));
  assert_proj (weights, &FE_SHAPE (2), expected, 2);
}

static void
test_wrong_tensors (void)
{
  static const gsize storages[] = {64, 0};
  static const struct {
    PickleTensor tensor;
    const char *sentence;
  } rows[] = {
      {{"HalfStorage", "0", 33, 0, 1, {32}},
       "tensor \"visual.proj\" lies in \"model/data/0\", whose 64 bytes are "
       "too few for its 33 elements"},
      {{"HalfStorage", "0", G_MAXINT64, 0, 1, {32}},
       "tensor \"visual.proj\" lies in \"model/data/0\", whose 64 bytes are "
       "too few for its 9223372036854775807 elements"},
      {{"HalfStorage", "0", -1, 0, 1, {32}},
       "the description of tensor \"visual.proj\" in data.pkl is damaged"},
      {{"HalfStorage", "0", 32, 1, 1, {32}},
       "tensor \"visual.proj\" of shape [32], from element 1 on, does not fit "
       "into \"model/data/0\" with its 32 elements"},
      {{"HalfStorage", "0", 32, 33, 1, {0}},
       "tensor \"visual.proj\" of shape [0], from element 33 on, does not fit "
       "into \"model/data/0\" with its 32 elements"},
      {{"HalfStorage", "0", 32, 0, 2, {2, 3}, {30, 1}},
       "tensor \"visual.proj\" of shape [2, 3], from element 0 on, does not "
       "fit into \"model/data/0\" with its 32 elements"},
      {{"HalfStorage", "0", 32, 0, 2, {3, 2}, {G_MAXINT64, 1}},
       "tensor \"visual.proj\" of shape [3, 2], from element 0 on, does not "
       "fit into \"model/data/0\" with its 32 elements"},
      {{"HalfStorage", "0", 32, 0, 2, {4294967296, 4294967296}},
       "tensor \"visual.proj\" of shape [4294967296, 4294967296], from element "
       "0 on, does not fit into \"model/data/0\" with its 32 elements"},
      {{"HalfStorage", "1", 32, 0, 1, {32}},
       "tensor \"visual.proj\" lies in an entry \"model/data/1\" that the "
       "archive does not have"},
      {{"HalfStorage", "../0", 32, 0, 1, {32}},
       "tensor \"visual.proj\" lies in an entry \"model/data/../0\" that the "
       "archive does not have"},
      {{"HalfStorage", "0", 32, -1, 1, {1}},
       "the description of tensor \"visual.proj\" in data.pkl is damaged"},
      {{"HalfStorage", "0", 32, 0, 1, {-1}},
       "the description of tensor \"visual.proj\" in data.pkl is damaged"},
      {{"HalfStorage", "0", 32, 0, 1, {3}, {-1}},
       "the description of tensor \"visual.proj\" in data.pkl is damaged"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    weight_file_assert_refused (
        writer_checkpoint (pickle_one (&rows[i].tensor), storages),
        rows[i].sentence);
}

/* Opens, and fails once the tensor is asked for. */
static void
test_unusable_tensors (void)
{
  static const gsize storages[] = {64, 0};
  static const struct {
    PickleTensor tensor;
    const char *sentence;
  } rows[] = {
      {{"LongStorage", "0", 8, 0, 1, {8}},
       "tensor \"visual.proj\" has the type I64, expected F32, F16 or BF16"},
      {{"evil.Storage", "0", 8, 0, 1, {8}},
       "tensor \"visual.proj\" is stored in evil.Storage, which is not "
       "supported"},
      {{"HalfStorage", "0", 32, 0, 5, {1, 1, 1, 1, 1}},
       "tensor \"visual.proj\" has 5 dimensions, at most 4 are read"},
      {{"HalfStorage", "0", 32, 0, 2, {1 << 20, 32}, {0, 1}},
       "tensor \"visual.proj\" is an expanded view with more elements than its "
       "storage"},
      {{"HalfStorage", "0", 32, 0, 1, {0}}, "tensor \"visual.proj\" is empty"},
      {{"HalfStorage", "0", 32, 0, 1, {32}, .function = "cos\nsystem\n"},
       "tensor \"visual.proj\" is created by os.system, which is not "
       "supported"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (FeWeights) weights = weight_file_open_good (
        writer_checkpoint (pickle_one (&rows[i].tensor), storages));
    g_autoptr (GError) error = NULL;
    FeShape shape;

    g_assert_false (fe_weights_get_shape (weights, PROJ, &shape, &error));
    weight_file_assert_sentence (error, rows[i].sentence);
  }
}

static void
test_lightning (void)
{
  g_autoptr (FeWeights) weights = weight_file_open_good (sample_checkpoint ());
  float numbers[16];

  g_assert_cmpstr (fe_weights_get_layout (weights), ==, "FE-CLIP checkpoint");
  g_assert_cmpstr (fe_weights_get_metadata (weights, "tap_indices"), ==,
                   "20,21,22,23");
  g_assert_cmpstr (fe_weights_get_metadata (weights, "lambda"), ==, "0.07");
  g_assert_null (fe_weights_get_metadata (weights, "hyper_parameters"));
  g_assert_false (fe_weights_has (weights, "text_features"));
  g_assert_true (
      fe_weights_read (weights, PROJ, &FE_SHAPE (4, 4), numbers, NULL));
  g_assert_true (fe_weights_read (weights, "fc_patch.weight", &FE_SHAPE (4, 4),
                                  numbers, NULL));
}

/* One tensor under two names: only as FE-CLIP checkpoints do it. */
static void
test_two_names (void)
{
  static const gsize storages[] = {64, 64, 0};
  static const struct {
    const char *names[2];
    gint64 dim; /* of the second one */
    const char *sentence;
    const char *winner; /* its storage */
  } rows[] = {
      {{"model.visual.proj", "model.clip.visual.proj"}, 16, NULL, "1"},
      {{"model.clip.visual.proj", "model.visual.proj"}, 16, NULL, "0"},
      {{"_orig_mod.visual.proj", "model.clip.visual.proj"}, 16, NULL, "1"},
      {{"model.clip.visual.proj", "model.visual.proj"},
       8,
       "tensor \"visual.proj\" appears twice, as \"model.clip.visual.proj\" "
       "and as \"model.visual.proj\""},
      {{"visual.proj", "model.visual.proj"},
       16,
       "tensor \"visual.proj\" appears twice, as \"model.visual.proj\" and as "
       "\"visual.proj\""},
      {{"visual.proj", "visual.proj"},
       16,
       "tensor \"visual.proj\" appears twice"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const PickleTensor first = {"FloatStorage", "0", 16, 0, 1, {16}};
    const PickleTensor second = {"FloatStorage",   "1", 16,
                                 16 - rows[i].dim, 1,   {rows[i].dim}};
    Pickle *pickle = pickle_new ();
    GByteArray *file;
    float numbers[16];

    pickle_raw (pickle, "}(");
    pickle_string (pickle, rows[i].names[0]);
    pickle_tensor (pickle, &first);
    pickle_string (pickle, rows[i].names[1]);
    pickle_tensor (pickle, &second);
    pickle_raw (pickle, "u");
    file = writer_checkpoint (pickle_stop (pickle), storages);
    if (rows[i].sentence != NULL) {
      weight_file_assert_refused (file, rows[i].sentence);
    } else {
      g_autoptr (FeWeights) weights = NULL;

      /* The second storage's first number becomes 1. */
      writer_poke (file, writer_find (file, "model/data/1", 0) + 12 + 7,
                   0x3f800000, 4);
      weights = weight_file_open_good (file);
      g_assert_true (
          fe_weights_read (weights, PROJ, &FE_SHAPE (16), numbers, NULL));
      g_assert_cmpint (numbers[0] == 1, ==, *rows[i].winner == '1');
    }
  }
}

/* A tensor beyond the first 4 GiB, in a file that is mostly a hole. */
static void
test_beyond_4_gib (void)
{
  static const gsize storages[] = {64, 0};
  static const float expected[] = {HALF (1), HALF (2)};
  const PickleTensor tensor = {"HalfStorage", "0", 32, 1, 1, {2}};
  const gsize hole = (gsize)5 << 30;
  g_autoptr (GByteArray) plain =
      writer_checkpoint (pickle_one (&tensor), storages);
  const gsize begin = writer_find (plain, "PK\3\4", 1);
  const gsize directory = writer_find (plain, "PK\1\2", 0);
  g_autoptr (FeWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  GByteArray *tail;
  Zip *zip = zip_new ();
  const ZipOptions zip64 = {.zip64 = TRUE};
  int fd;

  /* The pickle stays in front; storage and directory move behind the hole,
   * which makes all their places zip64. */
  zip_add (zip, "model/data.pkl", plain->data + 30 + 14 + 7,
           begin - (30 + 14 + 7), &zip64);
  g_byte_array_set_size (zip->file, (guint)begin);
  zip_add (zip, "model/data/0", plain->data + begin + 30 + 12 + 7, 64, &zip64);
  writer_poke (zip->directory,
               writer_find (zip->directory, "PK\1\2", 1) + 46 + 12 + 4 + 16,
               begin + hole, 8);
  tail = zip_finish (zip, TRUE);
  g_assert_cmpuint (directory, >, begin);
  writer_poke (tail, writer_find (tail, "PK\6\6", 0) + 48,
               writer_find (tail, "PK\1\2", 0) + hole, 8);
  writer_poke (tail, writer_find (tail, "PK\6\7", 0) + 8,
               writer_find (tail, "PK\6\6", 0) + hole, 8);

  fd = open (weight_file_get_path (), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
             0600);
  g_assert_cmpint (write (fd, tail->data, begin), ==, begin);
  if (ftruncate (fd, (off_t)(begin + hole)) != 0
      || pwrite (fd, tail->data + begin, tail->len - begin,
                 (off_t)(begin + hole))
             != (gssize)(tail->len - begin)) {
    g_test_skip ("no room for a sparse file of 5 GiB: offsets beyond 4 GiB "
                 "were not read");
  } else {
    weights = fe_weights_open (weight_file_get_path (), &error);
    g_assert_no_error (error);
    assert_proj (weights, &FE_SHAPE (2), expected, 2);
  }
  close (fd);
  g_byte_array_unref (tail);
  g_unlink (weight_file_get_path ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torch/strides", test_strides);
  g_test_add_func ("/torch/protocol-5", test_protocol_5);
  g_test_add_func ("/torch/wrong-tensors", test_wrong_tensors);
  g_test_add_func ("/torch/unusable-tensors", test_unusable_tensors);
  g_test_add_func ("/torch/lightning", test_lightning);
  g_test_add_func ("/torch/two-names", test_two_names);
  g_test_add_func ("/torch/beyond-4-gib", test_beyond_4_gib);
  return g_test_run ();
}
