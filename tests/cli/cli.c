/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip command: its command lines, info, devices and bench. */
#include <feclip/feclip.h>
#include <json-glib/json-glib.h>

#include "support/shell.h"

static void
test_usage (void)
{
  static const ShellFailure failures[] = {
      {"", 2, "feclip: a command is missing"},
      {"paint", 2, "there is no command \"paint\""},
      {"score", 2, "feclip score: an image or a folder is missing"},
      {"score --shine x.png", 2, "--shine"},
      {"score x.png --model-file", 2, "--model-file"},
      {"score --lambda=2 x.png", 2,
       "--lambda: \"2\" is not a number from -1 to 1"},
      {"score --lambda=-1.5 x.png", 2, "--lambda: \"-1.5\" is not a number"},
      {"score --lambda=nan x.png", 2, "--lambda"},
      {"score --threshold=0,5 x.png", 2,
       "--threshold: \"0,5\" is not a number"},
      {"score --threshold= x.png", 2, "--threshold: \"\" is not a number"},
      {"score --ffe-window=9 x.png", 2,
       "--ffe-window: \"9\" is not a whole number from 0 to 7"},
      {"score --ffe-window=-1 x.png", 2, "--ffe-window"},
      {"score --fit=square x.png", 2,
       "--fit: \"square\" is not crop or stretch"},
      {"score --use-logit-scale=maybe x.png", 2,
       "--use-logit-scale: \"maybe\""},
      {"info", 2, "a weight file is missing"},
      {"devices 0", 2, "\"0\" is one argument too many"},
      {"bench tiny", 2, "\"tiny\" is one argument too many"},
      {"bench --size=giant", 2, "giant"},
      {"bench --size=tiny --model=x", 2, "--size and --model-file exclude"},
      {"bench --frame=640", 2, "--frame: \"640\" is not a size"},
      {"bench --frame=0x4", 2, "--frame: \"0x4\" is not a size"},
      {"bench --frame=4x4x4", 2, "--frame"},
      {"bench --batch=0", 2,
       "--batch: \"0\" is not a whole number from 1 to 64"},
      {"bench --batch=1,,2", 2, "--batch: \"\" is not a whole number"},
      {"bench --batch=", 2, "--batch: \"\" is not a whole number"},
      {"bench --batch=1,65", 2, "--batch: \"65\" is not"},
      {"bench --rounds=0", 2, "--rounds: 0 is not at least 1"},
      {"bench --warm-up=-1", 2, "--warm-up: -1 is not at least 0"},
  };

  shell_check_failures ("\"$FECLIP\"", failures, G_N_ELEMENTS (failures));
}

/* Each setting is an option of the same name, and described. */
static void
test_help (void)
{
  g_autoptr (Shell) all = shell_run ("\"$FECLIP\" --help");
  g_autoptr (GTypeClass) klass = g_type_class_ref (FECLIP_TYPE_SETTINGS);
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_CLASS (klass), &n);
  static const char *const with_settings[] = {"score", "calibrate", "bench",
                                              "eval"};

  assert_status (all, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (with_settings); i++) {
    g_autoptr (Shell) run =
        shell_run ("\"$FECLIP\" %s --help", with_settings[i]);

    assert_status (run, 0);
    assert_contains (all->out, with_settings[i]);
    for (guint j = 0; j < n; j++) {
      g_autofree char *option = g_strdup_printf ("  --%s=", pspecs[j]->name);

      assert_contains (run->out, option);
    }
  }
}

static void
test_version (void)
{
  g_autoptr (Shell) run = shell_run ("\"$FECLIP\" --version");
  g_autofree char *expected =
      g_strdup_printf ("feclip %s\n", feclip_version ());

  assert_status (run, 0);
  g_assert_cmpstr (run->out, ==, expected);
}

static void
test_unwritable_output (void)
{
  static const char *const lines[] = {
      "--help >/dev/full",
      "--version >&-",
      "score --help >/dev/full",
      "devices >/dev/full",
      "devices >&-",
      "info \"$DATA\"/adapter.safetensors >/dev/full",
      "bench --size=tiny --rounds=1 >/dev/full",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (Shell) run = shell_run ("\"$FECLIP\" %s", lines[i]);

    assert_status (run, 1);
    assert_contains (run->err, "standard output cannot be written: ");
  }
}

