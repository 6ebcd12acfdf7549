/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip train, run as its users run it. */
#define _GNU_SOURCE /* memmem() */
#include <cairo.h>
#include <glib/gstdio.h>
#include <math.h>

#include "support/shell.h"

#define EPOCHS 3
#define STEPS_PER_EPOCH 3
#define KILLS 10

/* Ten images in three steps, the last of which has two. */
#define TRAIN \
  "$FECLIP train \"$DIR\"/arrays --model-file \"$DATA\"/model.safetensors " \
  "--tap-blocks 1,3 --epochs 3 --batch 4 --at-once 3 --checkpoint-every 1 " \
  "--cache-dir \"$DIR\" "

static void
make_arrays (void)
{
  g_autofree char *path = shell_dir ("arrays");
  g_autoptr (Shell) shell = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return;
  shell = shell_run ("$FECLIP synth --npy \"$DIR\"/arrays --count 10 --size 48 "
                     "--kinds wood,leather");
  assert_status (shell, 0);
}

static GBytes *
read_file (const char *name)
{
  gsize size;
  char *content = shell_read (name, &size);

  return g_bytes_new_take (content, size);
}

/* ---- An independent reader of event files ---- */

static guint32
read32 (const guint8 *at)
{
  return at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16
         | (guint32)at[3] << 24;
}

/* CRC-32C as long division of the bits, most significant first. */
static guint32
checksum (const guint8 *data, gsize size)
{
  guint32 rest = G_MAXUINT32, turned = 0;

  for (gsize i = 0; i < 8 * size; i++) {
    guint32 bit = (guint32)(data[i / 8] >> i % 8 & 1);

    rest = rest << 1 ^ (rest >> 31 ^ bit ? 0x1edc6f41u : 0);
  }
  for (guint i = 0; i < 32; i++)
    turned |= (rest >> i & 1) << (31 - i);
  turned = ~turned;
  return (turned >> 15 | turned << 17) + 0xa282ead8u;
}

