/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/error.h>
#include <gst/gst.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "synth/arrays.h"
#include "synth/conveyor_video.h"
#include "synth/mvtec_folder.h"

#define MAX_COUNT 1000000

/* The command line. */
typedef struct {
  GStrv paths;
  char *kinds;
  char *defects;
  char *size;
  char *severity;
  char *extent;
  int train;
  int good;
  int defective;
  int count;
  int frames;
  int fps;
  int items;
  double defective_share;
  double belt_share;
  gint64 seed;
  int threads;
  gboolean vary;
  gboolean npy;
  gboolean video;
  gboolean force;
  gboolean list;
} Request;

static int
show_list (void)
{
  g_autoptr (GString) text =
      g_string_new ("Kinds and the defects they have:\n");
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);

  for (guint i = 0; i < n; i++) {
    const char *separator = "  ";

    g_string_append_printf (text, "%s\n", kinds[i].name);
    for (int j = 0; j < FE_N_DEFECTS; j++) {
      if (!(kinds[i].defects & 1u << j))
        continue;
      g_string_append_printf (text, "%s%s", separator,
                              fe_defect_kind (j)->name);
      separator = " ";
    }
    g_string_append_c (text, '\n');
  }
  return fe_output_print (text->str);
}

static char *
join_kinds (void)
{
  GString *names = g_string_new (NULL);
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", kinds[i].name);
  return g_string_free (names, FALSE);
}

static char *
join_defects (void)
{
  GString *names = g_string_new (NULL);

  for (int i = 0; i < FE_N_DEFECTS; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            fe_defect_kind (i)->name);
  return g_string_free (names, FALSE);
}

/* Without --kinds all kinds; for a video all objects that a belt can carry. */
static int
choose_kinds (const Request *request, FePlan *plan)
{
  g_auto (GStrv) names =
      request->kinds ? g_strsplit (request->kinds, ",", -1) : NULL;
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);

  for (guint i = 0; !names && i < n; i++)
    if (!request->video
        || (kinds[i].object && fe_conveyor_can_carry (&kinds[i])))
      g_ptr_array_add (plan->kinds, (gpointer)&kinds[i]);
  for (guint i = 0; names && names[i]; i++) {
    const FeSurfaceKind *kind = fe_surface_kind_find (names[i]);

    if (!kind) {
      g_autofree char *known = join_kinds ();

      return fe_message_usage ("--kinds: there is no kind \"%s\"; there are %s",
                               names[i], known);
    }
    if (request->video && !fe_conveyor_can_carry (kind))
      return fe_message_usage ("--kinds: %s cannot lie on a conveyor",
                               kind->name);
    if (!g_ptr_array_find (plan->kinds, kind, NULL))
      g_ptr_array_add (plan->kinds, (gpointer)kind);
  }
  return FE_EXIT_DONE;
}

static int
choose_defects (const Request *request, FePlan *plan)
{
  g_auto (GStrv) names =
      request->defects ? g_strsplit (request->defects, ",", -1) : NULL;

  plan->defects = names ? 0 : G_MAXUINT;
  for (guint i = 0; names && names[i]; i++) {
    int id = fe_defect_find (names[i]);

    if (id < 0) {
      g_autofree char *known = join_defects ();

      return fe_message_usage (
          "--defects: there is no defect \"%s\"; there are %s", names[i],
          known);
    }
    plan->defects |= 1u << id;
  }
  for (guint i = 0; i < plan->kinds->len; i++) {
    const FeSurfaceKind *kind = g_ptr_array_index (plan->kinds, i);

    if (names && request->kinds && !(kind->defects & plan->defects))
      return fe_message_usage ("--defects: %s has none of these; "
                               "see feclip synth --list",
                               kind->name);
  }
  return FE_EXIT_DONE;
}

/* Drops kinds without any of the selected defects. */
static void
drop_unsuited (FePlan *plan)
{
  for (guint i = plan->kinds->len; i-- > 0;) {
    const FeSurfaceKind *kind = g_ptr_array_index (plan->kinds, i);

    if (!(kind->defects & plan->defects))
      g_ptr_array_remove_index (plan->kinds, i);
  }
}

static gboolean
parse_edge (const char *text, int *edge)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, FE_SAMPLE_MIN_EDGE,
                                   FE_SAMPLE_MAX_EDGE, &number, NULL))
    return FALSE;
  *edge = (int)number;
  return TRUE;
}

static int
choose_size (const Request *request, FePlan *plan)
{
  const char *size = request->size    ? request->size
                     : request->video ? "640x360"
                                      : "256";
  g_auto (GStrv) edges = g_strsplit (size, "x", -1);
  guint n = g_strv_length (edges);
  gboolean right = n >= 1 && n <= 2 && parse_edge (edges[0], &plan->width)
                   && parse_edge (edges[n - 1], &plan->height);

  if (!right)
    return fe_message_usage ("--size: \"%s\" is not a size such as 256 or "
                             "640x360 with edges from %d to %d",
                             size, FE_SAMPLE_MIN_EDGE, FE_SAMPLE_MAX_EDGE);
  if (request->video && (plan->width % 2 != 0 || plan->height % 2 != 0))
    return fe_message_usage ("--size: a video's edges are even, not %dx%d",
                             plan->width, plan->height);
  return FE_EXIT_DONE;
}