static void
test_info (void)
{
  static const struct {
    const char *file;
    const char *parts[6];
  } cases[] = {
      {"model.safetensors",
       {"safetensors", "open_clip", "112×112 pixels in 8×8 patches of 14",
        "4 blocks, width 128", "2 blocks, width 64", "missing"}},
      {"model-hf.safetensors",
       {"safetensors", "Hugging Face", "112×112 pixels", "4 blocks, width 128",
        "2 blocks, width 64", "missing"}},
      {"adapter.safetensors",
       {"safetensors", "FE-CLIP adapter", "0,1,2,3", "missing"}},
      {"checkpoint.pt",
       {"PyTorch checkpoint", "FE-CLIP checkpoint", "112×112 pixels",
        "4 blocks, width 128", "2 blocks, width 64"}},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Shell) run =
        shell_run ("\"$FECLIP\" info \"$DATA\"/%s", cases[i].file);

    assert_status (run, 0);
    assert_contains (run->out, cases[i].file);
    for (gsize j = 0; j < G_N_ELEMENTS (cases[i].parts); j++)
      if (cases[i].parts[j])
        assert_contains (run->out, cases[i].parts[j]);
  }
}

/* A bad file is named; the other files are shown. */
static void
test_info_failures (void)
{
  g_autoptr (Shell) run = shell_run (
      "cd \"$DIR\"; echo nothing > text.pt; : > empty.safetensors;"
      "head -c 5000 \"$DATA\"/model.safetensors > cut.safetensors;"
      "\"$FECLIP\" info text.pt empty.safetensors cut.safetensors none.pt . "
      "\"$DATA\"/adapter.safetensors");

  assert_status (run, 1);
  assert_contains (run->err, "feclip info: text.pt");
  assert_contains (run->err, "feclip info: empty.safetensors");
  assert_contains (run->err, "feclip info: cut.safetensors");
  assert_contains (run->err, "feclip info: none.pt");
  assert_contains (run->err, "feclip info: .");
  assert_contains (run->out, "FE-CLIP adapter");
}

static void
test_devices (void)
{
  g_autoptr (Shell) run = shell_run ("\"$FECLIP\" devices");
  g_autoptr (Shell) none =
      shell_run ("VK_DRIVER_FILES=/dev/null VK_ICD_FILENAMES=/dev/null "
                 "\"$FECLIP\" devices");

  assert_status (run, 0);
  g_assert_true (g_str_has_prefix (run->out, "0: "));
  assert_contains (run->out, "\n  usable    yes");
  assert_status (none, 1);
  g_assert_cmpstr (none->out, ==, "");
  assert_contains (none->err, "feclip devices: ");
}

static JsonObject *
parse_line (JsonParser *parser, const char *line)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

/* The share of the peak is the larger one of arithmetic and bandwidth. */
static void
check_peak (JsonObject *peaks, JsonObject *kernel)
{
  static const char *const rates[] = {"gflops", "gigabytes_per_second"};
  double wanted = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (rates); i++) {
    double most = json_object_get_double_member (peaks, rates[i]);

    g_assert_cmpfloat (most, >, 0);
    wanted =
        MAX (wanted, json_object_get_double_member (kernel, rates[i]) / most);
  }
  g_assert_cmpfloat_with_epsilon (
      json_object_get_double_member (kernel, "peak_share"), wanted, 1e-6);
}

