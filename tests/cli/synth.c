/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generator of inspection images, and the command that runs it. */
#include <cairo.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>

#include "support/shell.h"
#include "synth/belt_sample.h"
#include "synth/conveyor.h"
#include "synth/sample.h"

/* An image of kind number @kind. */
static FeSampleRequest
make_request (guint kind, int defect, int width, int height)
{
  guint n;

  return (FeSampleRequest){
      .surface = &fe_surface_kinds (&n)[kind],
      .defect = defect,
      .width = width,
      .height = height,
      .design = 11,
      .item = 7 + kind,
      .defect_seed = 5,
      .severity = 0.5F,
      .extent = 0.5F,
  };
}

static gsize
count_bytes (const FeSampleRequest *request)
{
  return (gsize)request->width * (gsize)request->height * 3;
}

static gboolean
is_same_image (const FeSample *a, const FeSample *b)
{
  return memcmp (a->pixels, b->pixels, count_bytes (&a->request)) == 0;
}

static void
test_seeds (void)
{
  guint n;

  fe_surface_kinds (&n);
  g_assert_cmpuint (n, >=, 16);
  for (guint i = 0; i < n; i++) {
    FeSampleRequest request = make_request (i, FE_DEFECT_STAIN, 48, 40);
    g_autoptr (FeSample) first = fe_sample_new (&request);
    g_autoptr (FeSample) again = fe_sample_new (&request);
    g_autoptr (FeSample) other_item = NULL;
    g_autoptr (FeSample) other_design = NULL;

    g_assert_true (is_same_image (first, again));
    g_assert_cmpmem (first->mask.pixels, 48 * 40, again->mask.pixels, 48 * 40);
    request.item++;
    other_item = fe_sample_new (&request);
    g_assert_false (is_same_image (first, other_item));
    request.item--;
    request.design++;
    other_design = fe_sample_new (&request);
    g_assert_false (is_same_image (first, other_design));
  }
}

/* The summed difference of two images, and the number of its pixels. */
typedef struct {
  double sum;
  guint n;
} Difference;

static double
mean (const Difference *difference)
{
  return difference->n > 0 ? difference->sum / difference->n : 0;
}

/* Whether a pixel near (@column, @row) is marked. */
static gboolean
is_near_mask (const FeSample *sample, int column, int row, int reach)
{
  for (int i = MAX (row - reach, 0);
       i <= MIN (row + reach, sample->request.height - 1); i++)
    for (int j = MAX (column - reach, 0);
         j <= MIN (column + reach, sample->request.width - 1); j++)
      if (sample->mask.pixels[i * sample->request.width + j])
        return TRUE;
  return FALSE;
}

static void
compare (const FeSample *bad, const FeSample *good, Difference *inside,
         Difference *outside)
{
  for (int row = 0; row < bad->request.height; row++) {
    for (int column = 0; column < bad->request.width; column++) {
      int i = row * bad->request.width + column;
      Difference *place = bad->mask.pixels[i]                  ? inside
                          : is_near_mask (bad, column, row, 2) ? NULL
                                                               : outside;
      int largest = 0;

      for (int c = 0; c < 3; c++)
        largest = MAX (largest,
                       abs (bad->pixels[3 * i + c] - good->pixels[3 * i + c]));
      if (!place)
        continue;
      place->sum += largest;
      place->n++;
    }
  }
}

/* A defective image differs from the good image of the same seed only in its
 * mask. */
static void
test_mask_agrees (void)
{
  Difference all_outside = {0};
  guint n;

  fe_surface_kinds (&n);
  for (guint i = 0; i < n; i++) {
    static const int defects[] = {FE_DEFECT_STAIN, FE_DEFECT_FOREIGN_BODY,
                                  FE_DEFECT_THREAD};

    for (gsize j = 0; j < G_N_ELEMENTS (defects); j++) {
      FeSampleRequest request = make_request (i, defects[j], 96, 96);
      g_autoptr (FeSample) bad = fe_sample_new (&request);
      g_autoptr (FeSample) good = NULL;
      Difference inside = {0};
      Difference outside = {0};

      request.defect = FE_SAMPLE_GOOD;
      good = fe_sample_new (&request);
      compare (bad, good, &inside, &outside);
      g_assert_cmpuint (inside.n, ==, bad->mask.area);
      g_assert_cmpfloat (mean (&inside), >, 8);
      g_assert_cmpfloat (mean (&inside), >, 6 * mean (&outside));
      all_outside.sum += outside.sum;
      all_outside.n += outside.n;
    }
  }
  g_assert_cmpfloat (mean (&all_outside), <, 0.5);
}

