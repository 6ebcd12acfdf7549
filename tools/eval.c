/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/feclip.h>
#include <gst/gst.h>
#include <math.h>

#include "command.h"
#include "eval/evaluation.h"
#include "eval/folder.h"
#include "eval/interrupt.h"
#include "eval/learning.h"
#include "eval/reader.h"
#include "eval/results.h"
#include "message.h"
#include "feclip-enums.h"
#include "options.h"
#include "output.h"
#include "progress.h"

/* More would make a page that no browser opens. */
#define MAX_WORST 200

/* More than the features of a memory of a GPU. */
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
  char *model_file;
  char *adapter_file;
} Request;

/* What every picture needs. */
typedef struct {
  FeclipDetector *detector;
  FeclipReferences *references; /* NULL: zero-shot */
  guint reference_limit;
  FeEvaluation *evaluation;
  FeEvaluationOptions options;
  FeSubject subject;
} Session;

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
  if (request->layout && fe_layout_find (request->layout) == FE_N_LAYOUTS)
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

static FeDataset *
open_dataset (const Request *request, GError **error)
{
  g_auto (GStrv) only =
      request->categories ? g_strsplit (request->categories, ",", -1) : NULL;
  FeLayout layout =
      request->layout ? fe_layout_find (request->layout) : FE_LAYOUT_AUTO;

  return fe_dataset_new (request->paths[0], layout, only, error);
}

static int
show_list (const FeDataset *dataset)
{
  g_autofree char *path = g_filename_display_name (dataset->path);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s: layout %s, %u pictures\n", path,
                          fe_layout_get_name (dataset->layout),
                          dataset->n_cases);
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

/* Has a memory for normal pictures where they were asked for. */
static gboolean
open_references (Session *session, const Request *request, GError **error)
{
  FeclipReferenceScore score;
  g_autoptr (GEnumClass) scores =
      g_type_class_ref (FECLIP_TYPE_REFERENCE_SCORE);

  g_object_get (request->settings, "reference-score", &score, "reference-limit",
                &session->reference_limit, NULL);
  session->subject.n_references = (guint)request->references;
  session->subject.reference_score =
      g_intern_string (g_enum_get_value (scores, (int)score)->value_nick);
  if (request->references == 0)
    return TRUE;
  session->references = feclip_references_new (session->detector, error);
  return session->references
         && feclip_detector_set_references (session->detector,
                                            session->references, error);
}

static gboolean
open_session (Session *session, const Request *request, GError **error)
{
  g_autoptr (FeclipModel) model = NULL;

  fe_progress_show ("loading the model");
  model = feclip_model_new (request->settings, error);
  if (!model)
    return FALSE;
  session->detector = feclip_detector_new (model, request->settings, error);
  if (!session->detector || !open_references (session, request, error))
    return FALSE;
  if (!feclip_model_has_adapters (model) && !session->references)
    fe_message_warning ("there are no adapters: the pictures get CLIP's own "
                        "score and no map, so that pixels are not evaluated");
  session->options = (FeEvaluationOptions){
      .size = feclip_model_get_image_size (model),
      .exact = request->exact,
      .pro_defective = g_strcmp0 (request->pro_images, "defective") == 0,
      .n_worst = request->output ? (guint)request->worst : 0,
  };
  g_object_get (request->settings, "threshold", &session->options.threshold,
                "pixel-threshold", &session->options.pixel_threshold, NULL);
  session->evaluation = fe_evaluation_new (&session->options);
  session->subject.device =
      g_intern_string (feclip_model_get_device_name (model));
  return TRUE;
}

/* Says what is wrong with a file and keeps it for the results. */
static void
note (Session *session, const char *problem)
{
  fe_message_error ("%s", problem);
  g_ptr_array_add (session->subject.problems, g_strdup (problem));
}

static gboolean
is_finite (const FeclipResult *result)
{
  for (guint i = 0; i < result->map_width * result->map_height; i++)
    if (!isfinite (result->map[i]))
      return FALSE;
  return isfinite (result->score);
}

