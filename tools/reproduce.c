/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <feclip/feclip.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "eval/layouts.h"
#include "eval/session.h"
#include "reproduce/summary.h"
#include "train/training.h"

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  FeclipTrainingOptions *training;
  char *paths[FE_N_BENCHMARKS]; /* NULL: not there */
  GStrv rest;
  char *output;
  char *taps;
  char *seed_list;
  char *train_on;
  char *pro_images;
  char *cache_dir;
  int epochs;
  int batch;
  int at_once;
  int cache_size;
  GArray *seeds; /* int */
} Request;

/* What was made so far. */
typedef struct {
  const Request *request;
  char *tap_blocks;
  FeclipWeightsStorage storage; /* of the weights that evaluate_benchmark */
  GArray *results;              /* FeBenchmarkResult */
} Work;

static FeBenchmark
get_trained_on (const Request *request, FeBenchmark benchmark)
{
  return request->train_on ? fe_benchmark_find (request->train_on)
                           : fe_benchmark_get_trained_on (benchmark);
}

static gboolean
is_evaluated (const Request *request, FeBenchmark benchmark)
{
  FeBenchmark trained_on = get_trained_on (request, benchmark);

  return request->paths[benchmark] && request->paths[trained_on]
         && trained_on != benchmark;
}

static gboolean
read_seeds (Request *request)
{
  g_auto (GStrv) words = g_strsplit (request->seed_list, ",", -1);

  for (guint i = 0; words[i]; i++) {
    guint64 number;
    int seed;

    if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXINT, &number, NULL))
      return FALSE;
    seed = (int)number;
    for (guint j = 0; j < request->seeds->len; j++)
      if (g_array_index (request->seeds, int, j) == seed)
        return FALSE;
    g_array_append_val (request->seeds, seed);
  }
  return request->seeds->len > 0;
}

static int
check_files (const Request *request)
{
  g_autofree char *model = NULL;
  g_autofree char *adapter = NULL;
  g_autofree char *blocks = NULL;

  g_object_get (request->settings, "model-file", &model, "adapter-file",
                &adapter, "tap-blocks", &blocks, NULL);
  if (!model)
    return fe_message_usage ("--model-file is missing");
  if (adapter)
    return fe_message_usage (
        "--adapter-file cannot be used: the command trains the adapters");
  if (blocks)
    return fe_message_usage (
        "--tap-blocks cannot be used: --taps chooses the blocks");
  if (!request->output)
    return fe_message_usage ("--output is missing");
  return FE_EXIT_DONE;
}

static int
check_request (Request *request)
{
  const struct {
    const char *name;
    int number;
    int most;
  } counts[] = {
      {"epochs", request->epochs, 100000},
      {"batch", request->batch, 65536},
      {"at-once", request->at_once, 1024},
      {"cache-size", request->cache_size, G_MAXINT},
  };
  gboolean any = FALSE;

  if (request->rest)
    return fe_message_usage ("\"%s\" is one argument too many",
                             request->rest[0]);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i].number < 1 || counts[i].number > counts[i].most)
      return fe_message_usage ("--%s: %d is not from 1 to %d", counts[i].name,
                               counts[i].number, counts[i].most);
  if (request->train_on
      && fe_benchmark_find (request->train_on) == FE_N_BENCHMARKS)
    return fe_message_usage ("--train-on: \"%s\" is not mvtec, visa or btad",
                             request->train_on);
  if (!g_str_equal (request->pro_images, "all")
      && !g_str_equal (request->pro_images, "defective"))
    return fe_message_usage ("--pro-images: \"%s\" is not all or defective",
                             request->pro_images);
  if (!read_seeds (request))
    return fe_message_usage (
        "--seeds: \"%s\" is not a list of different whole numbers",
        request->seed_list);
  for (guint i = 0; i < FE_N_BENCHMARKS; i++)
    any |= is_evaluated (request, i);
  if (!any)
    return fe_message_usage ("two data sets are needed, one to train on and "
                             "one to evaluate: --mvtec, --visa, --btad");
  return check_files (request);
}

