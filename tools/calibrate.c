/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/error.h>
#include <feclip/feclip.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "image_io/image_list.h"
#include "still/image_file.h"
#include "still/location.h"

typedef struct _Video Video;

/* A decoder that takes longer than this for one frame hangs. */
#define FRAME_TIMEOUT (30 * GST_SECOND)

struct _Video {
  char *name;
  GstElement *pipeline;
  GstElement *sink;
};

/* NULL is allowed. */
static void
video_free (Video *self)
{
  if (!self)
    return;
  if (self->pipeline)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->sink);
  g_clear_object (&self->pipeline);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Video, video_free)

static gboolean
make_pipeline (Video *self, const char *path, GError **error)
{
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstCaps) caps = fe_still_image_make_caps ();
  GstElement *pipeline =
      gst_parse_launch_full ("filesrc name=source ! decodebin ! videoconvert ! "
                             "videoflip video-direction=auto ! "
                             "appsink name=sink sync=false max-buffers=2",
                             NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);

  if (!pipeline)
    return FALSE;
  self->pipeline = g_object_ref_sink (pipeline);
  self->sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", path, NULL);
  g_object_set (self->sink, "caps", caps, NULL);
  return TRUE;
}

/*
 * Decodes the frames of a video in order, with the decoders that GStreamer has,
 * and turns them upright as the tags of the video tell. Fails on a file without
 * video.
 */
static Video *
video_new (const char *path, GError **error)
{
  g_autoptr (Video) self = g_new0 (Video, 1);

  self->name = g_filename_display_name (path);
  if (!make_pipeline (self, path, error)) {
    g_prefix_error (error, "%s: ", self->name);
    return NULL;
  }
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return g_steal_pointer (&self);
}

/* Sets the error of the pipeline, or a timeout; nothing at the end of the
 * video.
 */
static void
set_cause (Video *self, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) cause = NULL;

  if (message)
    gst_message_parse_error (message, &cause, NULL);
  if (!cause && gst_app_sink_is_eos (GST_APP_SINK (self->sink)))
    return;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: cannot be decoded as video: %s", self->name,
               cause ? cause->message : "decoding a frame takes too long");
}

/*
 * Waits in short steps and looks at the bus, because a failed pipeline sends
 * the sink neither a frame nor the end of stream.
 */
static GstSample *
pull_sample (Video *self)
{
  const GstClockTime step = GST_SECOND / 20;
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  for (GstClockTime waited = 0; waited < FRAME_TIMEOUT; waited += step) {
    GstSample *sample =
        gst_app_sink_try_pull_sample (GST_APP_SINK (self->sink), step);

    if (sample || gst_app_sink_is_eos (GST_APP_SINK (self->sink)))
      return sample;
    if (gst_bus_have_pending (bus)) {
      g_autoptr (GstMessage) message =
          gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

      if (message) {
        gst_bus_post (bus, g_steal_pointer (&message));
        return NULL;
      }
    }
  }
  return NULL;
}

/* Returns the next frame; NULL at the end, or with @error where decoding fails.
 */
static FeStillImage *
video_read (Video *self, GError **error)
{
  GstSample *sample = pull_sample (self);

  if (sample)
    return fe_still_image_new_from_sample (sample, self->name, error);
  set_cause (self, error);
  return NULL;
}

#define DEFAULT_RATE 0.01

/* The command line. */
typedef struct {
  FeclipSettings *settings;
  GStrv paths;
  char *output;
  char *references;
  double rate;
  int interval;
  gboolean force;
} Request;

typedef struct {
  const Request *request;
  FeclipDetector *detector;
  FeclipCalibration *calibration;
  guint n_failed;   /* images and videos that were not read completely */
  gboolean give_up; /* the device failed: the next one would fail, too */
} Session;

