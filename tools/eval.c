/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "eval/layouts.h"
#include "eval/report.h"
#include "eval/session.h"

/* More would make a page that browsers cannot open. */
#define MAX_WORST 200

/* More than the features of which fit into the memory of a GPU. */
#define MAX_REFERENCES 10000

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  GStrv paths;
  char *layout;
  char *categories;
  char *pro_images;
  char *output;
  int worst;
  int references;
  gboolean exact;
  gboolean json;
  gboolean csv;
  gboolean list;
} Request;

static int
check_request (const Request *request)
{
  if (!request->paths)
    return fe_message_usage ("a data set's folder is missing");
  if (request->paths[1])
    return fe_message_usage ("\"%s\" is one argument too many",
                             request->paths[1]);
  if (request->json && request->csv)
    return fe_message_usage ("--json and --csv exclude each other");
  if (request->layout && !fe_layout_exists (request->layout))
    return fe_message_usage ("--layout: \"%s\" is not auto, mvtec, visa, btad "
                             "or folder",
                             request->layout);
  if (request->pro_images && !g_str_equal (request->pro_images, "all")
      && !g_str_equal (request->pro_images, "defective"))
    return fe_message_usage ("--pro-images: \"%s\" is not all or defective",
                             request->pro_images);
  if (request->worst < 0 || request->worst > MAX_WORST)
    return fe_message_usage ("--worst: %d is not from 0 to %d", request->worst,
                             MAX_WORST);
  if (request->references < 0 || request->references > MAX_REFERENCES)
    return fe_message_usage ("--references: %d is not from 0 to %d",
                             request->references, MAX_REFERENCES);
  return FE_EXIT_DONE;
}

static int
show_list (const FeDataset *dataset)
{
  g_autofree char *path = g_filename_display_name (dataset->path);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s: layout %s, %u images\n", path,
                          dataset->layout, fe_dataset_count_cases (dataset));
  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);
    guint n_unknown =
        category->cases->len - category->n_good - category->n_defective;

    g_string_append_printf (text, "  %s: ", category->name);
    if (n_unknown > 0)
      g_string_append_printf (text, "%u unlabelled\n", n_unknown);
    else
      g_string_append_printf (text, "%u good, %u defective, %u masks\n",
                              category->n_good, category->n_defective,
                              category->n_masks);
  }
  return fe_output_print (text->str);
}

static int
print_results (FeSession *session, const Request *request)
{
  g_autofree char *text =
      request->json
          ? fe_results_to_json (session->evaluation, &session->subject)
      : request->csv
          ? fe_results_to_csv (session->evaluation)
          : fe_results_to_text (session->evaluation, &session->subject);

  return fe_output_print (text);
}

/* Prints warnings and failures. Returns the exit status. */
static int
conclude (const FeSession *session)
{
  const FeSubject *subject = &session->subject;
  double error = fe_evaluation_get_error (session->evaluation);

  if (error > 1e-4)
    fe_message_warning ("the numbers may be off by up to %.1e; --exact "
                        "computes them without error",
                        error);
  if (subject->n_failed > 0)
    fe_message_error ("%u of %u images were not evaluated", subject->n_failed,
                      fe_dataset_count_cases (subject->dataset));
  if (subject->n_bad_masks > 0)
    fe_message_error ("%u masks could not be used; the pixels of their images "
                      "are not evaluated",
                      subject->n_bad_masks);
  return subject->n_failed + subject->n_bad_masks + subject->dataset->n_failed
                 > 0
             ? FE_EXIT_FAILED
             : FE_EXIT_DONE;
}

static int
write_results (FeSession *session, const Request *request)
{
  g_autoptr (GError) error = NULL;

  if (!request->output)
    return FE_EXIT_DONE;
  fe_progress_show ("drawing the worst images");
  if (fe_report_write (request->output, session->evaluation, &session->subject,
                       &error)) {
    fe_progress_hide ();
    return FE_EXIT_DONE;
  }
  return fe_message_failure (error);
}