/* Warns about data sets that the table will not show. */
static void
warn_of_missing_sets (const Request *request)
{
  for (guint i = 0; i < FE_N_BENCHMARKS; i++) {
    FeBenchmark trained_on = get_trained_on (request, i);

    if (!request->paths[i])
      fe_message_warning ("%s is left out: --%s is not given",
                          fe_benchmark_get_title (i),
                          fe_benchmark_get_name (i));
    else if (trained_on == i)
      fe_message_warning ("%s is left out: the adapters are trained on it",
                          fe_benchmark_get_title (i));
    else if (!request->paths[trained_on])
      fe_message_warning ("%s is left out: its adapters are trained on %s, and "
                          "--%s is not given",
                          fe_benchmark_get_title (i),
                          fe_benchmark_get_title (trained_on),
                          fe_benchmark_get_name (trained_on));
  }
}

static char *
describe (const Work *work)
{
  const Request *request = work->request;
  const FeclipTrainingOptions *training = request->training;
  GString *text = g_string_new (NULL);
  guint n;
  g_autofree GParamSpec **properties = g_object_class_list_properties (
      G_OBJECT_GET_CLASS (request->settings), &n);

  g_string_append_printf (
      text, "taps %s: %s\ntrain-on %s\npro-images %s\n", request->taps,
      work->tap_blocks, request->train_on ? request->train_on : "as the paper",
      request->pro_images);
  g_string_append_printf (text, "epochs %d\nbatch %d\nat-once %u\n",
                          request->epochs, request->batch, training->at_once);
  for (guint i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;
    g_autofree char *shown = NULL;

    g_object_get_property (G_OBJECT (request->settings), properties[i]->name,
                           &value);
    shown = g_strdup_value_contents (&value);
    g_string_append_printf (text, "%s %s\n", properties[i]->name, shown);
    g_value_unset (&value);
  }
  return g_string_free (text, FALSE);
}

static char *
place (const Request *request, const char *folder, FeBenchmark benchmark,
       int seed, const char *suffix)
{
  g_autofree char *name = g_strdup_printf (
      "%s-%d.%s", fe_benchmark_get_name (benchmark), seed, suffix);

  return g_build_filename (request->output, folder, name, NULL);
}

/* Creates the folders. Fails where they have results of other settings. */
static gboolean
prepare_output (const Work *work, GError **error)
{
  const char *output = work->request->output;
  g_autofree char *path = g_build_filename (output, "protocol.txt", NULL);
  g_autofree char *protocol = describe (work);
  g_autofree char *earlier = NULL;

  for (guint i = 0; i < 2; i++) {
    g_autofree char *folder =
        g_build_filename (output, i ? "results" : "adapters", NULL);
    g_autofree char *name = g_filename_display_name (folder);

    if (g_mkdir_with_parents (folder, 0777) != 0) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s: %s", name,
                   g_strerror (errno));
      return FALSE;
    }
  }
  if (!g_file_get_contents (path, &earlier, NULL, NULL))
    return g_file_set_contents (path, protocol, -1, error);
  if (g_str_equal (earlier, protocol))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "%s contains results of other settings, listed in its "
               "protocol.txt; choose another folder",
               output);
  return FALSE;
}

/* Loads the model once, to check that the protocol fits it. */
static gboolean
choose_taps (Work *work, GError **error)
{
  const Request *request = work->request;
  g_autoptr (FeclipModel) model = NULL;

  fe_progress_show ("loading the model");
  model = feclip_model_new (request->settings, error);
  fe_progress_hide ();
  if (!model)
    return FALSE;
  if (feclip_model_has_adapters (model)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "--model-file: this model has adapters already; the "
                 "experiment starts with CLIP alone");
    return FALSE;
  }
  work->tap_blocks =
      fe_taps_resolve (request->taps, feclip_model_get_n_blocks (model), error);
  return work->tap_blocks != NULL;
}

/* Prints the next step: a run takes hours and may be watched in a log. */
static void
announce (const char *what, FeBenchmark benchmark, int seed)
{
  g_autofree char *text = g_strdup_printf (
      "%s %s, seed %d\n", what, fe_benchmark_get_title (benchmark), seed);

  fe_progress_hide ();
  fe_output_print (text);
}

/* Returns FALSE with an error, or without one when interrupted. */
static gboolean
train_adapters (Work *work, FeBenchmark trained_on, int seed, GError **error)
{
  const Request *request = work->request;
  g_autofree char *path =
      place (request, "adapters", trained_on, seed, "safetensors");

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  announce ("training on", trained_on, seed);
  request->training->seed = (guint)seed;
  g_object_set (request->settings, "adapter-file", NULL, "tap-blocks",
                work->tap_blocks, NULL);
  return fe_training_run (
      &(FeTraining){
          .settings = request->settings,
          .training = request->training,
          .path = request->paths[trained_on],
          .output = path,
          .cache_dir = request->cache_dir,
          .epochs = (guint)request->epochs,
          .batch = (guint)request->batch,
          .cache_size = (guint)request->cache_size,
      },
      error);
}