static gboolean
check_request (const Request *request, int *status)
{
  if (!request->paths)
    *status =
        fe_message_usage ("an image, a folder or a video of normal items is "
                          "missing");
  else if (!request->output)
    *status =
        fe_message_usage ("--output is missing: it names the file for the "
                          "thresholds");
  else if (!(request->rate > 0 && request->rate < 1))
    *status = fe_message_usage (
        "--false-alarm-rate: %g does not lie between 0 and 1", request->rate);
  else if (request->interval < 1)
    *status = fe_message_usage ("--inference-interval: %d is not at least 1",
                                request->interval);
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  const GOptionEntry entries[] = {
      {"false-alarm-rate", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_DOUBLE,
       &request->rate,
       "The share of normal frames that may be called anomalous. Default: "
       "0.01.",
       "NUMBER"},
      {"force", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &request->force,
       "Overwrite the output file.", NULL},
      {"inference-interval", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT,
       &request->interval, "Analyse every Nth frame of a video. Default: 1.",
       "NUMBER"},
      {"output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &request->output,
       "The file to write; --calibration-file and the element's property "
       "calibration-file read it.",
       "FILE"},
      {"references", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
       &request->references,
       "Compare with normal images, as the later analysis will: an image, a "
       "folder, or a file that `feclip score --save-references` wrote. Do not "
       "calibrate with the same images.",
       "LOCATION"},
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->paths, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .arguments = "--output=FILE IMAGE|FOLDER|VIDEO…",
      .summary = "Finds thresholds from images or videos of normal items "
                 "alone, such that at most the given share of new normal "
                 "frames is called anomalous.",
      .entries = entries,
      .settings = request->settings,
  };

  return fe_options_parse (&options, argv, status)
         && check_request (request, status);
}

static gboolean
check_output (const Request *request, GError **error)
{
  if (request->force || !g_file_test (request->output, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s exists already; --force overwrites it", request->output);
  return FALSE;
}

static gboolean
read_references (Session *session, GError **error)
{
  const Request *request = session->request;
  g_autoptr (FeclipReferences) references = NULL;

  if (!request->references)
    return TRUE;
  fe_progress_show ("reading the references");
  references = fe_location_open (request->references, session->detector,
                                 request->settings, error);
  return references != NULL;
}

static gboolean
open_session (Session *session, GError **error)
{
  FeclipSettings *settings = session->request->settings;
  g_autoptr (FeclipModel) model = NULL;

  if (!check_output (session->request, error))
    return FALSE;
  fe_progress_show ("loading the model");
  model = feclip_model_new (settings, error);
  if (!model)
    return FALSE;
  session->detector = feclip_detector_new (model, settings, error);
  if (!session->detector || !read_references (session, error))
    return FALSE;
  if (!session->request->references && !feclip_model_has_adapters (model))
    fe_message_warning ("the model has no adapters: the calibration has a "
                        "threshold for CLIP's own score and none for pixels");
  session->calibration = feclip_calibration_new (session->request->rate);
  return TRUE;
}

static gboolean
take_image (Session *session, FeStillImage *image, const char *name,
            GError **error)
{
  g_autoptr (FeclipResult) result = feclip_detector_analyse (
      session->detector, fe_still_image_get_frame (image), error);

  if (result)
    feclip_calibration_add (session->calibration, result);
  else
    g_prefix_error (error, "%s: ", name);
  return result != NULL;
}

static gboolean
take_video (Session *session, const char *path, const char *name,
            GError **error)
{
  g_autoptr (Video) video = video_new (path, error);
  gint64 start = g_get_monotonic_time ();
  GError *cause = NULL;
  guint n_frames = 0;

  while (video) {
    g_autoptr (FeStillImage) image = video_read (video, &cause);

    if (!image)
      break;
    fe_progress_show ("%s, frame %u, %.1f a second", name, n_frames + 1,
                      n_frames * 1e6
                          / MAX (g_get_monotonic_time () - start, 1));
    if (n_frames++ % session->request->interval == 0
        && !take_image (session, image, name, &cause))
      break;
  }
  if (video && !cause && n_frames == 0)
    g_set_error (&cause, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: the file contains no video", name);
  if (cause)
    g_propagate_error (error, cause);
  return video && !cause;
}

/* The content decides whether a file is an image or a video. */
static gboolean
take_file (Session *session, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *media_type = fe_still_image_find_media_type (path, error);
  g_autoptr (FeStillImage) image = NULL;

  if (!media_type) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  if (!g_str_has_prefix (media_type, "image/"))
    return take_video (session, path, name, error);
  image = fe_still_image_new (path, error);
  return image && take_image (session, image, name, error);
}

static void
take_files (Session *session, GPtrArray *images)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < images->len && !session->give_up; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);
    g_autoptr (GError) error = NULL;

    fe_progress_show_count ("file", i, images->len, start);
    if (take_file (session, image->path, &error))
      continue;
    fe_message_error ("%s", error->message);
    session->n_failed++;
    session->give_up =
        g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  }
  fe_progress_hide ();
}