/* Names a mask that cannot be used and counts it. */
static void
check_mask (Session *session, const FeCategory *category,
            const FeReading *reading)
{
  if (reading->mask_error) {
    note (session, reading->mask_error->message);
  } else if (category->n_masks > 0 && !reading->item->mask_path
             && reading->item->truth == FE_TRUTH_DEFECTIVE) {
    g_autofree char *name = g_filename_display_name (reading->item->path);
    g_autofree char *problem =
        g_strconcat (name, ": there is no mask for this picture", NULL);

    note (session, problem);
  } else {
    return;
  }
  session->subject.n_bad_masks++;
}

static FeclipResult *
analyse (Session *session, const FeReading *reading, GError **error)
{
  g_autofree char *name = g_filename_display_name (reading->item->path);
  g_autoptr (FeclipResult) result = NULL;

  if (!reading->picture) {
    g_propagate_error (error, g_error_copy (reading->error));
    return NULL;
  }
  result = feclip_detector_analyse (
      session->detector, fe_picture_get_frame (reading->picture), error);
  if (!result) {
    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  if (!is_finite (result)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: the network's result is not a finite number", name);
    return NULL;
  }
  return g_steal_pointer (&result);
}

/* Returns FALSE where there is no use in trying the next picture. */
static gboolean
evaluate (Session *session, const FeCategory *category,
          const FeReading *reading)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipResult) result = analyse (session, reading, &error);

  if (!result) {
    note (session, error->message);
    session->subject.n_failed++;
    return !g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  }
  check_mask (session, category, reading);
  fe_evaluation_add (session->evaluation, category, reading->item,
                     reading->mask, result);
  session->subject.n_pictures++;
  return TRUE;
}

static GPtrArray *
list_cases (const FeDataset *dataset)
{
  GPtrArray *cases = g_ptr_array_new ();

  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    g_ptr_array_extend (cases, category->cases, NULL, NULL);
  }
  return cases;
}

static gboolean
learn (Session *session, const FeCategory *category)
{
  g_autoptr (GError) error = NULL;

  if (!session->references
      || fe_learning_learn (category, session->subject.n_references,
                            session->reference_limit, session->references,
                            session->detector, &error))
    return TRUE;
  note (session, error->message);
  return FALSE;
}

/* Returns FALSE where the device failed or somebody lost patience. */
static gboolean
evaluate_all (Session *session, const FeDataset *dataset)
{
  g_autoptr (GPtrArray) cases = list_cases (dataset);
  g_autoptr (FeReader) reader = fe_reader_new (cases);
  gint64 start = g_get_monotonic_time ();
  guint done = 0;

  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (!learn (session, category))
      return FALSE;
    for (guint j = 0; j < category->cases->len; j++) {
      g_autoptr (FeReading) reading = NULL;

      fe_progress_show_count ("picture", done++, cases->len, start);
      reading = fe_reader_next (reader);
      if (!evaluate (session, category, reading) || fe_interrupt_is_pending ())
        return FALSE;
    }
  }
  session->subject.seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  fe_progress_show ("measuring");
  fe_evaluation_finish (session->evaluation);
  fe_progress_hide ();
  return TRUE;
}

static int
print_results (Session *session, const Request *request)
{
  g_autofree char *text =
      request->json
          ? fe_results_to_json (session->evaluation, &session->subject)
      : request->csv
          ? fe_results_to_csv (session->evaluation)
          : fe_results_to_text (session->evaluation, &session->subject);

  return fe_output_print (text);
}

/* What did not go as it should. */
static int
conclude (const Session *session)
{
  const FeSubject *subject = &session->subject;
  double error = fe_evaluation_get_error (session->evaluation);

  if (error > 1e-4)
    fe_message_warning ("the numbers may be off by up to %.1e: --exact ranks "
                        "every pixel",
                        error);
  if (subject->n_failed > 0)
    fe_message_error ("%u of %u pictures were not evaluated", subject->n_failed,
                      subject->dataset->n_cases);
  if (subject->n_bad_masks > 0)
    fe_message_error ("%u masks could not be used; the pixels of their "
                      "pictures do not count",
                      subject->n_bad_masks);
  return subject->n_failed + subject->n_bad_masks + subject->dataset->n_failed
                 > 0
             ? FE_EXIT_FAILED
             : FE_EXIT_DONE;
}

