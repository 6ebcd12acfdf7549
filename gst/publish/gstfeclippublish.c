/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-feclippublish
 * @title: feclippublish
 * @see_also: feclip
 *
 * Writes the results of `feclip` as JSON lines: one line per analysed frame
 * and, with #GstFeclipPublish:include-events, one line for the start and one
 * for the end of each event. Passes all buffers on unchanged. Each line is
 * written as a whole and without delay, so that another program can follow the
 * file. A frame that repeats the result of an earlier frame gives no line; a
 * result that came too late for its own frame gives one at the first frame that
 * carries it. The file is opened before the first frame, when the element goes
 * from NULL to READY.
 *
 * The caps must contain a width and a height. Those of encoded video and images
 * do too, so that the element also works behind an encoder that keeps the
 * metadata.
 *
 * ## A line
 * |[
 * {"resolution":{"width":1280,"height":720},"source":"line 3",
 *  "timestamp":40000000,"objects":[{"x":520,"y":64,"w":96,"h":88,
 *  "roi_type":"anomaly","detection":{"bounding_box":{"x_min":0.40625,
 *  "y_min":0.0888888889,"x_max":0.48125,"y_max":0.211111111},
 *  "confidence":0.93,"label_id":0,"label":"anomaly"}}],
 *  "anomaly":{"score":0.81,"threshold":0.5,"anomalous":true,
 *  "analysed":true,"result_age":0,"tap_scores":[0.79,0.8,0.82,0.83],
 *  "region":{"x":0.21875,"y":0,"w":0.5625,"h":1},
 *  "raw_score":0.84,"event_id":3}}
 * ]| Shown here with line breaks. `timestamp` is the PTS of the buffer in
 * nanoseconds, or null; `result_age` is the time in nanoseconds since the frame
 * that the result comes from.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert !
 * feclip model-file=clip.safetensors ! feclippublish file-path=parts.jsonl !
 * fakesink
 * ]|
 */
#include "publish/gstfeclippublish.h"

#include <errno.h>
#include <fcntl.h>
#include <feclip/gst/meta.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feclip/events/event_structure.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

enum {
  PROP_0,
  PROP_FILE_PATH,
  PROP_INCLUDE_MAP,
  PROP_INCLUDE_EVENTS,
  PROP_APPEND,
  PROP_SOURCE,
};

/* A file of lines that other programs may read while it grows: each line is
 * written as a whole and at once, without a buffer. Errors are
 * G_FILE_ERROR with a sentence that names the file. */
typedef struct {
  char *name; /* for messages */
  int fd;
  gboolean owned;
} LineFile;

struct _GstFeclipPublish {
  GstBaseTransform parent;

  /* Under the object lock. */
  char *file_path;
  char *source;
  gboolean include_map;
  gboolean include_events;
  gboolean append;
  gboolean reopen; /* the file's properties changed since it was opened */

  /* Of state changes, and of the streaming thread between them. */
  LineFile *file;

  /* Of the streaming thread. */
  int width; /* 0: the caps do not say */
  int height;
  FeclipEvent event; /* the last one; ended: no event is active */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE (GstFeclipPublish, gst_feclip_publish,
                     GST_TYPE_BASE_TRANSFORM)

GST_ELEMENT_REGISTER_DEFINE (feclippublish, "feclippublish", GST_RANK_NONE,
                             GST_TYPE_FECLIP_PUBLISH)

/* Line file */

static void
set_file_error (GError **error, const char *what, const char *name, int code)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "Could not %s %s: %s.", what, name, g_strerror (code));
}

/* @path: NULL or "-": standard output, which stays open. Otherwise the file is
 * created, and truncated unless @append. */
static LineFile *
line_file_open (const char *path, gboolean append, GError **error)
{
  LineFile *self = NULL;
  gboolean standard = path == NULL || strcmp (path, "-") == 0;
  int fd = STDOUT_FILENO;

  /* O_APPEND: each line is written to the end, even if other programs write to
   * the file too. */
  if (!standard)
    fd = open (path,
               O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND
                   | (append ? 0 : O_TRUNC),
               0666);
  if (fd < 0) {
    set_file_error (error, "open", path, errno);
    return NULL;
  }
  self = g_new (LineFile, 1);
  *self = (LineFile){
      .name = g_strdup (standard ? "standard output" : path),
      .fd = fd,
      .owned = !standard,
  };
  return self;
}