static int
print_summary (const FeclipCalibration *calibration)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text,
                          "frames           %u\n"
                          "false alarms     %.4g of normal frames at most\n"
                          "threshold        %.9g\n",
                          calibration->n_frames, calibration->attained_rate,
                          calibration->threshold);
  if (calibration->has_map)
    g_string_append_printf (text, "pixel-threshold  %.9g\n",
                            calibration->pixel_threshold);
  return fe_output_print (text->str);
}

/* Returns: (transfer full): the model that was run */
static char *
find_model_file (FeclipSettings *settings)
{
  char *path = NULL;

  g_object_get (settings, "model-file", &path, NULL);
  return path ? path : feclip_model_find_builtin ();
}

static gboolean
write_calibration (Session *session, GError **error)
{
  FeclipCalibration *calibration = session->calibration;
  g_autofree char *model = find_model_file (session->request->settings);

  if (!feclip_calibration_finish (calibration, model, error))
    return FALSE;
  if (calibration->attained_rate > calibration->false_alarm_rate)
    fe_message_warning (
        "%u frames are too few for a false-alarm rate of %g; the thresholds "
        "are for %.4g, the lowest rate that so many frames allow",
        calibration->n_frames, calibration->false_alarm_rate,
        calibration->attained_rate);
  /* Another program may have created it in the meantime. */
  return check_output (session->request, error)
         && feclip_calibration_save (calibration, session->request->output,
                                     error);
}

static int
run_request (const Request *request)
{
  guint n_missing = 0;
  g_autoptr (GPtrArray) images =
      fe_image_list_find (request->paths, &n_missing);
  g_autoptr (GError) error = NULL;
  Session session = {.request = request};
  int status = FE_EXIT_FAILED;

  if (images->len == 0)
    return FE_EXIT_FAILED;
  if (open_session (&session, &error))
    take_files (&session, images);
  fe_progress_hide ();
  if (error) {
    status = fe_message_failure (error);
  } else if (session.give_up) {
    fe_message_error ("%s was not written", request->output);
  } else if (!write_calibration (&session, &error)) {
    fe_message_error ("%s", error->message);
  } else {
    status = print_summary (session.calibration);
    if (n_missing + session.n_failed > 0)
      status = FE_EXIT_FAILED;
  }
  g_clear_object (&session.detector);
  feclip_calibration_free (session.calibration);
  return status;
}

int
fe_command_calibrate (char **argv)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (GError) error = NULL;
  Request request = {
      .settings = settings,
      .rate = DEFAULT_RATE,
      .interval = 1,
  };
  int status = FE_EXIT_FAILED;

  if (read_request (&request, argv, &status)) {
    if (gst_init_check (NULL, NULL, &error))
      status = run_request (&request);
    else
      fe_message_error ("%s", error->message);
  }
  g_strfreev (request.paths);
  g_free (request.output);
  g_free (request.references);
  return status;
}
