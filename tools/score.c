/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/draw.h>
#include <feclip/feclip.h>
#include <gst/gst.h>

#include "cli/command.h"
#include "cli/heatmaps.h"
#include "cli/images.h"
#include "still/location.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/image_surface.h"
#include "cli/progress.h"
#include "cli/thresholds.h"

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  GStrv paths;
  char *heatmap;
  char *output;
  char *references;
  char *save_references;
  char *calibration;
  gboolean include_map;
} Request;

/* What every image needs. */
typedef struct {
  FeclipDetector *detector;
  FeOutput *output;
  FeHeatmaps *heatmaps;
  FeclipDrawOptions drawing;
  gboolean include_map;
} Session;

static int
check_request (const Request *request)
{
  if (request->save_references && !request->references)
    return fe_message_usage ("--save-references: there is nothing to write "
                             "without --references");
  if (!request->paths && !request->save_references)
    return fe_message_usage ("an image or a folder is missing");
  return FE_EXIT_DONE;
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      {"calibration-file", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->calibration,
       "Thresholds that `feclip calibrate` has found; those on the command "
       "line win.",
       "FILE"},
      {"heatmap", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->heatmap,
       "Write each image with its heatmap drawn over it to "
       "DIR/NAME.png.",
       "DIR"},
      {"include-map", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE,
       &request->include_map, "Write the map's numbers too.", NULL},
      {"references", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->references,
       "Compare with normal images: one, a folder of them, or a file that "
       "--save-references wrote.",
       "LOCATION"},
      {"save-references", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->save_references,
       "Write what was learnt from --references to FILE; then no image to "
       "score is needed.",
       "FILE"},
      {"output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &request->output,
       "Write the lines to FILE instead of standard output.", "FILE"},
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->paths, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .arguments = "IMAGE|FOLDER…",
      .summary = "Writes one line of JSON for each image: its score and its "
                 "defects. Folders are searched with all that lies below "
                 "them.",
      .entries = entries,
      .settings = request->settings,
  };

  if (!fe_options_parse (&options, argv, status))
    return FALSE;
  *status = check_request (request);
  if (*status != FE_EXIT_DONE)
    return FALSE;
  return !request->calibration
         || fe_thresholds_load (request->settings, request->calibration, argv,
                                status);
}

static gboolean
learn (Session *session, const Request *request, GError **error)
{
  g_autoptr (FeclipReferences) references = NULL;

  fe_progress_show ("learning the references");
  references = fe_location_open (request->references, session->detector,
                                 request->settings, error);
  return references
         && (!request->save_references
             || feclip_references_save (references, request->save_references,
                                        error));
}

static gboolean
open_session (Session *session, const Request *request, GPtrArray *images,
              GError **error)
{
  g_autoptr (FeclipModel) model = NULL;

  session->drawing = (FeclipDrawOptions)FECLIP_DRAW_OPTIONS_INIT;
  session->include_map = request->include_map;
  g_object_get (request->settings, "threshold", &session->drawing.threshold,
                "pixel-threshold", &session->drawing.pixel_threshold,
                "min-area", &session->drawing.min_area, NULL);
  if (request->heatmap) {
    session->heatmaps = fe_heatmaps_new (request->heatmap, images, error);
    if (!session->heatmaps)
      return FALSE;
  }
  session->output = fe_output_new (request->output, error);
  if (!session->output)
    return FALSE;
  fe_progress_show ("loading the model");
  model = feclip_model_new (request->settings, error);
  if (!model)
    return FALSE;
  session->detector = feclip_detector_new (model, request->settings, error);
  if (!session->detector
      || (request->references && !learn (session, request, error)))
    return FALSE;
  if (!request->references && !feclip_model_has_adapters (model))
    fe_message_warning ("there are no adapters: the images get CLIP's own "
                        "score and no map");
  return TRUE;
}

static void
close_session (Session *session)
{
  fe_progress_hide ();
  g_clear_object (&session->detector);
  fe_output_free (session->output);
  fe_heatmaps_free (session->heatmaps);
}

