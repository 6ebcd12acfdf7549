/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "eval/layouts.h"
#include "train/training.h"

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  FeclipTrainingOptions *training;
  GStrv paths;
  char *output;
  char *layout;
  char *categories;
  char *log_dir;
  char *curves;
  char *cache_dir;
  int epochs;
  int batch;
  int at_once;
  int seed;
  int checkpoint_every;
  int cache_size;
  gboolean freeze_fc_patch;
  gboolean restart;
} Request;

static int
check_request (const Request *request)
{
  const struct {
    const char *name;
    int number;
    int least;
    int most;
  } counts[] = {
      {"epochs", request->epochs, 1, 100000},
      {"batch", request->batch, 1, 65536},
      {"at-once", request->at_once, 1, 1024},
      {"seed", request->seed, 0, G_MAXINT},
      {"checkpoint-every", request->checkpoint_every, 0, G_MAXINT},
      {"cache-size", request->cache_size, 0, G_MAXINT},
  };

  if (!request->paths)
    return fe_message_usage ("a data set's folder is missing");
  if (request->paths[1])
    return fe_message_usage ("\"%s\" is one argument too many",
                             request->paths[1]);
  if (!request->output)
    return fe_message_usage ("--output is missing");
  if (request->layout && !fe_layout_exists (request->layout))
    return fe_message_usage ("--layout: \"%s\" is not auto, mvtec, visa, btad "
                             "or folder",
                             request->layout);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i].number < counts[i].least || counts[i].number > counts[i].most)
      return fe_message_usage ("--%s: %d is not from %d to %d", counts[i].name,
                               counts[i].number, counts[i].least,
                               counts[i].most);
  return FE_EXIT_DONE;
}

static int
train (const Request *request)
{
  g_autoptr (GError) error = NULL;
  const FeTraining training = {
      .settings = request->settings,
      .training = request->training,
      .path = request->paths[0],
      .output = request->output,
      .layout = request->layout,
      .categories = request->categories,
      .log_dir = request->log_dir,
      .curves = request->curves,
      .cache_dir = request->cache_dir,
      .epochs = (guint)request->epochs,
      .batch = (guint)request->batch,
      .checkpoint_every = (guint)request->checkpoint_every,
      .cache_size = (guint)request->cache_size,
      .restart = request->restart,
  };
  gboolean done;

  fe_interrupt_catch ();
  done = fe_training_run (&training, &error);
  if (error)
    return fe_message_failure (error);
  if (!done)
    fe_interrupt_obey ();
  return FE_EXIT_DONE;
}

/* The data, the files and the course of the run. */
static void
add_run_options (GArray *entries, Request *request)
{
  const GOptionEntry more[] = {
      FE_OPTION (
          "output", FILENAME, &request->output,
          "The file for the adapters. An interrupted run saves its state "
          "beside it, in FILE.state.",
          "FILE"),
      FE_OPTION ("layout", STRING, &request->layout,
                 "The data set's layout, as for feclip eval. Default: auto.",
                 "NAME"),
      FE_OPTION ("categories", STRING, &request->categories,
                 "Train on these categories only. Default: all.", "NAME,…"),
      FE_OPTION ("epochs", INT, &request->epochs,
                 "How many times to train on each image. Default: 9.", "N"),
      FE_OPTION ("batch", INT, &request->batch,
                 "Images in one step. Default: 16.", "N"),
      FE_OPTION (
          "at-once", INT, &request->at_once,
          "Images that are processed at once, which takes memory. Default: 4.",
          "N"),
      FE_OPTION ("seed", INT, &request->seed,
                 "The seed of the first weights and of the order of images. "
                 "Default: 1.",
                 "N"),
      FE_OPTION ("checkpoint-every", INT, &request->checkpoint_every,
                 "Save the state every N steps, not only after each epoch.",
                 "N"),
      FE_OPTION ("restart", NONE, &request->restart,
                 "Start from the beginning even if there is a saved state.",
                 NULL),
      FE_OPTION ("log-dir", FILENAME, &request->log_dir,
                 "Write an event file for TensorBoard into DIR.", "DIR"),
      FE_OPTION ("curves", FILENAME, &request->curves,
                 "Draw the losses into a PNG file after each epoch.", "FILE"),
      FE_OPTION (
          "cache-dir", FILENAME, &request->cache_dir,
          "The folder for a cache of encoded images, which exists as long as "
          "the command runs. Default: the system's folder for temporary files.",
          "DIR"),
      FE_OPTION (
          "cache-size", INT, &request->cache_size,
          "The maximum size of that cache in MiB; other images are encoded "
          "again in each epoch. Default: 4096.",
          "MIB"),
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->paths, NULL, NULL},
  };

  g_array_append_vals (entries, more, G_N_ELEMENTS (more));
}