static int
run_session (FeSession *session, const Request *request,
             const FeDataset *dataset)
{
  int status;

  fe_interrupt_catch ();
  if (!fe_session_run (session, dataset)) {
    fe_message_error ("stopped after %u of %u images; nothing was written",
                      session->subject.n_images,
                      fe_dataset_count_cases (dataset));
    return FE_EXIT_FAILED;
  }
  status = write_results (session, request);
  if (status == FE_EXIT_DONE)
    status = print_results (session, request);
  return status == FE_EXIT_DONE ? conclude (session) : status;
}

static int
run_request (const Request *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeDataset) dataset = fe_layout_open (
      request->paths[0], request->layout, request->categories, &error);
  FeSession session = {
      .options =
          {
              .exact = request->exact,
              .pro_defective =
                  g_strcmp0 (request->pro_images, "defective") == 0,
              .n_worst = request->output ? (guint)request->worst : 0,
          },
  };
  int status;

  if (!dataset)
    return fe_message_failure (error);
  if (request->list)
    return show_list (dataset);
  session.subject.n_references = (guint)request->references;
  if (fe_session_check_references (dataset, (guint)request->references, &error)
      && (!request->output
          || fe_report_make_folder (request->output, dataset, &error))
      && gst_init_check (NULL, NULL, &error)
      && fe_session_open (&session, request->settings, &error))
    status = run_session (&session, request, dataset);
  else
    status = fe_message_failure (error);
  fe_progress_hide ();
  fe_session_clear (&session);
  if (fe_interrupt_is_pending ())
    fe_interrupt_obey ();
  return status;
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      FE_OPTION ("layout", STRING, &request->layout,
                 "The layout of the data set's folders. Default: auto, which "
                 "recognizes it.",
                 "auto|mvtec|visa|btad|folder"),
      FE_OPTION ("categories", STRING, &request->categories,
                 "The categories to evaluate. Default: all.", "NAME,…"),
      FE_OPTION ("list", NONE, &request->list,
                 "Only list the categories with their numbers of images.",
                 NULL),
      FE_OPTION (
          "pro-images", STRING, &request->pro_images,
          "The images whose normal pixels count for the false positive rate "
          "of PRO. Default: all.",
          "all|defective"),
      FE_OPTION (
          "exact", NONE, &request->exact,
          "Keep the score of every pixel, which takes some 60 bytes each, "
          "instead of counting close scores together, which changes no "
          "number by more than 0.0001.",
          NULL),
      FE_OPTION ("json", NONE, &request->json,
                 "Print all numbers as JSON instead of a table.", NULL),
      FE_OPTION ("csv", NONE, &request->csv, "Print the table as CSV.", NULL),
      FE_OPTION ("output", FILENAME, &request->output,
                 "Write a report with the numbers, curves and the worst images "
                 "with their heatmaps to this folder: report.html and the same "
                 "content as single files.",
                 "DIR"),
      FE_OPTION ("worst", INT, &request->worst,
                 "With --output, how many of the worst images of each kind to "
                 "show. Default: 12.",
                 "N"),
      FE_OPTION ("references", INT, &request->references,
                 "Compare with the first N normal training images of each "
                 "category. Default: 0, zero-shot.",
                 "N"),
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->paths, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .arguments = "DIR",
      .summary = "Measures how well the model finds the defects of a data set: "
                 "MVTec AD, VisA, BTAD, or any folder of good and defective "
                 "images.",
      .entries = entries,
      .settings = request->settings,
  };

  if (!fe_options_parse (&options, argv, status))
    return FALSE;
  *status = check_request (request);
  return *status == FE_EXIT_DONE;
}

int
fe_command_eval (char **argv)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  Request request = {.settings = settings, .worst = 12};
  int status;

  if (read_request (&request, argv, &status))
    status = run_request (&request);
  g_strfreev (request.paths);
  g_free (request.layout);
  g_free (request.categories);
  g_free (request.pro_images);
  g_free (request.output);
  return status;
}
