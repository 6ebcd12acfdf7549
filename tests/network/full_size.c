/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole ViT-L/14@336 with four adapters, from a file: what it takes in memory
 * and time. The file is sparse: all weights are zero, which costs neither disk
 * nor time to make, and loads and runs as any other. */
#include <errno.h>
#include <feclip/feclip.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 1024
#define EMBEDDING 768
#define BLOCKS 24
#define TAPS 4

/* The most that may be resident after opening, as a share of the weights, and
 * where a processor keeps them for products that spare multiplications. */
#define MOST_RESIDENT 1.4
#define MOST_RESIDENT_SPARING (MOST_RESIDENT * 7 / 4)
/* The library's and the driver's own code, and what they map. */
#define MOST_MAPPED_KIB (256 * 1024)

/* A safetensors header that grows tensor by tensor. */
typedef struct {
  GString *json;
  guint64 bytes;
} Header;

static void add (Header *header, const char *shape, guint64 n, const char *name,
                 ...) G_GNUC_PRINTF (4, 5);

static void
add (Header *header, const char *shape, guint64 n, const char *name, ...)
{
  va_list args;

  g_string_append (header->json, ",\"");
  va_start (args, name);
  g_string_append_vprintf (header->json, name, args);
  va_end (args);
  g_string_append_printf (
      header->json,
      "\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%" G_GUINT64_FORMAT
      ",%" G_GUINT64_FORMAT "]}",
      shape, header->bytes, header->bytes + 4 * n);
  header->bytes += 4 * n;
}

static void
add_block (Header *header, guint i)
{
  const guint64 d = WIDTH;
  const char *prefix = "visual.transformer.resblocks";

  add (header, "[1024]", d, "%s.%u.ln_1.weight", prefix, i);
  add (header, "[1024]", d, "%s.%u.ln_1.bias", prefix, i);
  add (header, "[3072,1024]", 3 * d * d, "%s.%u.attn.in_proj_weight", prefix,
       i);
  add (header, "[3072]", 3 * d, "%s.%u.attn.in_proj_bias", prefix, i);
  add (header, "[1024,1024]", d * d, "%s.%u.attn.out_proj.weight", prefix, i);
  add (header, "[1024]", d, "%s.%u.attn.out_proj.bias", prefix, i);
  add (header, "[1024]", d, "%s.%u.ln_2.weight", prefix, i);
  add (header, "[1024]", d, "%s.%u.ln_2.bias", prefix, i);
  add (header, "[4096,1024]", 4 * d * d, "%s.%u.mlp.c_fc.weight", prefix, i);
  add (header, "[4096]", 4 * d, "%s.%u.mlp.c_fc.bias", prefix, i);
  add (header, "[1024,4096]", 4 * d * d, "%s.%u.mlp.c_proj.weight", prefix, i);
  add (header, "[1024]", d, "%s.%u.mlp.c_proj.bias", prefix, i);
}

static void
add_tensors (Header *header)
{
  const guint64 d = WIDTH, e = EMBEDDING;

  add (header, "[2,768]", 2 * e, "text_features"); /* first: not all zero */
  add (header, "[1024,3,14,14]", d * 588, "visual.conv1.weight");
  add (header, "[1024]", d, "visual.class_embedding");
  add (header, "[577,1024]", 577 * d, "visual.positional_embedding");
  add (header, "[1024]", d, "visual.ln_pre.weight");
  add (header, "[1024]", d, "visual.ln_pre.bias");
  for (guint i = 0; i < BLOCKS; i++)
    add_block (header, i);
  add (header, "[1024]", d, "visual.ln_post.weight");
  add (header, "[1024]", d, "visual.ln_post.bias");
  add (header, "[1024,768]", d * e, "visual.proj");
  for (guint t = 0; t < TAPS; t++) {
    add (header, "[1024,1024]", d * d, "ffe.%u.mlp.0.weight", t);
    add (header, "[1024]", d, "ffe.%u.mlp.0.bias", t);
    add (header, "[1024,1024,3,3]", 9 * d * d, "lfs.%u.conv.0.weight", t);
    add (header, "[1024]", d, "lfs.%u.conv.0.bias", t);
  }
  add (header, "[768,1024]", e * d, "fc_patch.weight");
  add (header, "[768]", e, "fc_patch.bias");
}