static gboolean
parse_share (const char *text, double *number)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *number >= 0 && *number <= 1;
}

/* A single number stands for both ends. */
static int
choose_range (const char *option, const char *text, FeRange *range)
{
  g_auto (GStrv) ends = g_strsplit (text ? text : "0-1", "-", -1);
  guint n = g_strv_length (ends);
  double low;
  double high;

  if (n < 1 || n > 2 || !parse_share (ends[0], &low)
      || !parse_share (ends[n - 1], &high) || low > high)
    return fe_message_usage ("--%s: \"%s\" is not a range from 0 to 1 such as "
                             "0.3-0.8",
                             option, text);
  *range = (FeRange){(float)low, (float)high};
  return FE_EXIT_DONE;
}

static int
check_counts (const Request *request)
{
  const struct {
    const char *name;
    int number;
    int least;
  } counts[] = {
      {"train", request->train, 0},         {"good", request->good, 0},
      {"defective", request->defective, 0}, {"count", request->count, 1},
      {"frames", request->frames, 1},       {"fps", request->fps, 1},
      {"items", request->items, 1},         {"threads", request->threads, 0}};

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i].number < counts[i].least || counts[i].number > MAX_COUNT)
      return fe_message_usage ("--%s: %d is not from %d to %d", counts[i].name,
                               counts[i].number, counts[i].least, MAX_COUNT);
  if (!(request->defective_share >= 0 && request->defective_share <= 1))
    return fe_message_usage ("--defective-share: %g is not from 0 to 1",
                             request->defective_share);
  if (!(request->belt_share >= 0 && request->belt_share <= 1))
    return fe_message_usage ("--belt-share: %g is not from 0 to 1",
                             request->belt_share);
  if (request->npy && request->video)
    return fe_message_usage ("--npy and --video exclude each other");
  return FE_EXIT_DONE;
}

static void
show_progress (guint done, guint total, gint64 start_us)
{
  /* Not after every image, because writing to a terminal takes time. */
  if (done % 8 == 0 || done == total)
    fe_progress_show_count ("image", done, total, start_us);
}

/* Turns the request into a plan. Returns an exit status. */
static int
make_plan (const Request *request, FePlan *plan)
{
  int status = check_counts (request);

  plan->seed = (guint64)request->seed;
  plan->threads =
      request->threads > 0 ? (guint)request->threads : g_get_num_processors ();
  plan->vary = request->vary || request->npy;
  plan->belt_share = (float)request->belt_share;
  plan->progress = show_progress;
  if (status == FE_EXIT_DONE)
    status = choose_kinds (request, plan);
  if (status == FE_EXIT_DONE)
    status = choose_defects (request, plan);
  if (status == FE_EXIT_DONE)
    status = choose_size (request, plan);
  if (status == FE_EXIT_DONE)
    status = choose_range ("severity", request->severity, &plan->severity);
  if (status == FE_EXIT_DONE)
    status = choose_range ("extent", request->extent, &plan->extent);
  drop_unsuited (plan);
  if (status == FE_EXIT_DONE && plan->kinds->len == 0)
    status = fe_message_usage ("no kind has one of these defects; "
                               "see feclip synth --list");
  return status;
}

/* Images of another run must not mix with the new ones. */
static gboolean
check_folder (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  if (!dir || !g_dir_read_name (dir))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "the folder %s is not empty; choose another one, or write into "
               "it with --force",
               path);
  return FALSE;
}

static int
write_video (const Request *request, const FePlan *plan, const char *path)
{
  const FeConveyorShow show = {
      .frames = (guint)request->frames,
      .fps = (guint)request->fps,
      .items = (guint)request->items,
      .defective = request->defective_share,
  };
  g_autoptr (GError) error = NULL;
  gboolean written = gst_init_check (NULL, NULL, &error)
                     && fe_conveyor_video_write (plan, &show, path, &error);

  fe_progress_hide ();
  return written ? FE_EXIT_DONE : fe_message_failure (error);
}

static int
write_images (const Request *request, const FePlan *plan, const char *path)
{
  const FeFolderCounts counts = {
      .train = (guint)request->train,
      .good = (guint)request->good,
      .defective = (guint)request->defective,
  };
  g_autoptr (GError) error = NULL;
  gboolean written = request->force || check_folder (path, &error);

  if (written && request->npy)
    written =
        fe_arrays_write (plan, ((guint)request->count + 1) / 2, path, &error);
  else if (written)
    written = fe_folder_write (plan, &counts, path, &error) >= 0;
  fe_progress_hide ();
  return written ? FE_EXIT_DONE : fe_message_failure (error);
}