static int
write_results (Session *session, const Request *request)
{
  g_autoptr (GError) error = NULL;

  if (!request->output)
    return FE_EXIT_DONE;
  fe_progress_show ("drawing the worst pictures");
  if (fe_folder_write_results (request->output, session->evaluation,
                               &session->subject, &error)) {
    fe_progress_hide ();
    return FE_EXIT_DONE;
  }
  return fe_message_failure (error);
}

static int
run_session (Session *session, const Request *request, const FeDataset *dataset)
{
  int status;

  session->subject.dataset = dataset;
  session->subject.options = &session->options;
  session->subject.model_file = request->model_file;
  session->subject.adapter_file = request->adapter_file;
  fe_interrupt_catch ();
  if (!evaluate_all (session, dataset)) {
    fe_message_error ("stopped after %u of %u pictures, nothing was written",
                      session->subject.n_pictures, dataset->n_cases);
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
  g_autoptr (FeDataset) dataset = open_dataset (request, &error);
  Session session = {0};
  int status;

  if (!dataset)
    return fe_message_failure (error);
  if (request->list)
    return show_list (dataset);
  session.subject.problems = g_ptr_array_new_with_free_func (g_free);
  if (fe_learning_check (dataset, (guint)request->references, &error)
      && (!request->output
          || fe_folder_prepare (request->output, dataset, &error))
      && gst_init_check (NULL, NULL, &error)
      && open_session (&session, request, &error))
    status = run_session (&session, request, dataset);
  else
    status = fe_message_failure (error);
  fe_progress_hide ();
  g_clear_object (&session.references);
  g_clear_object (&session.detector);
  fe_evaluation_free (session.evaluation);
  g_ptr_array_unref (session.subject.problems);
  if (fe_interrupt_is_pending ())
    fe_interrupt_obey ();
  return status;
}

#define ENTRY(name, type, place, text, value) \
  { \
    name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_##type, place, text, value \
  }

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      ENTRY ("layout", STRING, &request->layout,
             "How the data set's folders are laid out. Default: auto, which "
             "looks.",
             "auto|mvtec|visa|btad|folder"),
      ENTRY ("categories", STRING, &request->categories,
             "The categories to evaluate. Default: all.", "NAME,…"),
      ENTRY ("list", NONE, &request->list,
             "Only list the categories and how many pictures they have.", NULL),
      ENTRY ("pro-images", STRING, &request->pro_images,
             "The pictures whose flawless pixels PRO's false positive rate is "
             "a share of. Default: all.",
             "all|defective"),
      ENTRY ("exact", NONE, &request->exact,
             "Rank every pixel, which takes some 60 bytes for each, instead of "
             "counting close ones together, which changes no number by more "
             "than 0.0001.",
             NULL),
      ENTRY ("json", NONE, &request->json,
             "Print all numbers as JSON instead of a table.", NULL),
      ENTRY ("csv", NONE, &request->csv, "Print the table as CSV.", NULL),
      ENTRY ("output", FILENAME, &request->output,
             "Write the numbers, curves and the worst pictures with their "
             "heatmaps to this folder: report.html and the files it is made "
             "of.",
             "DIR"),
      ENTRY ("worst", INT, &request->worst,
             "With --output, how many of the worst pictures of each kind to "
             "show. Default: 12.",
             "N"),
      ENTRY ("references", INT, &request->references,
             "Compare with the first N normal training pictures of each "
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
                 "pictures.",
      .entries = entries,
      .settings = request->settings,
  };

  if (!fe_options_parse (&options, argv, status))
    return FALSE;
  g_object_get (request->settings, "model-file", &request->model_file,
                "adapter-file", &request->adapter_file, NULL);
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
  g_free (request.model_file);
  g_free (request.adapter_file);
  return status;
}