/* The images of a pair on a belt differ only in the mask, too. */
static void
test_belt_pairs (void)
{
  Difference all_outside = {0};
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);

  for (guint i = 0; i < n; i++) {
    FeSampleRequest request = make_request (i, FE_DEFECT_STAIN, 96, 96);
    g_autoptr (FeSample) sample = NULL;
    Difference inside = {0};
    FeSample good;

    if (!fe_conveyor_can_carry (&kinds[i]))
      continue;
    sample = fe_belt_sample_new (&request);
    good = *sample;
    good.pixels = sample->good_pixels;
    compare (sample, &good, &inside, &all_outside);
    g_assert_cmpuint (inside.n, >, 0);
    g_assert_cmpfloat (mean (&inside), >, 8);
  }
  /* Elsewhere only the noise differs. */
  g_assert_cmpfloat (mean (&all_outside), <, 8);
}

/* The mean area in pixels of stains of an extent, over all kinds. */
static double
mean_area (float extent)
{
  double sum = 0;
  guint n;

  fe_surface_kinds (&n);
  for (guint i = 0; i < n; i++) {
    FeSampleRequest request = make_request (i, FE_DEFECT_STAIN, 64, 64);
    g_autoptr (FeSample) sample = NULL;

    request.severity = 1;
    request.extent = extent;
    sample = fe_sample_new (&request);
    sum += sample->mask.area;
  }
  return sum / n;
}

static void
test_extent (void)
{
  g_assert_cmpfloat (mean_area (1), >, 4 * mean_area (0.2F));
}

/* Each kind with each of its defects, in several image sizes. */
static void
test_every_defect (gconstpointer data)
{
  const int *size = data;
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);
  guint seen = 0;

  for (guint i = 0; i < n; i++) {
    for (int j = 0; j < FE_N_DEFECTS; j++) {
      FeSampleRequest request = make_request (i, j, size[0], size[1]);
      g_autoptr (FeSample) sample = NULL;

      if (!(kinds[i].defects & 1u << j))
        continue;
      sample = fe_sample_new (&request);
      seen |= 1u << j;
      if (sample->mask.area == 0 && size[0] >= 64)
        g_test_message ("%s of %s cannot be seen", fe_defect_kind (j)->name,
                        kinds[i].name);
      g_assert_true (sample->mask.area > 0 || size[0] < 64);
      g_assert_cmpuint (sample->mask.area, <,
                        (guint)(request.width * request.height));
      g_assert_cmpint (sample->mask.box.right, <=, request.width);
      g_assert_cmpint (sample->mask.box.bottom, <=, request.height);
    }
  }
  g_assert_cmpuint (seen, ==, (1u << FE_N_DEFECTS) - 1);
}

/* A severe defect differs more from a good surface than a faint one. */
static void
test_severity (void)
{
  static const int defects[] = {FE_DEFECT_STAIN, FE_DEFECT_SCRATCH,
                                FE_DEFECT_BURN, FE_DEFECT_THREAD};

  for (gsize i = 0; i < G_N_ELEMENTS (defects); i++) {
    double contrast[2] = {0};

    for (guint seed = 0; seed < 12; seed++) {
      for (int plain = 0; plain < 2; plain++) {
        FeSampleRequest request = make_request (3, defects[i], 96, 96);
        g_autoptr (FeSample) sample = NULL;

        request.item = seed;
        request.defect_seed = seed;
        request.severity = (float)plain;
        sample = fe_sample_new (&request);
        contrast[plain] += (double)sample->mask.contrast;
      }
    }
    g_assert_cmpfloat (contrast[1], >, 1.15 * contrast[0]);
  }
}

/* The mask contains the visible difference without gaps, filled if requested.
 */