/* Removes the last @size bytes from a regular file: the part of a line that was
 * written before the failure. */
static void
remove_tail (LineFile *self, gsize size)
{
  struct stat info;

  if (size > 0 && fstat (self->fd, &info) == 0 && S_ISREG (info.st_mode)
      && info.st_size >= (off_t)size
      && ftruncate (self->fd, info.st_size - (off_t)size) != 0)
    g_warning ("%s ends in an incomplete line: %s", self->name,
               g_strerror (errno));
}

/* Writes @line and a line break. On failure a regular file keeps no part of the
 * line, if the system allows that. */
static gboolean
line_file_write (LineFile *self, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize size = strlen (text), done = 0;

  while (done < size) {
    gssize n = write (self->fd, text + done, size - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      set_file_error (error, "write to", self->name, errno);
      remove_tail (self, done);
      return FALSE;
    }
    done += n;
  }
  return TRUE;
}

/* Closes and frees it.
 * Returns: FALSE if the system reports only now that something was not
 * written */
static gboolean
line_file_close (LineFile *self, GError **error)
{
  gboolean ok = !self->owned || close (self->fd) == 0;

  if (!ok)
    set_file_error (error, "finish writing to", self->name, errno);
  g_free (self->name);
  g_free (self);
  return ok;
}

/* Properties */

static void
gst_feclip_publish_set_property (GObject *object, guint id, const GValue *value,
                                 GParamSpec *pspec)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
  case PROP_FILE_PATH:
    g_free (self->file_path);
    self->file_path = g_value_dup_string (value);
    self->reopen = TRUE;
    break;
  case PROP_INCLUDE_MAP:
    self->include_map = g_value_get_boolean (value);
    break;
  case PROP_INCLUDE_EVENTS:
    self->include_events = g_value_get_boolean (value);
    break;
  case PROP_APPEND:
    self->append = g_value_get_boolean (value);
    self->reopen = TRUE;
    break;
  case PROP_SOURCE:
    g_free (self->source);
    self->source = g_value_dup_string (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_feclip_publish_get_property (GObject *object, guint id, GValue *value,
                                 GParamSpec *pspec)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
  case PROP_FILE_PATH:
    g_value_set_string (value, self->file_path);
    break;
  case PROP_INCLUDE_MAP:
    g_value_set_boolean (value, self->include_map);
    break;
  case PROP_INCLUDE_EVENTS:
    g_value_set_boolean (value, self->include_events);
    break;
  case PROP_APPEND:
    g_value_set_boolean (value, self->append);
    break;
  case PROP_SOURCE:
    g_value_set_string (value, self->source);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

/* The file */

static void
post_file_error (GstFeclipPublish *self, const GError *error, int code)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
  GST_ERROR_OBJECT (self, "%s", error->message);
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
                            GST_RESOURCE_ERROR, code, g_strdup (error->message),
                            NULL, __FILE__, GST_FUNCTION, __LINE__);
}

static void
close_file (GstFeclipPublish *self)
{
  g_autoptr (GError) error = NULL;
  LineFile *file = g_steal_pointer (&self->file);

  if (file != NULL && !line_file_close (file, &error))
    post_file_error (self, error, GST_RESOURCE_ERROR_CLOSE);
}

/* Opens the file of the properties, unless it is open already. */
static gboolean
open_file (GstFeclipPublish *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  gboolean append = FALSE, open = FALSE;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->file_path);
  append = self->append;
  open = self->file != NULL && !self->reopen;
  self->reopen = FALSE;
  GST_OBJECT_UNLOCK (self);

  if (open)
    return TRUE;
  close_file (self);
  self->file = line_file_open (path, append, &error);
  if (self->file == NULL)
    post_file_error (self, error, GST_RESOURCE_ERROR_OPEN_WRITE);
  return self->file != NULL;
}

