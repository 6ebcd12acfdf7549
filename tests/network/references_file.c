/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of references: there and back, and what is refused. */
#include <glib/gstdio.h>
#include <string.h>

#include "support/golden.h"
#include "support/scratch.h"
#include "references/references.h"
#include "files/weights_writer.h"

enum {
  ROWS = 3,
  WIDTH = 128,
  TAPS = 4,
};

typedef struct {
  FeclipDetector *detector;
  FeclipReferences *references;
  char *path;
} Fixture;

static FeclipDetector *
make_detector (const char *tap_blocks)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();

  if (tap_blocks)
    g_object_set (settings, "tap-blocks", tap_blocks, "adapter-file", NULL,
                  NULL);
  return golden_detector_new (settings);
}

static void
fixture_init (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  self->path = scratch_path ("normal.safetensors");
  self->detector = make_detector (NULL);
  self->references = feclip_references_new (self->detector, &error);
  g_assert_no_error (error);
  golden_add (self->references, self->detector, 1);
  feclip_detector_set_references (self->detector, self->references, &error);
  g_assert_no_error (error);
}

static void
fixture_clear (Fixture *self, gconstpointer unused)
{
  g_unlink (self->path);
  g_free (self->path);
  g_object_unref (self->references);
  g_object_unref (self->detector);
}

