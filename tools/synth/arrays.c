/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/arrays.h"

#include <errno.h>
#include <fcntl.h>
#include <feclip/error.h>
#include <string.h>
#include <unistd.h>

#include "image_io/output_folder.h"
#include "image_io/png.h"
#include "synth/belt_sample.h"
#include "synth/caption.h"
#include "synth/conveyor.h"

#define N_LABELS 6
/* The length of an NPY header with its padding. */
#define HEADER 128

/* A file of entries of equal size that are written in any order. */
typedef struct {
  char *path;
  int fd;
  gsize entry;
} Array;

typedef struct {
  const FePlan *plan;
  Array images;
  Array masks;
  Array labels;
  Array severities;
  char **lines;
} Arrays;

static gboolean
fail (const Array *array, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s cannot be written: %s", array->path, g_strerror (errno));
  return FALSE;
}

static gboolean
write_at (const Array *array, gconstpointer data, gsize size, gsize offset,
          GError **error)
{
  while (size > 0) {
    gssize written = pwrite (array->fd, data, size, (off_t)offset);

    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return fail (array, error);
    data = (const char *)data + written;
    size -= (gsize)written;
    offset += (gsize)written;
  }
  return TRUE;
}

static gboolean
write_entry (const Array *array, guint index, gconstpointer data,
             GError **error)
{
  return write_at (array, data, array->entry,
                   HEADER + (gsize)index * array->entry, error);
}

/* @shape is the shape of one entry, such as "64, 64, 3". */
static gboolean
open_array (Array *array, const char *folder, const char *name,
            const char *type, guint n, const char *shape, GError **error)
{
  char header[HEADER + 1];
  int length;

  array->path = g_build_filename (folder, name, NULL);
  array->fd =
      open (array->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (array->fd < 0)
    return fail (array, error);
  /* The magic number, the version and the length of what follows. */
  memcpy (header, "\x93NUMPY\x01\x00", 8);
  header[8] = HEADER - 10;
  header[9] = 0;
  length = g_snprintf (header + 10, HEADER - 10,
                       "{'descr': '%s', 'fortran_order': False, "
                       "'shape': (%u, %s), }",
                       type, n, shape);
  memset (header + 10 + length, ' ', (gsize)(HEADER - 10 - length));
  header[HEADER - 1] = '\n';
  return write_at (array, header, HEADER, 0, error);
}

static gboolean
close_array (Array *array, GError **error)
{
  gboolean closed = array->fd < 0 || close (array->fd) == 0;

  array->fd = -1;
  return closed || fail (array, error);
}

static gboolean
write_sample (const Arrays *self, guint index, const FeSample *sample,
              gboolean good, GError **error)
{
  const FePixels *box = &sample->mask.box;
  guint n;
  gint32 kind = (gint32)(sample->request.surface - fe_surface_kinds (&n));
  const gint32 bad_labels[N_LABELS] = {
      kind,     sample->request.defect, box->left,
      box->top, box->right - box->left, box->bottom - box->top};
  const gint32 good_labels[N_LABELS] = {kind, FE_SAMPLE_GOOD};
  float severity = good ? 0 : sample->severity;
  g_autofree guint8 *blank = good ? g_malloc0 (self->masks.entry) : NULL;

  return write_entry (&self->images, index,
                      good ? sample->good_pixels : sample->pixels, error)
         && write_entry (&self->masks, index,
                         good ? blank : sample->mask.pixels, error)
         && write_entry (&self->labels, index, good ? good_labels : bad_labels,
                         error)
         && write_entry (&self->severities, index, &severity, error);
}

/* Chooses a random kind and one of its defects. */
static FeSampleRequest
choose_request (const FePlan *plan, guint index)
{
  FeRandom random = fe_random_make (fe_random_seed (plan->seed, "pair", index));
  int place = fe_random_int (&random, 0, (int)plan->kinds->len - 1);
  const FeSurfaceKind *kind = g_ptr_array_index (plan->kinds, place);
  int defect = fe_random_int (&random, 0, FE_N_DEFECTS - 1);
  FeSampleRequest request;

  while (!(kind->defects & plan->defects & 1u << defect))
    defect = (defect + fe_random_int (&random, 1, 7)) % FE_N_DEFECTS;
  request = fe_plan_request (plan, kind, defect, "pair", index);
  request.pair = TRUE;
  return request;
}

static gboolean
lies_on_belt (const FePlan *plan, const FeSampleRequest *request)
{
  FeRandom random = fe_random_make (fe_random_seed (request->item, "place", 0));

  return request->surface->object && fe_conveyor_can_carry (request->surface)
         && fe_random_unit (&random) < plan->belt_share;
}

static gboolean
make_pair (gpointer data, guint index, GError **error)
{
  Arrays *self = data;
  FeSampleRequest request = choose_request (self->plan, index);
  g_autoptr (FeSample) sample = NULL;
  g_autofree char *good_place = g_strdup_printf ("%u", 2 * index);
  g_autofree char *place = g_strdup_printf ("%u", 2 * index + 1);

  sample = lies_on_belt (self->plan, &request) ? fe_belt_sample_new (&request)
                                               : fe_sample_new (&request);
  self->lines[2 * index] = fe_caption_to_json (sample, TRUE, good_place, NULL);
  self->lines[2 * index + 1] = fe_caption_to_json (sample, FALSE, place, place);
  return write_sample (self, 2 * index, sample, TRUE, error)
         && write_sample (self, 2 * index + 1, sample, FALSE, error);
}

static gboolean
write_names (const char *path, GError **error)
{
  g_autofree char *file = g_build_filename (path, "names.json", NULL);
  GString *text = g_string_new ("{\"kinds\":[");
  guint n;
  const FeSurfaceKind *kinds = fe_surface_kinds (&n);
  gboolean written;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? "," : "", kinds[i].name);
  g_string_append (text, "],\"defects\":[");
  for (int i = 0; i < FE_N_DEFECTS; i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? "," : "",
                            fe_defect_kind (i)->name);
  g_string_append (text, "]}\n");
  written = g_file_set_contents (file, text->str, (gssize)text->len, error);
  g_string_free (text, TRUE);
  return written;
}