static GstStateChangeReturn
gst_feclip_publish_change_state (GstElement *element, GstStateChange transition)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (element);
  GstStateChangeReturn ret = GST_STATE_CHANGE_FAILURE;

  if ((transition == GST_STATE_CHANGE_NULL_TO_READY
       || transition == GST_STATE_CHANGE_READY_TO_PAUSED)
      && !open_file (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_feclip_publish_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    close_file (self);
  return ret;
}

/* Streaming */

static gboolean
gst_feclip_publish_set_caps (GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (trans);
  const GstStructure *fields = gst_caps_get_structure (in, 0);

  self->width = 0;
  self->height = 0;
  gst_structure_get (fields, "width", G_TYPE_INT, &self->width, "height",
                     G_TYPE_INT, &self->height, NULL);
  return TRUE;
}

/* Fills in the fields of @report that describe the stream.
 * Returns: (transfer full): the source; @report points to it */
static char *
describe_stream (GstFeclipPublish *self, FeclipReport *report)
{
  char *source = NULL;

  GST_OBJECT_LOCK (self);
  source = g_strdup (self->source);
  report->include_map = self->include_map;
  GST_OBJECT_UNLOCK (self);

  if (source == NULL)
    source = gst_pad_get_stream_id (GST_BASE_TRANSFORM_SINK_PAD (self));
  report->source = source;
  report->width = self->width;
  report->height = self->height;
  return source;
}

/* Returns: (transfer full): the line for the frame */
static char *
compose_line (GstFeclipPublish *self, const FeclipVerdict *verdict,
              GstClockTime timestamp)
{
  FeclipReport report = {
      .timestamp = timestamp,
      .threshold = verdict->threshold,
      .pixel_threshold = verdict->pixel_threshold,
      .result_age = verdict->result_age,
      .min_area = verdict->min_area,
      .in_stream = TRUE,
      .raw_score = verdict->raw_score,
      .event_id = verdict->event_id,
  };
  g_autofree char *source = describe_stream (self, &report);

  return feclip_result_to_json (verdict->result, &report);
}

static gboolean
write_line (GstFeclipPublish *self, const char *line)
{
  g_autoptr (GError) error = NULL;

  if (line_file_write (self->file, line, &error))
    return TRUE;
  post_file_error (self, error, GST_RESOURCE_ERROR_WRITE);
  return FALSE;
}

static void
write_event (GstFeclipPublish *self)
{
  FeclipReport report = {0};
  g_autofree char *source = describe_stream (self, &report);
  g_autofree char *line = NULL;
  gboolean include = FALSE;

  GST_OBJECT_LOCK (self);
  include = self->include_events;
  GST_OBJECT_UNLOCK (self);
  if (!include)
    return;
  line = feclip_event_to_json (&self->event, &report);
  write_line (self, line);
}

/* Writes the end of an event that a flush or a stop interrupts: `feclip` cannot
 * send the end downstream then. */
static void
interrupt_event (GstFeclipPublish *self, const char *reason)
{
  if (self->event.ended)
    return;
  self->event.ended = TRUE;
  self->event.end_time = GST_CLOCK_TIME_NONE;
  self->event.duration = GST_CLOCK_TIME_NONE;
  self->event.reason = reason;
  write_event (self);
}

static void
note_peak (GstFeclipPublish *self, const FeclipVerdict *verdict,
           GstClockTime timestamp)
{
  FeclipEvent *event = &self->event;
  g_autoptr (GArray) defects = feclip_result_find_defects (
      verdict->result, self->width, self->height, verdict->pixel_threshold);
  FeclipDefect box = {0};

  feclip_defects_drop_small (defects, self->width, self->height,
                             verdict->min_area);
  if (defects->len > 0)
    box = g_array_index (defects, FeclipDefect, 0);
  event->peak_score = verdict->result->score;
  event->peak_time = timestamp;
  event->x = box.x_min;
  event->y = box.y_min;
  event->width = box.x_max - box.x_min;
  event->height = box.y_max - box.y_min;
}

/* Keeps the numbers for the line that interrupt_event() may write. */
static void
follow_event (GstFeclipPublish *self, const FeclipVerdict *verdict,
              GstClockTime timestamp)
{
  FeclipEvent *event = &self->event;

  /* The frame that started it has been counted. */
  if (event->ended || verdict->event_id != event->id
      || timestamp == event->timestamp)
    return;
  event->n_frames++;
  event->timestamp = timestamp;
  if (verdict->result->score > event->peak_score)
    note_peak (self, verdict, timestamp);
}

static gboolean
gst_feclip_publish_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (trans);
  FeclipEvent received;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    interrupt_event (self, "flush");
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM
             && gst_feclip_event_from_structure (
                 gst_event_get_structure (event), &received)) {
    self->event = received;
    write_event (self);
  }
  return GST_BASE_TRANSFORM_CLASS (gst_feclip_publish_parent_class)
      ->sink_event (trans, event);
}