static void
test_bench (void)
{
  static const char *const positive[] = {
      "image_size",
      "grid_size",
      "blocks",
      "memory_bytes",
      "weights_bytes",
      "peak_memory_bytes",
      "device_memory_bytes",
      "peak_device_memory_bytes",
      "best_seconds",
      "model_seconds",
      "median_seconds",
  };
  g_autoptr (Shell) run =
      shell_run ("\"$FECLIP\" bench --size=tiny --rounds=2 --frame=33x7 "
                 "--fit=stretch --profile --json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;
  JsonObject *peaks;
  JsonArray *kernels;
  double share = 0;

  assert_status (run, 0);
  g_assert_cmpstr (run->err, ==, "");
  object = parse_line (parser, run->out);
  g_assert_cmpstr (json_object_get_string_member (object, "size"), ==, "tiny");
  g_assert_cmpint (json_object_get_int_member (object, "frame_width"), ==, 33);
  g_assert_cmpint (json_object_get_int_member (object, "frame_height"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (object, "rounds"), ==, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (positive); i++)
    g_assert_cmpfloat (json_object_get_double_member (object, positive[i]), >,
                       0);
  kernels = json_object_get_array_member (object, "kernels");
  g_assert_cmpuint (json_array_get_length (kernels), >, 5);
  peaks = json_object_get_object_member (object, "peaks");
  for (guint i = 0; i < json_array_get_length (kernels); i++) {
    JsonObject *kernel = json_array_get_object_element (kernels, i);

    share += json_object_get_double_member (kernel, "share");
    check_peak (peaks, kernel);
  }
  g_assert_cmpfloat_with_epsilon (share, 1, 1e-6);
  g_assert_cmpstr (json_object_get_string_member (object, "precision"), ==,
                   "fp32");
  g_assert_true (json_object_get_null_member (object, "model_file"));
  g_assert_cmpint (
      json_object_get_int_member (object, "peak_device_memory_bytes"), >=,
      json_object_get_int_member (object, "device_memory_bytes"));
  g_assert_cmpint (json_object_get_int_member (object, "device_memory_bytes"),
                   >, json_object_get_int_member (object, "weights_bytes"));
}

static void
test_bench_model (void)
{
  g_autoptr (Shell) run = shell_run (
      "\"$FECLIP\" bench --model=\"$DATA\"/checkpoint.pt --rounds=1 --profile");

  assert_status (run, 0);
  assert_contains (run->out, "112×112 pixels, 8×8 patches, 4 blocks");
  assert_contains (run->out, "\nmedian ");
  assert_contains (run->out, "\nkernel ");
  assert_contains (run->out, "GFLOP/s");
  assert_contains (run->out, "\npeaks ");
  assert_contains (run->out, "\nfile ");
  assert_contains (run->out, "checkpoint.pt\n");
}

/* Each batch size of the list, in order; the times outside of the list are
 * those of the first one. */
static void
test_bench_batches (void)
{
  static const gint64 wanted[] = {3, 1};
  g_autoptr (Shell) run = shell_run (
      "\"$FECLIP\" bench --size=tiny --rounds=2 --warm-up=0 --frame=32x32 "
      "--batch=3,1 --json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;
  JsonArray *batches;

  assert_status (run, 0);
  object = parse_line (parser, run->out);
  batches = json_object_get_array_member (object, "batches");
  g_assert_cmpuint (json_array_get_length (batches), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    JsonObject *batch = json_array_get_object_element (batches, i);

    g_assert_cmpint (json_object_get_int_member (batch, "batch"), ==,
                     wanted[i]);
    g_assert_cmpfloat (json_object_get_double_member (batch, "best_seconds"), >,
                       0);
    g_assert_cmpfloat (json_object_get_double_member (batch, "best_seconds"),
                       <=,
                       json_object_get_double_member (batch, "median_seconds"));
  }
  g_assert_cmpfloat (
      json_object_get_double_member (object, "best_seconds"), ==,
      json_object_get_double_member (json_array_get_object_element (batches, 0),
                                     "best_seconds"));
}

/* Without options it measures the built-in model; the precision is shown. */
static void
test_bench_builtin (void)
{
  g_autoptr (Shell) run = shell_run (
      "cp \"$DATA\"/model.safetensors \"$DIR\"/builtin.safetensors && "
      "FECLIP_BUILTIN_MODEL=\"$DIR\"/builtin.safetensors \"$FECLIP\" bench "
      "--rounds=1 --precision=fp16");
  g_autoptr (Shell) missing =
      shell_run ("FECLIP_BUILTIN_MODEL=\"$DIR\"/none \"$FECLIP\" bench");

  assert_status (run, 0);
  assert_contains (run->out, "builtin.safetensors\n");
  assert_contains (run->out, "precision fp16\n");
  assert_status (missing, 1);
  assert_contains (missing->err, "none");
}

/* A comma for the decimal point would break every reader of the numbers. */
static void
test_locale (void)
{
  g_autoptr (Shell) make =
      shell_run ("localedef -i de_DE -f UTF-8 \"$DIR\"/de_DE.UTF-8 && "
                 "LOCPATH=\"$DIR\" LC_ALL=de_DE.UTF-8 env printf %%.1f 1,5");
  g_autoptr (Shell) run = NULL;

  if (g_strcmp0 (make->out, "1,5") != 0) {
    g_test_skip (
        "no locale with a decimal comma can be made (package locales)");
    return;
  }
  run = shell_run ("LOCPATH=\"$DIR\" LC_ALL=de_DE.UTF-8 \"$FECLIP\" bench "
                   "--size=tiny --rounds=1 --threshold=0.25");
  assert_status (run, 0);
  g_assert_true (
      g_regex_match_simple ("\nbest +[0-9]+\\.[0-9]+ s", run->out, 0, 0));
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/command/usage", test_usage);
  g_test_add_func ("/command/help", test_help);
  g_test_add_func ("/command/version", test_version);
  g_test_add_func ("/command/unwritable-output", test_unwritable_output);
  g_test_add_func ("/command/info", test_info);
  g_test_add_func ("/command/info-failures", test_info_failures);
  g_test_add_func ("/command/devices", test_devices);
  g_test_add_func ("/command/bench", test_bench);
  g_test_add_func ("/command/bench-model", test_bench_model);
  g_test_add_func ("/command/bench-batches", test_bench_batches);
  g_test_add_func ("/command/bench-builtin", test_bench_builtin);
  g_test_add_func ("/command/locale", test_locale);
  return shell_test ();
}
