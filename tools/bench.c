/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/feclip.h>

#include "bench/measurement.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"

#define DEFAULT_FRAME "640x360"
#define MAX_EDGE 32767

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  char *size;
  char *frame;
  char *batch;
  int rounds;
  int warm_up;
  gboolean profile;
  gboolean json;
} Request;

static gboolean
parse_edge (const char *text, guint *edge)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 1, MAX_EDGE, &number, NULL))
    return FALSE;
  *edge = (guint)number;
  return TRUE;
}

static gboolean
parse_frame (const char *text, FeMeasurement *measurement)
{
  g_auto (GStrv) edges = g_strsplit (text, "x", -1);

  return g_strv_length (edges) == 2
         && parse_edge (edges[0], &measurement->frame_width)
         && parse_edge (edges[1], &measurement->frame_height);
}

/* Reads a list such as 1,2,4. Returns FALSE with the part that is no number of
 * frames. */
static gboolean
parse_batches (const char *text, GArray **batches, char **wrong)
{
  g_auto (GStrv) parts = g_strsplit (*text ? text : ",", ",", -1);

  *batches = g_array_new (FALSE, TRUE, sizeof (FeBatchTime));
  for (guint i = 0; parts[i]; i++) {
    FeBatchTime time = {0};
    guint64 number;

    if (!g_ascii_string_to_unsigned (parts[i], 10, 1, FECLIP_BATCH_MAX, &number,
                                     NULL)) {
      *wrong = g_strdup (parts[i]);
      return FALSE;
    }
    time.batch = (guint)number;
    g_array_append_val (*batches, time);
  }
  return TRUE;
}

/* Turns the request into a measurement. Returns an exit status. */
static int
check_request (const Request *request, FeMeasurement *measurement)
{
  const char *frame = request->frame ? request->frame : DEFAULT_FRAME;
  g_autofree char *model_file = NULL;
  g_autofree char *wrong = NULL;

  g_object_get (request->settings, "model-file", &model_file, NULL);
  if (request->size && model_file)
    return fe_message_usage ("--size and --model-file exclude each other");
  if (request->rounds < 1)
    return fe_message_usage ("--rounds: %d is not at least 1", request->rounds);
  if (request->warm_up < 0)
    return fe_message_usage ("--warm-up: %d is not at least 0",
                             request->warm_up);
  if (!parse_frame (frame, measurement))
    return fe_message_usage ("--frame: \"%s\" is not a size such as 640x360 "
                             "with edges from 1 to %d",
                             frame, MAX_EDGE);
  if (!parse_batches (request->batch ? request->batch : "1",
                      &measurement->batches, &wrong))
    return fe_message_usage ("--batch: \"%s\" is not a whole number from 1 "
                             "to %d",
                             wrong, FECLIP_BATCH_MAX);
  measurement->size = request->size;
  measurement->model_file = model_file || request->size
                                ? g_steal_pointer (&model_file)
                                : feclip_model_find_builtin ();
  measurement->rounds = request->rounds;
  measurement->warm_up = request->warm_up;
  return FE_EXIT_DONE;
}

static int
run_request (const Request *request)
{
  g_auto (FeMeasurement) measurement = {0};
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int status = check_request (request, &measurement);

  if (status != FE_EXIT_DONE)
    return status;
  if (!fe_measurement_open (&measurement, request->settings, &error)
      || !fe_measurement_run (&measurement, request->settings, request->profile,
                              &error))
    return fe_message_failure (error);
  text = request->json ? fe_measurement_to_json (&measurement)
                       : fe_measurement_to_text (&measurement);
  return fe_output_print (text);
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      {"size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &request->size,
       "Measure random weights of this size. Default: the built-in model.",
       "ViT-L-14-336|ViT-B-16-224|ViT-B-32-224|tiny"},
      {"frame", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &request->frame,
       "The size of the frame in pixels. Default: " DEFAULT_FRAME ".", "WxH"},
      {"batch", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &request->batch,
       "Frames in one batch; a list measures one size after the other. "
       "Default: 1.",
       "N[,N…]"},
      {"rounds", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &request->rounds,
       "Frames to measure. Default: 5.", "N"},
      {"warm-up", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &request->warm_up,
       "Frames to run before measuring. Default: 1.", "N"},
      {"profile", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &request->profile,
       "Show the time of each kernel and compare it with the device's peak.",
       NULL},
      {"json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &request->json,
       "Print one line of JSON instead of text.", NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .summary = "Measures time and memory of one frame with the built-in "
                 "model, with a model of your own, or with random weights.",
      .entries = entries,
      .settings = request->settings,
  };

  return fe_options_parse (&options, argv, status);
}

int
fe_command_bench (char **argv)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  Request request = {
      .settings = settings,
      .rounds = 5,
      .warm_up = 1,
  };
  int status;

  if (read_request (&request, argv, &status))
    status = run_request (&request);
  g_free (request.size);
  g_free (request.frame);
  g_free (request.batch);
  return status;
}