/* Writes the file; returns how many bytes its numbers take. */
static guint64
write_model (const char *path)
{
  Header header = {
      .json =
          g_string_new ("{\"__metadata__\":{\"tap_indices\":\"20,21,22,23\"}"),
  };
  float features[2 * EMBEDDING];
  guint64 length;
  FILE *file;

  add_tensors (&header);
  g_string_append_c (header.json, '}');
  while (header.json->len % 8)
    g_string_append_c (header.json, ' ');
  length = GUINT64_TO_LE (header.json->len);
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    features[i] = i % 7 - 3.0f;

  file = g_fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (&length, sizeof length, 1, file), ==, 1);
  g_assert_cmpuint (fwrite (header.json->str, header.json->len, 1, file), ==,
                    1);
  g_assert_cmpuint (fwrite (features, sizeof features, 1, file), ==, 1);
  g_assert_cmpint (fflush (file), ==, 0);
  g_assert_cmpint (
      ftruncate (fileno (file),
                 (off_t)(sizeof length + header.json->len + header.bytes)),
      ==, 0);
  fclose (file);
  g_string_free (header.json, TRUE);
  return header.bytes;
}

/* A line of /proc/self/status, in KiB. */
static guint64
status_kib (const char *key)
{
  g_autofree char *status = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  g_assert_nonnull (status);
  line = strstr (status, key);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (key) + 1, NULL, 10);
}

static void
test_full_size (void)
{
  static const guint8 pixels[336 * 336 * 3];
  const FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB,
      .width = 336,
      .height = 336,
      .planes = {pixels},
      .strides = {3 * 336},
  };
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTimer) timer = NULL;
  g_autofree char *path = NULL;
  gboolean plain = g_strcmp0 (g_getenv ("FECLIP_STRASSEN"), "0") == 0;
  double most = plain ? MOST_RESIDENT : MOST_RESIDENT_SPARING;
  guint64 weights, resident;
  int fd;

  if (g_strcmp0 (g_getenv ("FECLIP_FULL_SIZE"), "1") != 0) {
    g_test_skip ("FECLIP_FULL_SIZE is not 1: it takes 2 GB and a minute");
    return;
  }
  fd = g_file_open_tmp ("feclip-full-size-XXXXXX", &path, &error);
  g_assert_no_error (error);
  close (fd);
  weights = write_model (path);

  timer = g_timer_new ();
  g_object_set (settings, "model-file", path, NULL);
  model = feclip_model_new (settings, &error);
  g_unlink (path);
  g_assert_no_error (error);
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  g_test_message ("opened in %.1f s", g_timer_elapsed (timer, NULL));

  resident = 1024 * (status_kib ("RssAnon:") + status_kib ("RssShmem:"));
  g_test_message ("%.0f MB of weights, %.0f MB resident: %.2f times as much",
                  weights / 1e6, resident / 1e6, (double)resident / weights);
  g_assert_cmpfloat ((double)resident, <=, most * weights);
  g_assert_cmpuint (status_kib ("RssFile:"), <, MOST_MAPPED_KIB);

  g_timer_start (timer);
  result = feclip_detector_analyse (detector, &frame, &error);
  g_assert_no_error (error);
  g_test_message ("%.2f s for a frame on %s", g_timer_elapsed (timer, NULL),
                  feclip_model_get_device_name (model));
  g_assert_cmpuint (result->map_width, ==, 24);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/full-size/memory", test_full_size);
  return g_test_run ();
}
