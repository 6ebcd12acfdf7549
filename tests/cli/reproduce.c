/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip reproduce, run as its users run it. */
#include "reproduce/protocol.h"
#include "support/shell.h"

#define REPRODUCE \
  "$FECLIP reproduce --model-file \"$DATA\"/model.safetensors " \
  "--mvtec \"$DIR\"/mvtec --visa \"$DIR\"/visa --epochs 1 --batch 4 " \
  "--cache-dir \"$DIR\" "

static void
make_sets (void)
{
  g_autofree char *path = shell_dir ("visa");
  g_autoptr (Shell) shell = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return;
  shell = shell_run (
      "for set in mvtec visa; do $FECLIP synth \"$DIR\"/$set --kinds wood "
      "--defects scratch,hole --train 1 --good 2 --defective 2 --size 64 "
      "--seed ${#set} || exit 9; done; "
      /* The same images in the layout of BTAD. */
      "from=\"$DIR\"/mvtec/wood; to=\"$DIR\"/btad/01; "
      "mkdir -p $to/train $to/test $to/ground_truth && "
      "cp -r $from/train/good $to/train/ok && "
      "cp -r $from/test/good $to/test/ok && "
      "cp -r $from/test/scratch $to/test/ko && "
      "mkdir $to/ground_truth/ko && "
      "for mask in $from/ground_truth/scratch/*; do name=${mask##*/}; "
      "cp $mask $to/ground_truth/ko/${name%%_mask.png}.png || exit 9; done");
  assert_status (shell, 0);
}

