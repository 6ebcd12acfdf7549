/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cairo.h>
#include <errno.h>
#include <feclip/calibration.h>
#include <feclip/draw.h>
#include <feclip/error.h>
#include <feclip/feclip.h>
#include <feclip/settings.h>
#include <glib.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "image_io/image_list.h"
#include "image_io/output_folder.h"
#include "image_io/png.h"
#include "image_io/cairo_image.h"
#include "still/location.h"

static gboolean
is_given (char *const *argv, const char *option)
{
  const gsize length = strlen (option);

  for (; *argv && !g_str_equal (*argv, "--"); argv++)
    if (strncmp (*argv, option, length) == 0
        && ((*argv)[length] == '=' || (*argv)[length] == '\0'))
      return TRUE;
  return FALSE;
}

/*
 * Sets the thresholds of @settings from the calibration file @path, except
 * those that the command line @argv gives. After a failure prints a message and
 * returns FALSE with the exit status.
 */
static gboolean
load_thresholds (FeclipSettings *settings, const char *path, char *const *argv,
                 int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipCalibration) calibration =
      feclip_calibration_load (path, &error);
  gboolean use_pixels = !is_given (argv, "--pixel-threshold");
  FeclipMapType map_type;

  if (!calibration) {
    fe_message_error ("%s", error->message);
    *status = FE_EXIT_FAILED;
    return FALSE;
  }
  g_object_get (settings, "map-type", &map_type, NULL);
  /* With normal references, probabilities become few-shot maps. */
  if (calibration->map_type == FECLIP_MAP_TYPE_FEW_SHOT
      && map_type == FECLIP_MAP_TYPE_PROBABILITY)
    map_type = FECLIP_MAP_TYPE_FEW_SHOT;
  if (use_pixels && calibration->has_map && calibration->map_type != map_type) {
    *status = fe_message_usage ("%s was made with another --map-type: its "
                                "pixel threshold does not fit this one",
                                path);
    return FALSE;
  }
  if (!is_given (argv, "--threshold"))
    g_object_set (settings, "threshold", calibration->threshold, NULL);
  if (use_pixels && calibration->has_map)
    g_object_set (settings, "pixel-threshold", calibration->pixel_threshold,
                  NULL);
  return TRUE;
}

typedef struct _Heatmaps Heatmaps;

struct _Heatmaps {
  char *folder;
  /* The paths that this run wrote. */
  GHashTable *paths;
};

/* NULL is allowed. */
static void
heatmaps_free (Heatmaps *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->paths);
  g_free (self->folder);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Heatmaps, heatmaps_free)

static gboolean
check_images (const char *folder, GPtrArray *images, GError **error)
{
  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);

    if (fe_output_folder_contains (folder, image->path)) {
      g_autofree char *name = g_filename_display_name (image->path);

      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--heatmap: %s lies in that folder and could be "
                   "overwritten; choose another folder",
                   name);
      return FALSE;
    }
  }
  return TRUE;
}

/*
 * Creates the folder for one PNG file per image. Fails where it contains one of
 * @images, which could be overwritten.
 */
static Heatmaps *
heatmaps_new (const char *folder, GPtrArray *images, GError **error)
{
  Heatmaps *self;

  if (!fe_output_folder_make (folder, error)
      || !check_images (folder, images, error))
    return NULL;
  self = g_new0 (Heatmaps, 1);
  self->folder = g_strdup (folder);
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/* The first free one of NAME.png, NAME-2.png and so on; owned by the table. */
static const char *
claim_path (Heatmaps *self, const char *name)
{
  char *path = NULL;

  for (guint i = 1; !path || g_hash_table_contains (self->paths, path); i++) {
    g_autofree char *file = i == 1 ? g_strconcat (name, ".png", NULL)
                                   : g_strdup_printf ("%s-%u.png", name, i);

    g_free (path);
    path = g_build_filename (self->folder, file, NULL);
  }
  g_hash_table_add (self->paths, path);
  return path;
}

/*
 * Writes FOLDER/NAME.png, where NAME is the image's; a name that was written
 * before gets a number. Takes @surface.
 */
static gboolean
heatmaps_write (Heatmaps *self, const FeImageFile *image,
                cairo_surface_t *surface, GError **error)
{
  return fe_png_write (claim_path (self, image->name), surface, error);
}

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

/* Everything that is needed for each image. */
typedef struct {
  FeclipDetector *detector;
  FeOutput *output;
  Heatmaps *heatmaps;
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
       "Use the thresholds that `feclip calibrate` wrote to this file; "
       "thresholds on the command line take precedence.",
       "FILE"},
      {"heatmap", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->heatmap,
       "Write each image with its heatmap drawn over it to "
       "DIR/NAME.png.",
       "DIR"},
      {"include-map", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE,
       &request->include_map, "Write the values of the map, too.", NULL},
      {"references", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->references,
       "Compare with normal images: an image, a folder, or a file that "
       "--save-references wrote.",
       "LOCATION"},
      {"save-references", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->save_references,
       "Write the features of --references to FILE; then no image to score is "
       "needed.",
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
                 "defects. Folders are searched with all folders below them.",
      .entries = entries,
      .settings = request->settings,
  };

  if (!fe_options_parse (&options, argv, status))
    return FALSE;
  *status = check_request (request);
  if (*status != FE_EXIT_DONE)
    return FALSE;
  return !request->calibration
         || load_thresholds (request->settings, request->calibration, argv,
                             status);
}

static gboolean
read_references (Session *session, const Request *request, GError **error)
{
  g_autoptr (FeclipReferences) references = NULL;

  fe_progress_show ("reading the references");
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
    session->heatmaps = heatmaps_new (request->heatmap, images, error);
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
      || (request->references && !read_references (session, request, error)))
    return FALSE;
  if (!request->references && !feclip_model_has_adapters (model))
    fe_message_warning (
        "the model has no adapters: images get CLIP's own score and no map");
  return TRUE;
}

static void
close_session (Session *session)
{
  fe_progress_hide ();
  g_clear_object (&session->detector);
  fe_output_free (session->output);
  heatmaps_free (session->heatmaps);
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
  cairo_surface_t *surface = fe_cairo_image_new (image, error);
  cairo_t *cr;

  if (!surface)
    return FALSE;
  cr = cairo_create (surface);
  feclip_draw_result (cr, result, frame->width, frame->height,
                      &session->drawing);
  cairo_destroy (cr);
  return heatmaps_write (session->heatmaps, file, surface, error);
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

/* Sets @go_on to FALSE where the next image would fail, too. */
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

/* Returns how many images were not scored. */
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
      fe_image_list_find (request->paths ? request->paths : none, &n_failed);
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