static void
test_round_trip (Fixture *self, gconstpointer unused)
{
  g_autoptr (FeclipResult) before = golden_analyse (self->detector, 0);
  g_autoptr (FeclipResult) after = NULL;
  g_autoptr (GError) error = NULL;

  feclip_references_save (self->references, self->path, &error);
  g_assert_no_error (error);
  feclip_references_clear (self->references);
  feclip_references_load (self->references, self->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (feclip_references_get_count (self->references), ==, 1);
  after = golden_analyse (self->detector, 0);
  g_assert_cmpfloat (before->score, ==, after->score);
  g_assert_cmpmem (before->map, 64 * sizeof (float), after->map,
                   64 * sizeof (float));

  feclip_references_clear (self->references);
  g_assert_false (
      feclip_references_save (self->references, self->path, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
}

/* A damaged or foreign file changes nothing and says what is wrong. */
static void
assert_refused (Fixture *self, int code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      feclip_references_load (self->references, self->path, &error));
  g_assert_error (error, FECLIP_ERROR, code);
  if (!strstr (error->message, message))
    g_error ("\"%s\" is not in: %s", message, error->message);
  g_assert_true (g_str_has_prefix (error->message, self->path));
  g_assert_cmpuint (feclip_references_get_count (self->references), ==, 1);
}

/* What a file says that is written by hand. */
typedef struct {
  const char *format;
  const char *images;
  guint taps;
  guint width;
  float value;  /* of the last row's only number that is not 0 */
  float sample; /* what the weights' sample is multiplied by */
  int code;
  const char *message;
  const char *images_key; /* NULL: "images" */
} Forgery;

static void
write_forgery (Fixture *self, const Forgery *forgery)
{
  const FeReferencesOrigin *origin =
      fe_references_get_origin (self->references);
  g_autoptr (FeWeightsWriter) writer = fe_weights_writer_new ();
  g_autoptr (GError) error = NULL;
  float *sample = g_memdup2 (origin->sample, sizeof origin->sample);

  for (guint i = 0; i < FE_SAMPLE_SIZE; i++)
    sample[i] *= forgery->sample;
  fe_weights_writer_set (writer, "format", forgery->format);
  fe_weights_writer_set (writer, "network", origin->text);
  fe_weights_writer_set (writer,
                         forgery->images_key ? forgery->images_key : "images",
                         forgery->images);
  fe_weights_writer_add (writer, "references.sample",
                         &FE_SHAPE (FE_SAMPLE_SIZE), sample);
  for (guint i = 0; i < forgery->taps; i++) {
    g_autofree char *name = g_strdup_printf ("references.%u", i);
    float *rows = g_new0 (float, ROWS * forgery->width);

    for (guint r = 0; r < ROWS; r++)
      rows[r * forgery->width] = r + 1 < ROWS ? 1 : forgery->value;
    fe_weights_writer_add (writer, name, &FE_SHAPE (ROWS, forgery->width),
                           rows);
  }
  fe_weights_writer_save (writer, self->path, &error);
  g_assert_no_error (error);
}

static void
test_forgeries (Fixture *self, gconstpointer unused)
{
  static const Forgery forgeries[] = {
      {"pt", "1", TAPS, WIDTH, 1, 1, FECLIP_ERROR_FORMAT,
       "holds no references"},
      {"feclip-references", "0", TAPS, WIDTH, 1, 1, FECLIP_ERROR_FORMAT,
       "how many images"},
      {"feclip-references", "-1", TAPS, WIDTH, 1, 1, FECLIP_ERROR_FORMAT,
       "how many images"},
      {"feclip-references", "99999999999", TAPS, WIDTH, 1, 1,
       FECLIP_ERROR_FORMAT, "how many images"},
      {"feclip-references", "1", TAPS - 1, WIDTH, 1, 1, FECLIP_ERROR_FORMAT,
       "references.3"},
      {"feclip-references", "1", TAPS, WIDTH - 8, 1, 1, FECLIP_ERROR_FORMAT,
       "references.0"},
      {"feclip-references", "1", TAPS, WIDTH, 1.1f, 1, FECLIP_ERROR_FORMAT,
       "length is 1.1"},
      {"feclip-references", "1", TAPS, WIDTH, 0, 1, FECLIP_ERROR_FORMAT,
       "length is 0"},
      {"feclip-references", "1", TAPS, WIDTH, G_MAXFLOAT * 2, 1,
       FECLIP_ERROR_FORMAT, "references.0"},
      {"feclip-references", "1", TAPS, WIDTH, 1, 1.5f, FECLIP_ERROR_INPUT,
       "other weights"},
  };
  Forgery honest = forgeries[1];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (forgeries); i++) {
    write_forgery (self, &forgeries[i]);
    assert_refused (self, forgeries[i].code, forgeries[i].message);
  }
  honest.images = "2";
  write_forgery (self, &honest);
  feclip_references_load (self->references, self->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (feclip_references_get_n_rows (self->references), ==, ROWS);
}

/* Version 0.1.0 wrote the number of images under another key. */
static void
test_version_0_1_0 (Fixture *self, gconstpointer unused)
{
  Forgery file = {
      .format = "feclip-references",
      .images = "0",
      .taps = TAPS,
      .width = WIDTH,
      .value = 1,
      .sample = 1,
      .images_key = "pictures",
  };
  g_autoptr (GError) error = NULL;

  write_forgery (self, &file);
  assert_refused (self, FECLIP_ERROR_FORMAT, "how many images");
  file.images = "5";
  write_forgery (self, &file);
  feclip_references_load (self->references, self->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (feclip_references_get_count (self->references), ==, 5);
  g_assert_cmpuint (feclip_references_get_n_rows (self->references), ==, ROWS);
}

/* What is written is "images" alone. */
static void
test_images_key (Fixture *self, gconstpointer unused)
{
  g_autoptr (FeWeights) weights = NULL;
  g_autoptr (GError) error = NULL;

  feclip_references_save (self->references, self->path, &error);
  g_assert_no_error (error);
  weights = fe_weights_open (self->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fe_weights_get_metadata (weights, "images"), ==, "1");
  g_assert_null (fe_weights_get_metadata (weights, "pictures"));
}

static void
test_damaged (Fixture *self, gconstpointer unused)
{
  g_autofree char *model = golden_path ("model.safetensors");
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  assert_refused (self, FECLIP_ERROR_FILE, self->path);
  feclip_references_save (self->references, self->path, &error);
  g_assert_no_error (error);
  g_file_get_contents (self->path, &content, &size, &error);
  g_assert_no_error (error);
  g_file_set_contents (self->path, content, (gssize)size / 2, &error);
  g_assert_no_error (error);
  assert_refused (self, FECLIP_ERROR_FORMAT, "");
  g_file_set_contents (self->path, content, 20, &error);
  g_assert_no_error (error);
  assert_refused (self, FECLIP_ERROR_FORMAT, "");
  g_assert_false (feclip_references_load (self->references, model, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
}

/* Features of other taps compare with nothing here. */
static void
test_other_network (Fixture *self, gconstpointer unused)
{
  g_autoptr (FeclipDetector) other = make_detector ("1,3");
  g_autoptr (FeclipReferences) references = NULL;
  g_autoptr (GError) error = NULL;
  FeclipFrame frame;

  g_assert_false (
      feclip_detector_set_references (other, self->references, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_true (strstr (error->message, "taps 1,3, quick-gelu, no adapters"));
  g_clear_error (&error);

  golden_frame_init (&frame, 0);
  g_assert_false (
      feclip_references_add (self->references, other, &frame, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  golden_frame_clear (&frame);
  g_clear_error (&error);

  feclip_references_save (self->references, self->path, &error);
  g_assert_no_error (error);
  references = feclip_references_new (other, &error);
  g_assert_no_error (error);
  g_assert_false (feclip_references_load (references, self->path, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_true (strstr (error->message, "taps 0,1,2,3"));
}

#define ADD(name, function) \
  g_test_add (name, Fixture, NULL, fixture_init, function, fixture_clear)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/references-file/round-trip", test_round_trip);
  ADD ("/references-file/forgeries", test_forgeries);
  ADD ("/references-file/version-0.1.0", test_version_0_1_0);
  ADD ("/references-file/images-key", test_images_key);
  ADD ("/references-file/damaged", test_damaged);
  ADD ("/references-file/other-network", test_other_network);
  return g_test_run ();
}