static void
test_mask (void)
{
  enum { EDGE = 20 };
  FeColor good[EDGE * EDGE] = {0};
  FeColor bad[EDGE * EDGE] = {0};
  FeDefectMask ring;
  FeDefectMask solid;

  for (int row = 5; row < 12; row++)
    for (int column = 4; column < 11; column++)
      if (row < 7 || row > 9 || column < 6 || column > 8)
        bad[row * EDGE + column].green = 0.5F;
  /* An invisible fringe, and a single pixel. */
  bad[12 * EDGE + 8].green = 0.02F;
  /* Weaker than the rest, and still visible. */
  for (int row = 14; row < 17; row++)
    for (int column = 14; column < 17; column++)
      bad[row * EDGE + column].red = 0.1F;
  ring = fe_defect_mask_make (good, bad, EDGE, EDGE, FALSE);
  solid = fe_defect_mask_make (good, bad, EDGE, EDGE, TRUE);
  g_assert_cmpuint (ring.area, ==, 49 - 9 + 9);
  g_assert_cmpuint (solid.area, ==, 49 + 9);
  g_assert_cmpint (solid.box.left, ==, 4);
  g_assert_cmpint (solid.box.top, ==, 5);
  g_assert_cmpint (solid.box.right, ==, 17);
  g_assert_cmpint (solid.box.bottom, ==, 17);
  g_assert_cmpfloat_with_epsilon (ring.contrast, (40 * 0.5 + 9 * 0.1) / 49,
                                  1e-5);
  g_assert_cmpint (solid.pixels[8 * EDGE + 7], ==, 255);
  g_assert_cmpint (solid.pixels[12 * EDGE + 8], ==, 0);
  fe_defect_mask_clear (&ring);
  fe_defect_mask_clear (&solid);
  solid = fe_defect_mask_make (good, good, EDGE, EDGE, TRUE);
  g_assert_cmpuint (solid.area, ==, 0);
  fe_defect_mask_clear (&solid);
}

static void
test_layout (void)
{
  g_autoptr (Shell) make = shell_run (
      "\"$FECLIP\" synth \"$DIR\"/set --kinds wood,screw --defects "
      "scratch,bend "
      "--size 40x24 --train 2 --good 1 --defective 3 --threads 1 --seed 4");
  g_autoptr (Shell) files =
      shell_run ("cd \"$DIR\"/set && find . -type f | LC_ALL=C sort");
  g_autoptr (Shell) lines = shell_run ("wc -l <\"$DIR\"/set/captions.jsonl");
  g_autofree char *path =
      shell_dir ("set/screw/ground_truth/bend/002_mask.png");
  cairo_surface_t *mask;

  assert_status (make, 0);
  g_assert_cmpstr (make->err, ==, "");
  assert_contains (files->out, "./contact-sheet.png\n");
  assert_contains (files->out, "./wood/train/good/001.png\n");
  assert_contains (files->out, "./wood/test/good/000.png\n");
  assert_contains (files->out, "./wood/test/scratch/002.png\n");
  assert_contains (files->out, "./wood/ground_truth/scratch/002_mask.png\n");
  assert_contains (files->out, "./screw/test/bend/000.png\n");
  /* Wood does not bend. */
  g_assert_null (strstr (files->out, "wood/test/bend"));
  g_assert_cmpint (atoi (lines->out), ==, 3 + 3 + 3 + 3 + 3);
  mask = cairo_image_surface_create_from_png (path);
  g_assert_cmpint (cairo_surface_status (mask), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_format (mask), ==,
                   CAIRO_FORMAT_RGB24);
  g_assert_cmpint (cairo_image_surface_get_width (mask), ==, 40);
  g_assert_cmpint (cairo_image_surface_get_height (mask), ==, 24);
  cairo_surface_destroy (mask);
}

static void
test_threads (void)
{
  g_autoptr (Shell) one = shell_run (
      "\"$FECLIP\" synth \"$DIR\"/one --size 32 --kinds nut,tiles --train 3 "
      "--good 2 --defective 1 --threads 1 --vary");
  g_autoptr (Shell) many = shell_run (
      "\"$FECLIP\" synth \"$DIR\"/many --size 32 --kinds nut,tiles --train 3 "
      "--good 2 --defective 1 --threads 5 --vary");
  g_autoptr (Shell) same = shell_run ("diff -r \"$DIR\"/one \"$DIR\"/many");
  g_autoptr (Shell) other = shell_run (
      "\"$FECLIP\" synth \"$DIR\"/other --size 32 --kinds nut,tiles --train 3 "
      "--good 2 --defective 1 --seed 2 --vary && "
      "diff -q \"$DIR\"/one/nut/train/good/000.png "
      "\"$DIR\"/other/nut/train/good/000.png");

  assert_status (one, 0);
  assert_status (many, 0);
  assert_status (same, 0);
  assert_status (other, 1);
}