/* The learning rates and the loss. */
static void
add_loss_options (GArray *entries, Request *request)
{
  FeclipTrainingOptions *training = request->training;
  const GOptionEntry more[] = {
      FE_OPTION ("learning-rate", DOUBLE, &training->learning_rate,
                 "The learning rate of FFE and LFS. Default: 0.0005.",
                 "NUMBER"),
      FE_OPTION ("fc-patch-learning-rate", DOUBLE,
                 &training->fc_patch_learning_rate,
                 "The learning rate of fc_patch. Default: 0.000005.", "NUMBER"),
      FE_OPTION ("freeze-fc-patch", NONE, &request->freeze_fc_patch,
                 "Do not train fc_patch.", NULL),
      FE_OPTION (
          "focal-alpha", DOUBLE, &training->focal_alpha,
          "The weight of defective pixels in the focal loss, from 0 to 1. "
          "Default: 0.25.",
          "NUMBER"),
      FE_OPTION ("focal-gamma", DOUBLE, &training->focal_gamma,
                 "The exponent of the focal loss: the larger, the less correct "
                 "pixels count. Default: 2.",
                 "NUMBER"),
      FE_OPTION ("score-weight", DOUBLE, &training->score_weight,
                 "The weight of the score's cross-entropy. Default: 1.",
                 "NUMBER"),
      FE_OPTION ("focal-weight", DOUBLE, &training->focal_weight,
                 "The weight of the map's focal loss. Default: 1.", "NUMBER"),
      FE_OPTION ("dice-weight", DOUBLE, &training->dice_weight,
                 "The weight of the map's Dice loss. Default: 1.", "NUMBER"),
  };

  g_array_append_vals (entries, more, G_N_ELEMENTS (more));
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  /* Ends with an empty entry. */
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  FeOptions options = {
      .arguments = "DIR",
      .summary = "Trains adapters on a data set's test images, whose defects "
                 "are known, and writes them to a file that --adapter-file "
                 "takes. DIR is a data set as for feclip eval or holds the "
                 "arrays of feclip synth --npy. Run again after an "
                 "interruption, it continues from its saved state.",
      .settings = request->settings,
  };

  add_run_options (entries, request);
  add_loss_options (entries, request);
  options.entries = (const GOptionEntry *)(gpointer)entries->data;
  return fe_options_parse (&options, argv, status);
}

int
fe_command_train (char **argv)
{
  Request request = {
      .settings = feclip_settings_new (),
      .training = feclip_training_options_new (),
      .epochs = 9,
      .batch = 16,
      .at_once = 4,
      .seed = 1,
      .cache_size = 4096,
  };
  int status;

  if (read_request (&request, argv, &status)) {
    request.training->at_once = (guint)MIN (request.at_once, request.batch);
    request.training->seed = (guint)request.seed;
    request.training->train_fc_patch = !request.freeze_fc_patch;
    status = check_request (&request);
    if (status == FE_EXIT_DONE) {
      gst_init (NULL, NULL);
      status = train (&request);
    }
  }
  g_strfreev (request.paths);
  g_free (request.output);
  g_free (request.layout);
  g_free (request.categories);
  g_free (request.log_dir);
  g_free (request.curves);
  g_free (request.cache_dir);
  feclip_training_options_free (request.training);
  g_object_unref (request.settings);
  return status;
}