/* Named sets are scaled to models of any depth, or refused. */
static void
test_taps (void)
{
  static const struct {
    const char *taps;
    guint n_blocks;
    const char *blocks;
  } cases[] = {
      {"last4", 24, "20,21,22,23"}, {"spread", 24, "15,18,21,23"},
      {"even", 24, "0,8,15,23"},    {"last4", 12, "8,9,10,11"},
      {"spread", 12, "7,9,10,11"},  {"even", 12, "0,4,7,11"},
      {"even", 6, "0,2,3,5"},       {"last4", 4, "0,1,2,3"},
      {"spread", 6, NULL},          {"last4", 3, NULL},
      {"3,5", 12, "3,5"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *blocks =
        fe_taps_resolve (cases[i].taps, cases[i].n_blocks, &error);

    g_assert_cmpstr (blocks, ==, cases[i].blocks);
    g_assert_true (!blocks == !!error);
  }
}

/* The adapters for each set are trained on the other one. */
static void
test_table (void)
{
  g_autoptr (Shell) shell = NULL;
  g_autoptr (Shell) again = NULL;
  g_autoptr (Shell) other = NULL;
  g_autoptr (Shell) evaluated = NULL;
  g_autofree char *csv = NULL;
  g_autofree char *json = NULL;

  make_sets ();
  shell = shell_run (REPRODUCE "--output \"$DIR\"/out --seeds 7,8");
  assert_status (shell, 0);
  assert_contains (shell->err, "BTAD is left out: --btad is not given");
  assert_contains (shell->out, "training on VisA, seed 7\n");
  assert_contains (shell->out, "evaluating MVTec AD, seed 8\n");
  assert_contains (shell->out, "VisA, trained on MVTec AD, taps last4\n");
  assert_contains (shell->out, "here, 2 seeds");
  assert_contains (shell->out, "91.1 ± 0.2");
  csv = shell_read ("out/results.csv", NULL);
  assert_contains (csv, "\nmvtec,visa,\"last4\",7,");
  assert_contains (csv, "\nvisa,mvtec,\"last4\",8,");
  json = shell_read ("out/results.json", NULL);
  assert_contains (json, "\"tap_blocks\" : \"0,1,2,3\"");

  /* The numbers are those of eval. */
  evaluated =
      shell_run ("$FECLIP eval --json --model-file \"$DATA\"/model.safetensors "
                 "--adapter-file \"$DIR\"/out/adapters/visa-7.safetensors "
                 "\"$DIR\"/mvtec | grep -v seconds >\"$DIR\"/one; "
                 "grep -v seconds \"$DIR\"/out/results/mvtec-7.json | "
                 "cmp - \"$DIR\"/one");
  assert_status (evaluated, 0);

  again = shell_run (REPRODUCE "--output \"$DIR\"/out --seeds 7,8");
  assert_status (again, 0);
  g_assert_null (strstr (again->out, "training on"));
  g_assert_null (strstr (again->out, "evaluating"));
  assert_contains (again->out, "here, 2 seeds");
  other = shell_run (REPRODUCE "--output \"$DIR\"/out --lambda 0.5");
  assert_status (other, 2);
  assert_contains (other->err, "results of other settings");
}

/* A run that was stopped during training continues to the same results. */
static void
test_resume (void)
{
  g_autoptr (Shell) whole = NULL;
  g_autoptr (Shell) stopped = NULL;
  g_autoptr (Shell) resumed = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *csv = NULL;

  make_sets ();
  whole = shell_run (REPRODUCE "--btad \"$DIR\"/btad --output \"$DIR\"/whole "
                               "--seeds 3 --epochs 5");
  assert_status (whole, 0);
  stopped = shell_run (
      REPRODUCE
      "--btad \"$DIR\"/btad --output \"$DIR\"/parts --seeds 3 --epochs 5 & "
      "pid=$!; "
      "until [ -e \"$DIR\"/parts/adapters/visa-3.safetensors.state ]; "
      "do sleep 0.05; done; kill $pid; wait $pid");
  assert_status (stopped, 128 + 15);
  assert_contains (stopped->err, "the same command line continues the work");
  resumed = shell_run (REPRODUCE "--btad \"$DIR\"/btad --output \"$DIR\"/parts "
                                 "--seeds 3 --epochs 5");
  assert_status (resumed, 0);
  expected = shell_read ("whole/results.csv", NULL);
  csv = shell_read ("parts/results.csv", NULL);
  g_assert_cmpstr (csv, ==, expected);
  assert_contains (csv, "\nbtad,mvtec,\"last4\",3,");
}

static void
test_mistakes (void)
{
  static const ShellFailure failures[] = {
      {"--model-file m --output x --mvtec d", 2, "two data sets"},
      {"--model-file m --output x --mvtec d --visa d --train-on y", 2,
       "--train-on: \"y\""},
      {"--model-file m --output x --mvtec d --visa d --seeds 1,1", 2,
       "--seeds: \"1,1\""},
      {"--model-file m --output x --mvtec d --visa d --epochs 0", 2,
       "--epochs: 0"},
      {"--model-file m --mvtec d --visa d", 2, "--output is missing"},
      {"--output x --mvtec d --visa d", 2, "--model-file is missing"},
      {"--model-file m --output x --mvtec d --visa d --tap-blocks 1", 2,
       "--taps chooses"},
      {"--model-file \"$DATA\"/model.safetensors --output x --mvtec d "
       "--visa d --taps spread",
       2, "does not fit a model of 4 blocks"},
      {"--model-file \"$DATA\"/checkpoint.pt --output x --mvtec d --visa d", 2,
       "has adapters already"},
  };
  g_autoptr (Shell) missing = NULL;

  shell_check_failures ("\"$FECLIP\" reproduce", failures,
                        G_N_ELEMENTS (failures));
  missing = shell_run ("cd \"$DIR\"; \"$FECLIP\" reproduce --model-file "
                       "\"$DATA\"/model.safetensors --output x "
                       "--mvtec nowhere --visa nowhere");
  assert_status (missing, 1);
  assert_contains (missing->err, "nowhere: there is no such folder");
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/reproduce/taps", test_taps);
  g_test_add_func ("/reproduce/table", test_table);
  g_test_add_func ("/reproduce/resume", test_resume);
  g_test_add_func ("/reproduce/mistakes", test_mistakes);
  return shell_test ();
}