static gboolean
evaluate (Work *work, FeBenchmark benchmark, const char *adapter,
          const char *path, GError **error)
{
  const Request *request = work->request;
  g_autoptr (FeDataset) dataset =
      fe_layout_open (request->paths[benchmark], NULL, NULL, error);
  FeSession session = {
      .options.pro_defective = g_str_equal (request->pro_images, "defective"),
  };
  gboolean ok;

  g_object_set (request->settings, "adapter-file", adapter, "tap-blocks", NULL,
                "weights-storage", work->storage, NULL);
  ok = dataset && fe_session_open (&session, request->settings, error);
  if (ok && !fe_session_run (&session, dataset)) {
    ok = FALSE;
    if (!fe_interrupt_is_pending ())
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                   "%s: the device failed", request->paths[benchmark]);
  }
  if (ok) {
    g_autofree char *text =
        fe_results_to_json (session.evaluation, &session.subject);

    ok = g_file_set_contents (path, text, -1, error);
  }
  fe_progress_hide ();
  fe_session_clear (&session);
  return ok;
}

static gboolean
evaluate_benchmark (Work *work, FeBenchmark benchmark, int seed, GError **error)
{
  FeBenchmark trained_on = get_trained_on (work->request, benchmark);
  FeBenchmarkResult result = {benchmark, trained_on, seed};
  g_autofree char *adapter =
      place (work->request, "adapters", trained_on, seed, "safetensors");
  g_autofree char *path =
      place (work->request, "results", benchmark, seed, "json");

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    announce ("evaluating", benchmark, seed);
    if (!evaluate (work, benchmark, adapter, path, error))
      return FALSE;
  }
  if (!fe_benchmark_result_read (&result, path, error))
    return FALSE;
  g_array_append_val (work->results, result);
  return TRUE;
}

/* Written after each seed, so that an interrupted run has results, too. */
static gboolean
write_summary (const Work *work, GError **error)
{
  const Request *request = work->request;
  g_autofree char *json_path =
      g_build_filename (request->output, "results.json", NULL);
  g_autofree char *csv_path =
      g_build_filename (request->output, "results.csv", NULL);
  g_autofree char *json =
      fe_summary_to_json (work->results, request->taps, work->tap_blocks);
  g_autofree char *csv = fe_summary_to_csv (work->results, request->taps);

  return g_file_set_contents (json_path, json, -1, error)
         && g_file_set_contents (csv_path, csv, -1, error);
}

static gboolean
run_all (Work *work, GError **error)
{
  const Request *request = work->request;

  for (guint i = 0; i < request->seeds->len; i++) {
    int seed = g_array_index (request->seeds, int, i);

    for (guint b = 0; b < FE_N_BENCHMARKS; b++)
      if (is_evaluated (request, b)
          && (!train_adapters (work, get_trained_on (request, b), seed, error)
              || !evaluate_benchmark (work, b, seed, error)))
        return FALSE;
    if (!write_summary (work, error))
      return FALSE;
  }
  return TRUE;
}

static int
conclude (const Work *work)
{
  g_autofree char *text =
      fe_summary_to_text (work->results, work->request->taps);
  guint n_problems = 0;
  int status = fe_output_print (text);

  for (guint i = 0; i < work->results->len; i++)
    n_problems +=
        g_array_index (work->results, FeBenchmarkResult, i).n_problems;
  if (n_problems == 0 || status != FE_EXIT_DONE)
    return status;
  fe_message_error (
      "%u images or masks could not be used; the files in %s/results name them",
      n_problems, work->request->output);
  return FE_EXIT_FAILED;
}