static gboolean
gst_feclip_publish_start (GstBaseTransform *trans)
{
  GST_FECLIP_PUBLISH (trans)->event.ended = TRUE;
  return TRUE;
}

static gboolean
gst_feclip_publish_stop (GstBaseTransform *trans)
{
  interrupt_event (GST_FECLIP_PUBLISH (trans), "stopped");
  return TRUE;
}

static GstFlowReturn
gst_feclip_publish_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (trans);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);
  g_autofree char *line = NULL;

  if (verdict == NULL || !verdict->fresh)
    return GST_FLOW_OK;
  if (self->width <= 0 || self->height <= 0) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                       ("The input caps of %s have no width and height, which "
                        "are needed to place defects.",
                        GST_ELEMENT_NAME (self)),
                       (NULL));
    return GST_FLOW_NOT_NEGOTIATED;
  }

  line = compose_line (self, verdict, GST_BUFFER_PTS (buffer));
  follow_event (self, verdict, GST_BUFFER_PTS (buffer));
  return write_line (self, line) ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void
gst_feclip_publish_finalize (GObject *object)
{
  GstFeclipPublish *self = GST_FECLIP_PUBLISH (object);

  g_free (self->file_path);
  g_free (self->source);
  G_OBJECT_CLASS (gst_feclip_publish_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE;
  const GParamFlags fixed = common | GST_PARAM_MUTABLE_READY;
  const GParamFlags live = common | GST_PARAM_MUTABLE_PLAYING;

  g_object_class_install_property (
      klass, PROP_FILE_PATH,
      g_param_spec_string (
          "file-path", "File path",
          "Path of the output file; unset or \"-\": standard output", NULL,
          fixed));
  g_object_class_install_property (
      klass, PROP_INCLUDE_MAP,
      g_param_spec_boolean ("include-map", "Include map",
                            "Write the anomaly map too", FALSE, live));
  g_object_class_install_property (
      klass, PROP_INCLUDE_EVENTS,
      g_param_spec_boolean ("include-events", "Include events",
                            "Write a line when an event starts and when it "
                            "ends",
                            FALSE, live));
  g_object_class_install_property (
      klass, PROP_APPEND,
      g_param_spec_boolean (
          "append", "Append",
          "Append to an existing file instead of replacing it", FALSE, fixed));
  g_object_class_install_property (
      klass, PROP_SOURCE,
      g_param_spec_string ("source", "Source",
                           "Name of the stream in the lines; unset: its "
                           "stream-id",
                           NULL, live));
}

static void
gst_feclip_publish_class_init (GstFeclipPublishClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_feclip_publish_set_property;
  object_class->get_property = gst_feclip_publish_get_property;
  object_class->finalize = gst_feclip_publish_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (
      element_class, "FE-CLIP result publisher", "Filter/Metadata",
      "Writes the results of feclip as JSON lines", "The feclip authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = gst_feclip_publish_change_state;

  trans_class->start = gst_feclip_publish_start;
  trans_class->stop = gst_feclip_publish_stop;
  trans_class->set_caps = gst_feclip_publish_set_caps;
  trans_class->sink_event = gst_feclip_publish_sink_event;
  trans_class->transform_ip = gst_feclip_publish_transform_ip;
  trans_class->transform_ip_on_passthrough = TRUE;
}

static void
gst_feclip_publish_init (GstFeclipPublish *self)
{
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