static int
run_request (const Request *request)
{
  FePlan plan = {.kinds = g_ptr_array_new ()};
  int status;

  if (request->list) {
    status = show_list ();
  } else if (!request->paths) {
    status = fe_message_usage ("a folder to write to is missing");
  } else if (request->paths[1]) {
    status =
        fe_message_usage ("\"%s\" is one argument too many", request->paths[1]);
  } else {
    status = make_plan (request, &plan);
    if (status == FE_EXIT_DONE && request->video)
      status = write_video (request, &plan, request->paths[0]);
    else if (status == FE_EXIT_DONE)
      status = write_images (request, &plan, request->paths[0]);
  }
  g_ptr_array_unref (plan.kinds);
  return status;
}

/* What the images show. */
static void
add_content_options (GArray *entries, Request *request)
{
  const GOptionEntry more[] = {
      FE_OPTION ("list", NONE, &request->list,
                 "List the kinds and their defects.", NULL),
      FE_OPTION ("kinds", STRING, &request->kinds,
                 "The kinds of items. Default: all.", "KIND,…"),
      FE_OPTION (
          "defects", STRING, &request->defects,
          "The kinds of defects. Default: all that a kind of item can have.",
          "DEFECT,…"),
      FE_OPTION (
          "size", STRING, &request->size,
          "The size of an image in pixels. Default: 256, for a video 640x360.",
          "N|WxH"),
      FE_OPTION (
          "severity", STRING, &request->severity,
          "The contrast of the defects, from 0, faint, to 1. Default: 0-1.",
          "LOW-HIGH"),
      FE_OPTION ("extent", STRING, &request->extent,
                 "The size of the defects, from 0, a few pixels, to 1, a large "
                 "part of the image. Default: 0-1.",
                 "LOW-HIGH"),
      FE_OPTION ("vary", NONE, &request->vary,
                 "Show a different product in different light in every image.",
                 NULL),
      FE_OPTION ("seed", INT64, &request->seed,
                 "The seed: the same number gives the same images. Default: 1.",
                 "NUMBER"),
  };

  g_array_append_vals (entries, more, G_N_ELEMENTS (more));
}

/* What is written, and how many images. */
static void
add_output_options (GArray *entries, Request *request)
{
  const GOptionEntry more[] = {
      FE_OPTION ("train", INT, &request->train,
                 "Normal training images of each kind. Default: 20.", "N"),
      FE_OPTION ("good", INT, &request->good,
                 "Normal test images of each kind. Default: 10.", "N"),
      FE_OPTION ("defective", INT, &request->defective,
                 "Test images of each defect of each kind. Default: 5.", "N"),
      FE_OPTION (
          "npy", NONE, &request->npy,
          "Write NumPy arrays: pairs of an item without and with a defect.",
          NULL),
      FE_OPTION ("count", INT, &request->count,
                 "With --npy, the number of images. Default: 1000.", "N"),
      FE_OPTION (
          "belt-share", DOUBLE, &request->belt_share,
          "With --npy, the share of objects that lie on a conveyor, from 0 "
          "to 1. Default: 0.",
          "NUMBER"),
      FE_OPTION (
          "video", NONE, &request->video,
          "Write the video of a conveyor to FILE (.mp4, .mkv, .webm, .avi), "
          "and its items and defects to a .json file beside it.",
          NULL),
      FE_OPTION ("frames", INT, &request->frames,
                 "The number of frames of the video. Default: 300.", "N"),
      FE_OPTION ("fps", INT, &request->fps,
                 "The frames per second of the video. Default: 25.", "N"),
      FE_OPTION ("items", INT, &request->items,
                 "The number of items in the video. Default: 10.", "N"),
      FE_OPTION ("defective-share", DOUBLE, &request->defective_share,
                 "With --video, the share of defective items, from 0 to 1. "
                 "Default: 0.3.",
                 "NUMBER"),
      FE_OPTION ("threads", INT, &request->threads,
                 "The number of threads. Default: 0, one per processor.", "N"),
      FE_OPTION ("force", NONE, &request->force,
                 "Write into a folder that is not empty.", NULL),
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &request->paths, NULL, NULL},
  };

  g_array_append_vals (entries, more, G_N_ELEMENTS (more));
}

static gboolean
read_request (Request *request, char **argv, int *status)
{
  /* Ends with an empty entry. */
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  FeOptions options = {
      .arguments = "DIR|FILE",
      .summary = "Generates inspection images of good and defective items with "
                 "exact masks: folders in the layout of MVTec AD, arrays for "
                 "training, or the video of a conveyor.",
  };

  add_content_options (entries, request);
  add_output_options (entries, request);
  options.entries = (const GOptionEntry *)(gpointer)entries->data;
  return fe_options_parse (&options, argv, status);
}

int
fe_command_synth (char **argv)
{
  Request request = {
      .train = 20,
      .good = 10,
      .defective = 5,
      .count = 1000,
      .frames = 300,
      .fps = 25,
      .items = 10,
      .defective_share = 0.3,
      .seed = 1,
  };
  int status;

  if (read_request (&request, argv, &status))
    status = run_request (&request);
  g_strfreev (request.paths);
  g_free (request.kinds);
  g_free (request.defects);
  g_free (request.size);
  g_free (request.severity);
  g_free (request.extent);
  return status;
}