static int
run_request (const Request *request)
{
  g_autoptr (GError) error = NULL;
  Work work = {
      .request = request,
      .results = g_array_new (FALSE, FALSE, sizeof (FeBenchmarkResult)),
  };
  int status = FE_EXIT_FAILED;
  gboolean done;

  gst_init (NULL, NULL);
  warn_of_missing_sets (request);
  fe_interrupt_catch ();
  g_object_get (request->settings, "weights-storage", &work.storage, NULL);
  done = choose_taps (&work, &error) && prepare_output (&work, &error)
         && run_all (&work, &error);
  fe_progress_hide ();
  if (done)
    status = conclude (&work);
  else if (error)
    status = fe_message_failure (error);
  else
    fe_message_error ("stopped; the same command line continues the work");
  g_array_unref (work.results);
  g_free (work.tap_blocks);
  if (!done && fe_interrupt_is_pending ())
    fe_interrupt_obey ();
  return status;
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      FE_OPTION ("mvtec", FILENAME, &request->paths[FE_BENCHMARK_MVTEC],
                 "The folder of MVTec AD.", "DIR"),
      FE_OPTION ("visa", FILENAME, &request->paths[FE_BENCHMARK_VISA],
                 "The folder of VisA.", "DIR"),
      FE_OPTION ("btad", FILENAME, &request->paths[FE_BENCHMARK_BTAD],
                 "The folder of BTAD.", "DIR"),
      FE_OPTION ("output", FILENAME, &request->output,
                 "The folder for adapters, results and the table; adapters and "
                 "results that exist are not computed again.",
                 "DIR"),
      FE_OPTION (
          "taps", STRING, &request->taps,
          "The blocks with adapters: last4, spread, even or a list such as "
          "20,21,22,23. Default: last4.",
          "NAME|LIST"),
      FE_OPTION ("seeds", STRING, &request->seed_list,
                 "The seeds of the runs. Default: 42,123,456,789,1024.", "N,…"),
      FE_OPTION (
          "train-on", STRING, &request->train_on,
          "Train on this data set only. Default: as in the paper, on VisA "
          "for MVTec AD, on MVTec AD for the others.",
          "mvtec|visa|btad"),
      FE_OPTION ("pro-images", STRING, &request->pro_images,
                 "As for feclip eval. Default: all.", "all|defective"),
      FE_OPTION ("epochs", INT, &request->epochs,
                 "As for feclip train. Default: 9.", "N"),
      FE_OPTION ("batch", INT, &request->batch,
                 "As for feclip train. Default: 16.", "N"),
      FE_OPTION ("at-once", INT, &request->at_once,
                 "As for feclip train. Default: 4.", "N"),
      FE_OPTION ("cache-dir", FILENAME, &request->cache_dir,
                 "As for feclip train.", "DIR"),
      FE_OPTION ("cache-size", INT, &request->cache_size,
                 "As for feclip train. Default: 4096.", "MIB"),
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->rest, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .arguments = "",
      .summary = "Repeats the paper's experiment: trains adapters on one data "
                 "set and evaluates them on the others, for several seeds, and "
                 "prints the means beside the published ones. Run again after "
                 "an interruption, it continues the work.",
      .entries = entries,
      .settings = request->settings,
  };

  return fe_options_parse (&options, argv, status);
}

static void
set_default (char **option, const char *value)
{
  if (!*option)
    *option = g_strdup (value);
}

static void
clear_request (Request *request)
{
  for (guint i = 0; i < FE_N_BENCHMARKS; i++)
    g_free (request->paths[i]);
  g_strfreev (request->rest);
  g_free (request->output);
  g_free (request->taps);
  g_free (request->seed_list);
  g_free (request->train_on);
  g_free (request->pro_images);
  g_free (request->cache_dir);
  g_array_unref (request->seeds);
  feclip_training_options_free (request->training);
  g_object_unref (request->settings);
}

int
fe_command_reproduce (char **argv)
{
  Request request = {
      .settings = feclip_settings_new (),
      .training = feclip_training_options_new (),
      .seeds = g_array_new (FALSE, FALSE, sizeof (int)),
      .epochs = 9,
      .batch = 16,
      .at_once = 4,
      .cache_size = 4096,
  };
  int status;

  if (read_request (&request, argv, &status)) {
    /* Set here because the option parser does not free a default. */
    set_default (&request.taps, "last4");
    set_default (&request.seed_list, "42,123,456,789,1024");
    set_default (&request.pro_images, "all");
    request.training->at_once = (guint)MIN (request.at_once, request.batch);
    status = check_request (&request);
    if (status == FE_EXIT_DONE)
      status = run_request (&request);
  }
  clear_request (&request);
  return status;
}