/* The number after a tag in a record, at its end. */
static float
read_value (const guint8 *end)
{
  guint32 bits = read32 (end - 4);
  float value;

  g_assert_cmpuint (end[-5], ==, 2 << 3 | 5);
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Counts the numbers of a tag and checks every record. */
static guint
count_events (const char *name, const char *tag)
{
  g_autoptr (GBytes) bytes = read_file (name);
  gsize size, length;
  const guint8 *at = g_bytes_get_data (bytes, &size);
  const guint8 *end = at + size;
  guint n = 0;

  for (; at < end; at += 16 + length) {
    g_assert_cmpuint (end - at, >=, 16);
    length = read32 (at);
    g_assert_cmpuint (read32 (at + 4), ==, 0);
    g_assert_cmpuint (read32 (at + 8), ==, checksum (at, 8));
    g_assert_cmpuint (length, <=, end - at - 16);
    g_assert_cmpuint (read32 (at + 12 + length), ==,
                      checksum (at + 12, length));
    /* A time first. */
    g_assert_cmpuint (at[12], ==, 1 << 3 | 1);
    if (memmem (at + 12, length, tag, strlen (tag))) {
      float value = read_value (at + 12 + length);

      g_assert_true (value > 0 && value < 20);
      n++;
    }
  }
  return n;
}

/* ---- Tests ---- */

/* The adapters with their metadata, the chart and the event file. */
static void
test_adapter (void)
{
  static const char *const tags[] = {"loss/score", "loss/focal", "loss/dice"};
  g_autofree char *curves = shell_dir ("curves.png");
  g_autoptr (Shell) shell = NULL;
  g_autoptr (Shell) info = NULL;
  g_autoptr (Shell) score = NULL;
  cairo_surface_t *image;

  make_arrays ();
  shell =
      shell_run (TRAIN "--output \"$DIR\"/plain.safetensors "
                       "--lambda 0.2 --lfs-statistic power "
                       "--log-dir \"$DIR\"/log --curves \"$DIR\"/curves.png");
  assert_status (shell, 0);
  assert_contains (shell->out, "10 images, 5 of them defective");
  assert_contains (shell->out, "epoch 3 of 3: score ");

  info = shell_run ("$FECLIP info \"$DIR\"/plain.safetensors");
  assert_status (info, 0);
  assert_contains (info->out, "2, at blocks 1,3");
  assert_contains (info->out, "lambda = 0.2\n");
  assert_contains (info->out, "lfs_statistic = power");
  score = shell_run ("$FECLIP score --model-file \"$DATA\"/model.safetensors "
                     "--adapter-file \"$DIR\"/plain.safetensors "
                     "\"$DATA\"/image2.png");
  assert_status (score, 0);
  assert_contains (score->out, "\"tap_scores\":[");
  g_assert_cmpstr (score->err, ==, "");

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    g_assert_cmpuint (count_events ("log/events.out.tfevents.feclip", tags[i]),
                      ==, EPOCHS * STEPS_PER_EPOCH);
  image = cairo_image_surface_create_from_png (curves);
  g_assert_cmpint (cairo_surface_status (image), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (image), ==, 960);
  cairo_surface_destroy (image);
}

/* One number of an epoch's line. */
static double
read_loss (const char *out, const char *epoch, const char *name)
{
  const char *at = strstr (out, epoch);

  g_assert_nonnull (at);
  at = strstr (at, name);
  g_assert_nonnull (at);
  return g_ascii_strtod (at + strlen (name), NULL);
}

/* With a high learning rate, a few images are soon learned by heart. */
static void
test_converges (void)
{
  g_autoptr (Shell) shell = NULL;

  make_arrays ();
  shell = shell_run (TRAIN "--output \"$DIR\"/learned.safetensors --epochs 12 "
                           "--learning-rate 0.003 "
                           "--fc-patch-learning-rate 0.003");
  assert_status (shell, 0);
  g_assert_cmpfloat (read_loss (shell->out, "epoch 12 of 12", "focal "), <,
                     0.7 * read_loss (shell->out, "epoch 1 of 12", "focal "));
  g_assert_cmpfloat (read_loss (shell->out, "epoch 12 of 12", "dice "), <,
                     read_loss (shell->out, "epoch 1 of 12", "dice "));
}

/* Killed repeatedly at random moments, it continues to the same result. */
static void
test_resume (void)
{
  gint64 start = g_get_monotonic_time ();
  g_autofree char *state = shell_dir ("killed.safetensors.state");
  g_autoptr (Shell) whole = NULL;
  g_autoptr (Shell) last = NULL;
  g_autoptr (GBytes) undisturbed = NULL;
  g_autoptr (GBytes) killed = NULL;
  double seconds;
  guint resumed = 0;

  make_arrays ();
  whole = shell_run (TRAIN "--output \"$DIR\"/whole.safetensors");
  assert_status (whole, 0);
  seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  for (guint i = 0; i < KILLS; i++) {
    /* Mostly between steps, sometimes before the first. */
    double moment = seconds * g_test_rand_double_range (0.1, 0.9);
    g_autoptr (Shell) shell = shell_run (
        TRAIN "--output \"$DIR\"/killed.safetensors & "
              "sleep %d.%03d; kill -9 $! 2>/dev/null; wait $!; exit 0",
        (int)moment, (int)(moment * 1000) % 1000);

    assert_status (shell, 0);
    resumed += g_file_test (state, G_FILE_TEST_EXISTS);
  }
  g_test_message ("of %d kills in runs of %.1f s, %u left a state", KILLS,
                  seconds, resumed);
  last = shell_run (TRAIN "--output \"$DIR\"/killed.safetensors");
  assert_status (last, 0);
  g_assert_false (g_file_test (state, G_FILE_TEST_EXISTS));
  undisturbed = read_file ("whole.safetensors");
  killed = read_file ("killed.safetensors");
  g_assert_true (g_bytes_equal (undisturbed, killed));
}

/* An interrupt loses no step. */
static void
test_interrupt (void)
{
  g_autofree char *path = shell_dir ("asked.safetensors");
  g_autoptr (Shell) shell = NULL;
  g_autoptr (Shell) other = NULL;
  g_autoptr (Shell) same = NULL;

  make_arrays ();
  shell = shell_run (
      TRAIN
      "--epochs 5000 --output \"$DIR\"/asked.safetensors & pid=$!; "
      "until [ -e \"$DIR\"/asked.safetensors.state ]; do sleep 0.1; done; "
      "kill $pid; wait $pid");
  assert_status (shell, 128 + 15);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  other = shell_run (TRAIN "--seed 2 --output \"$DIR\"/asked.safetensors");
  assert_status (other, 2);
  assert_contains (other->err, "with other settings");
  same = shell_run (TRAIN "--seed 2 --restart --freeze-fc-patch "
                          "--output \"$DIR\"/asked.safetensors");
  assert_status (same, 0);
}

/* Trains on folders of images and masks. */
static void
test_folder (void)
{
  g_autoptr (Shell) made = shell_run (
      "$FECLIP synth \"$DIR\"/parts --kinds wood --defects scratch,hole "
      "--train 1 --good 2 --defective 2 --size 64");
  g_autoptr (Shell) shell = NULL;
  g_autoptr (Shell) without = NULL;

  assert_status (made, 0);
  shell = shell_run ("$FECLIP train \"$DIR\"/parts --model-file "
                     "\"$DATA\"/model.safetensors --epochs 1 --output "
                     "\"$DIR\"/parts.safetensors");
  assert_status (shell, 0);
  assert_contains (shell->out, "6 images, 4 of them defective");
  without = shell_run ("rm \"$DIR\"/parts/wood/ground_truth/hole/*; "
                       "$FECLIP train \"$DIR\"/parts --model-file "
                       "\"$DATA\"/model.safetensors --epochs 1 --output "
                       "\"$DIR\"/parts.safetensors --adapter-file "
                       "\"$DIR\"/parts.safetensors");
  assert_status (without, 0);
  assert_contains (without->err, "2 images are left out");
}

/* Without a model file the built-in model is trained further; a log that is no
 * terminal gets progress lines. */
static void
test_builtin (void)
{
  g_autoptr (Shell) shell = NULL;
  g_autoptr (Shell) info = NULL;

  make_arrays ();
  shell = shell_run ("$FECLIP train \"$DIR\"/arrays --epochs 1 --batch 5 "
                     "--output \"$DIR\"/builtin.safetensors");
  assert_status (shell, 0);
  assert_contains (shell->err, "epoch 1 of 1, step 1 of 2: score ");
  assert_contains (shell->err, "step 2 of 2: score ");
  info = shell_run ("$FECLIP info \"$DIR\"/builtin.safetensors");
  assert_contains (info->out, "4, at blocks 2,3,4,5");
}

static void
test_mistakes (void)
{
  static const ShellFailure failures[] = {
      {"--output x --model-file m", 2, "folder is missing"},
      {"--model-file m d", 2, "--output is missing"},
      {"--output x --model-file m --epochs 0 d", 2, "--epochs: 0"},
      {"--output x --model-file m --layout y d", 2, "--layout"},
      {"--output x --model-file m nowhere", 1,
       "nowhere: there is no such folder"},
      {"--output x --model-file \"$DATA\"/model.safetensors --focal-alpha 2 "
       "\"$DIR\"/arrays",
       2, "alpha"},
      {"--output x --model-file \"$DATA\"/model.safetensors \"$DIR\"/cut", 1,
       "images.npy"},
  };
  g_autoptr (Shell) cut = NULL;
  g_autoptr (Shell) unwritable = NULL;

  make_arrays ();
  cut = shell_run ("mkdir \"$DIR\"/cut; head -c 9000 "
                   "\"$DIR\"/arrays/images.npy > \"$DIR\"/cut/images.npy");
  assert_status (cut, 0);
  shell_check_failures ("\"$FECLIP\" train", failures, G_N_ELEMENTS (failures));
  unwritable = shell_run ("cd \"$DIR\"; \"$FECLIP\" train --output nowhere/x "
                          "--epochs 1 --tap-blocks 3 --model-file "
                          "\"$DATA\"/model.safetensors arrays");
  assert_status (unwritable, 1);
  assert_contains (unwritable->err, "nowhere/x");
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/train/adapter", test_adapter);
  g_test_add_func ("/train/converges", test_converges);
  g_test_add_func ("/train/resume", test_resume);
  g_test_add_func ("/train/interrupt", test_interrupt);
  g_test_add_func ("/train/folder", test_folder);
  g_test_add_func ("/train/builtin", test_builtin);
  g_test_add_func ("/train/mistakes", test_mistakes);
  return shell_test ();
}