static void
test_captions (void)
{
  g_autoptr (Shell) make =
      shell_run ("\"$FECLIP\" synth \"$DIR\"/captions --size 48 --kinds "
                 "brushed-metal --defects scratch --train 1 --good 0 "
                 "--defective 1");
  g_autofree char *path = shell_dir ("captions/captions.jsonl");
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *good;
  JsonObject *bad;

  assert_status (make, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (json_parser_load_from_data (parser, lines[0], -1, NULL));
  good = json_node_get_object (json_parser_get_root (parser));
  g_assert_true (json_object_get_null_member (good, "defect"));
  g_assert_true (json_object_get_null_member (good, "box"));
  assert_contains (json_object_get_string_member (good, "caption"),
                   "brushed metal");
  g_assert_true (json_parser_load_from_data (parser, lines[1], -1, NULL));
  bad = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (bad, "defect"), ==,
                   "scratch");
  g_assert_cmpstr (json_object_get_string_member (bad, "mask"), ==,
                   "brushed-metal/ground_truth/scratch/000_mask.png");
  assert_contains (json_object_get_string_member (bad, "caption"), "scratch");
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (bad, "box")), ==, 4);
}

static void
test_arrays (void)
{
  static const struct {
    const char *name;
    const char *shape;
    gsize size;
  } files[] = {
      {"images.npy", "'|u1', 'fortran_order': False, 'shape': (6, 20, 24, 3)",
       6 * 20 * 24 * 3},
      {"masks.npy", "'shape': (6, 20, 24)", 6 * 20 * 24},
      {"labels.npy", "i4', 'fortran_order': False, 'shape': (6, 6)", 6 * 6 * 4},
      {"severity.npy", "'shape': (6, )", 6 * 4},
  };
  g_autoptr (Shell) make = shell_run (
      "\"$FECLIP\" synth --npy \"$DIR\"/arrays --count 6 --size 24x20");

  assert_status (make, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *below = g_build_filename ("arrays", files[i].name, NULL);
    g_autofree char *path = shell_dir (below);
    g_autofree char *data = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (path, &data, &size, NULL));
    g_assert_cmpuint (size, ==, 128 + files[i].size);
    g_assert_cmpmem (data, 6, "\x93NUMPY", 6);
    g_assert_cmpint (data[127], ==, '\n');
    data[127] = '\0';
    assert_contains (data + 10, files[i].shape);
    /* Every other image is good. */
    if (g_str_equal (files[i].name, "labels.npy"))
      for (int j = 0; j < 6; j++)
        g_assert_cmpint (((const gint32 *)(data + 128))[6 * j + 1] < 0, ==,
                         j % 2 == 0);
  }
}

/* Every item passes, as often as the frames show it. */
static void
check_show (JsonObject *show)
{
  JsonArray *items = json_object_get_array_member (show, "items");
  JsonArray *frames = json_object_get_array_member (show, "frames");
  gboolean seen[4] = {FALSE};
  guint n_bad = 0;
  guint n_marked = 0;

  g_assert_cmpuint (json_array_get_length (items), ==, 4);
  g_assert_cmpuint (json_array_get_length (frames), ==, 40);
  for (guint i = 0; i < 4; i++)
    n_bad += json_object_get_boolean_member (
        json_array_get_object_element (items, i), "defective");
  g_assert_cmpuint (n_bad, ==, 2);
  for (guint i = 0; i < 40; i++) {
    JsonArray *shown = json_object_get_array_member (
        json_array_get_object_element (frames, i), "items");

    for (guint j = 0; j < json_array_get_length (shown); j++) {
      JsonObject *item = json_array_get_object_element (shown, j);
      gint64 id = json_object_get_int_member (item, "id");
      JsonArray *box = json_object_get_array_member (item, "box");

      seen[id] |= json_object_get_double_member (item, "visible") >= 1;
      n_marked += json_object_has_member (item, "defect_box");
      g_assert_cmpint (json_array_get_int_element (box, 0)
                           + json_array_get_int_element (box, 2),
                       <=, 160);
    }
  }
  g_assert_cmpuint (n_marked, >, 4);
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_true (seen[i]);
}

static void
test_video (void)
{
  g_autoptr (Shell) make = shell_run (
      "\"$FECLIP\" synth --video \"$DIR\"/clip.mp4 --size 160x90 --frames 40 "
      "--items 4 --defective-share 0.5 --kinds nut,biscuit");
  g_autofree char *path = shell_dir ("clip.json");
  g_autofree char *video = shell_dir ("clip.mp4");
  g_autofree char *data = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize size;

  if (make->status == 1 && strstr (make->err, "none of the encoders")) {
    g_test_skip ("GStreamer has no encoder for MP4 here: no video was made");
    return;
  }
  assert_status (make, 0);
  g_assert_true (g_file_get_contents (video, &data, &size, NULL));
  g_assert_cmpuint (size, >, 1000);
  g_assert_cmpmem (data + 4, 4, "ftyp", 4);
  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  check_show (json_node_get_object (json_parser_get_root (parser)));
}