static gboolean
write_captions (const Arrays *self, const char *path, GError **error)
{
  g_autofree char *file = g_build_filename (path, "captions.jsonl", NULL);
  g_autofree char *text = g_strjoinv ("", self->lines);

  return g_file_set_contents (file, text, -1, error);
}

static gboolean
open_arrays (Arrays *self, guint n, const char *path, GError **error)
{
  gsize pixels = (gsize)self->plan->width * (gsize)self->plan->height;
  const char *float_type = G_BYTE_ORDER == G_LITTLE_ENDIAN ? "<f4" : ">f4";
  const char *int_type = G_BYTE_ORDER == G_LITTLE_ENDIAN ? "<i4" : ">i4";
  g_autofree char *shape =
      g_strdup_printf ("%d, %d", self->plan->height, self->plan->width);
  g_autofree char *rgb_shape = g_strconcat (shape, ", 3", NULL);

  self->images.entry = pixels * 3;
  self->masks.entry = pixels;
  self->labels.entry = sizeof (gint32) * N_LABELS;
  self->severities.entry = sizeof (float);
  return fe_output_folder_make (path, error)
         && open_array (&self->images, path, "images.npy", "|u1", n, rgb_shape,
                        error)
         && open_array (&self->masks, path, "masks.npy", "|u1", n, shape, error)
         && open_array (&self->labels, path, "labels.npy", int_type, n, "6",
                        error)
         && open_array (&self->severities, path, "severity.npy", float_type, n,
                        "", error);
}

gboolean
fe_arrays_write (const FePlan *plan, guint n_pairs, const char *path,
                 GError **error)
{
  Arrays self = {.plan = plan,
                 .images.fd = -1,
                 .masks.fd = -1,
                 .labels.fd = -1,
                 .severities.fd = -1,
                 .lines = g_new0 (char *, 2 * (gsize)n_pairs + 1)};
  Array *const all[] = {&self.images, &self.masks, &self.labels,
                        &self.severities};
  gboolean done = open_arrays (&self, 2 * n_pairs, path, error)
                  && fe_plan_run (plan, n_pairs, make_pair, &self, error)
                  && write_captions (&self, path, error)
                  && write_names (path, error);

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    /* The first error is reported. */
    if (!close_array (all[i], done ? error : NULL))
      done = FALSE;
    g_free (all[i]->path);
  }
  for (gsize i = 0; i < 2 * (gsize)n_pairs; i++)
    g_free (self.lines[i]);
  g_free (self.lines);
  return done;
}