static gboolean
write_line (Session *session, const FeImageFile *image,
            const FeclipFrame *frame, const FeclipResult *result,
            GError **error)
{
  g_autofree char *source = g_filename_display_name (image->path);
  const FeclipReport report = {
      .source = source,
      .timestamp = G_MAXUINT64,
      .width = frame->width,
      .height = frame->height,
      .threshold = session->drawing.threshold,
      .pixel_threshold = session->drawing.pixel_threshold,
      .min_area = session->drawing.min_area,
      .include_map = session->include_map,
  };
  g_autofree char *json = feclip_result_to_json (result, &report);
  g_autofree char *line = g_strconcat (json, "\n", NULL);

  return fe_output_write (session->output, line, error);
}

static gboolean
write_heatmap (Session *session, const FeImageFile *file, FeStillImage *image,
               const FeclipResult *result, GError **error)
{
  const FeclipFrame *frame = fe_still_image_get_frame (image);
  cairo_surface_t *surface = fe_still_image_create_surface (image, error);
  cairo_t *cr;
  gboolean written;

  if (!surface)
    return FALSE;
  cr = cairo_create (surface);
  feclip_draw_result (cr, result, frame->width, frame->height,
                      &session->drawing);
  cairo_destroy (cr);
  written = fe_heatmaps_write (session->heatmaps, file, surface, error);
  cairo_surface_destroy (surface);
  return written;
}

static FeclipResult *
analyse (Session *session, const FeImageFile *file, FeStillImage *image,
         GError **error)
{
  FeclipResult *result = feclip_detector_analyse (
      session->detector, fe_still_image_get_frame (image), error);

  if (!result) {
    g_autofree char *name = g_filename_display_name (file->path);

    g_prefix_error (error, "%s: ", name);
  }
  return result;
}

static gboolean
write_result (Session *session, const FeImageFile *file, FeStillImage *image,
              const FeclipResult *result, GError **error)
{
  return write_line (session, file, fe_still_image_get_frame (image), result,
                     error)
         && (!session->heatmaps
             || write_heatmap (session, file, image, result, error));
}

/* @go_on becomes FALSE where there is no use in trying the next image. */
static gboolean
score_image (Session *session, const FeImageFile *file, gboolean *go_on)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeStillImage) image = fe_still_image_new (file->path, &error);
  g_autoptr (FeclipResult) result =
      image ? analyse (session, file, image, &error) : NULL;

  if (!result) {
    *go_on = !g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  } else if (write_result (session, file, image, result, &error)) {
    return TRUE;
  } else {
    *go_on = FALSE;
  }
  fe_message_error ("%s", error->message);
  return FALSE;
}

/* Returns how many were not scored. */
static guint
score_images (Session *session, GPtrArray *images)
{
  gint64 start = g_get_monotonic_time ();
  gboolean go_on = TRUE;
  guint n_scored = 0;

  for (guint i = 0; i < images->len && go_on; i++) {
    fe_progress_show_count ("image", i, images->len, start);
    n_scored += score_image (session, g_ptr_array_index (images, i), &go_on);
  }
  fe_progress_hide ();
  return images->len - n_scored;
}

static int
run_request (const Request *request)
{
  guint n_failed;
  char *const none[] = {NULL};
  g_autoptr (GPtrArray) images =
      fe_image_files_find (request->paths ? request->paths : none, &n_failed);
  g_autoptr (GError) error = NULL;
  Session session = {0};
  int status = FE_EXIT_FAILED;

  if (images->len == 0 && request->paths)
    return FE_EXIT_FAILED;
  if (open_session (&session, request, images, &error)) {
    guint n_unscored = score_images (&session, images);

    if (n_unscored > 0)
      fe_message_error ("%u of %u images were not scored", n_unscored,
                        images->len);
    else if (n_failed == 0)
      status = FE_EXIT_DONE;
  } else {
    status = fe_message_failure (error);
  }
  close_session (&session);
  return status;
}

int
fe_command_score (char **argv)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (GError) error = NULL;
  Request request = {.settings = settings};
  int status;

  if (read_request (&request, argv, &status)) {
    if (gst_init_check (NULL, NULL, &error)) {
      status = run_request (&request);
    } else {
      fe_message_error ("%s", error->message);
      status = FE_EXIT_FAILED;
    }
  }
  g_strfreev (request.paths);
  g_free (request.heatmap);
  g_free (request.output);
  g_free (request.references);
  g_free (request.save_references);
  g_free (request.calibration);
  return status;
}