static void
test_list (void)
{
  g_autoptr (Shell) run = shell_run ("\"$FECLIP\" synth --list");

  assert_status (run, 0);
  assert_contains (run->out, "\nwoven-fabric\n  ");
  assert_contains (run->out, "missing-part");
}

static void
test_wrong_use (void)
{
  static const ShellFailure failures[] = {
      {"", 2, "a folder to write to is missing"},
      {"a b", 2, "\"b\" is one argument too many"},
      {"a --kinds velvet", 2, "no kind \"velvet\"; there are brushed-metal, "},
      {"a --defects ghost", 2, "no defect \"ghost\"; there are scratch, "},
      {"a --kinds wood --defects rust", 2, "wood has none of these"},
      {"a --size 8", 2, "--size: \"8\" is not a size"},
      {"a --size 40x", 2, "--size: \"40x\" is not a size"},
      {"a --size 20x20x20", 2, "--size"},
      {"a --train -1", 2, "--train: -1 is not from 0"},
      {"a --count 0 --npy", 2, "--count: 0 is not from 1"},
      {"a --npy --video", 2, "--npy and --video exclude each other"},
      {"a.mp4 --video --kinds zipper", 2, "zipper cannot lie on a conveyor"},
      {"a.mp4 --video --size 33", 2, "a video's edges are even, not 33x33"},
      {"a --npy --belt-share 2", 2, "--belt-share: 2 is not"},
      {"a --severity x", 2, "--severity: \"x\" is not a range"},
      {"a --severity 0.8-0.3", 2, "--severity: \"0.8-0.3\" is not"},
      {"a --extent 0.1-0.2-0.3", 2, "--extent: \"0.1-0.2-0.3\" is not"},
      {"a --extent 0.5-1.5", 2, "--extent: \"0.5-1.5\" is not"},
      {"a.mp4 --video --defective-share 2", 2, "--defective-share: 2 is not"},
      {"\"$DIR\"/a.txt --video", 2, "does not end in .mp4"},
      {"\"$DIR\"/full", 1, "is not empty; choose another one"},
      {"\"$DIR\"/full/file/below --kinds wood --size 16", 1,
       "file/below cannot be created: "},
      {"\"$DIR\"/none/a.avi --video --frames 2 --size 64", 1, "none/a.avi"},
      {"--list >/dev/full", 1, "standard output cannot be written"},
  };
  g_autoptr (Shell) prepare =
      shell_run ("mkdir \"$DIR\"/full && touch \"$DIR\"/full/file");

  assert_status (prepare, 0);
  shell_check_failures ("\"$FECLIP\" synth", failures, G_N_ELEMENTS (failures));
}

static void
test_force (void)
{
  g_autoptr (Shell) run = shell_run (
      "mkdir \"$DIR\"/used && touch \"$DIR\"/used/mine && \"$FECLIP\" synth "
      "\"$DIR\"/used --force --kinds carpet --size 16 --train 1 --good 0 "
      "--defective 0 && ls \"$DIR\"/used/mine");

  assert_status (run, 0);
}

int
main (int argc, char **argv)
{
  static const int sizes[][2] = {{16, 16}, {33, 65}, {72, 64}};

  shell_init (&argc, &argv);
  g_test_add_func ("/synth/seeds", test_seeds);
  g_test_add_func ("/synth/mask", test_mask);
  g_test_add_func ("/synth/mask-agrees", test_mask_agrees);
  g_test_add_func ("/synth/severity", test_severity);
  g_test_add_func ("/synth/extent", test_extent);
  g_test_add_func ("/synth/belt-pairs", test_belt_pairs);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *path =
        g_strdup_printf ("/synth/every-defect/%dx%d", sizes[i][0], sizes[i][1]);

    g_test_add_data_func (path, sizes[i], test_every_defect);
  }
  g_test_add_func ("/synth/layout", test_layout);
  g_test_add_func ("/synth/threads", test_threads);
  g_test_add_func ("/synth/captions", test_captions);
  g_test_add_func ("/synth/arrays", test_arrays);
  g_test_add_func ("/synth/video", test_video);
  g_test_add_func ("/synth/list", test_list);
  g_test_add_func ("/synth/wrong-use", test_wrong_use);
  g_test_add_func ("/synth/force", test_force);
  return shell_test ();
}
