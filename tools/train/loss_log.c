/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/loss_log.h"

#include <cairo.h>
#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 960
#define HEIGHT 540
#define LEFT 64.0
#define RIGHT 24.0
#define TOP 44.0
#define BOTTOM 48.0
#define N_POINTS 240
#define N_LINES 5 /* of the grid */
#define TEXT_SIZE 14.0

static const char *const loss_names[FE_N_LOSSES] = {"score", "focal", "dice"};

/* Distinct for color-blind people, too (Okabe and Ito). */
static const double colors[FE_N_LOSSES][3] = {
    {0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45}};

typedef struct {
  cairo_t *cr;
  guint n;      /* steps */
  guint points; /* of a curve */
  double largest;
  double (*values)[FE_N_LOSSES]; /* [points] */
} Chart;

static double
place_x (double share)
{
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double
place_y (const Chart *self, double value)
{
  return HEIGHT - BOTTOM - value / self->largest * (HEIGHT - TOP - BOTTOM);
}

static void
average (Chart *self, const float *losses)
{
  for (guint i = 0; i < self->points; i++) {
    guint first = (guint)((guint64)i * self->n / self->points);
    guint end = (guint)((guint64)(i + 1) * self->n / self->points);

    for (guint c = 0; c < FE_N_LOSSES; c++) {
      double sum = 0;

      for (guint step = first; step < end; step++)
        sum += losses[step * FE_N_LOSSES + c];
      self->values[i][c] = sum / (end - first);
      self->largest = MAX (self->largest, self->values[i][c]);
    }
  }
}

/* Rounds the scale up so that each interval of the grid is 1, 2, 5 or 10 times
 * a power of ten. */
static void
round_scale (Chart *self)
{
  static const double steps[] = {1, 2, 5, 10};
  double step = MAX (self->largest, 1e-6) / N_LINES;
  double power = pow (10, floor (log10 (step)));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    self->largest = steps[i] * power * N_LINES;
    if (steps[i] * power >= step)
      return;
  }
}

static void
draw_text (const Chart *self, double x, double y, const char *text)
{
  cairo_move_to (self->cr, x, y);
  cairo_show_text (self->cr, text);
  cairo_new_path (self->cr); /* showing text leaves a current point */
}

static void
draw_axes (const Chart *self, guint steps_per_epoch)
{
  guint epochs = (self->n + steps_per_epoch - 1) / steps_per_epoch;
  guint every = MAX (1, (epochs + 9) / 10);

  cairo_set_line_width (self->cr, 1);
  for (guint i = 0; i <= N_LINES; i++) {
    double value = self->largest * i / N_LINES;
    double y = place_y (self, value);
    g_autofree char *text = g_strdup_printf ("%.3g", value);

    cairo_set_source_rgb (self->cr, 0.85, 0.85, 0.85);
    cairo_move_to (self->cr, LEFT, y);
    cairo_line_to (self->cr, WIDTH - RIGHT, y);
    cairo_stroke (self->cr);
    cairo_set_source_rgb (self->cr, 0.25, 0.25, 0.25);
    draw_text (self, 12, y + TEXT_SIZE / 3, text);
  }
  for (guint epoch = 0; epoch <= self->n / steps_per_epoch; epoch += every) {
    g_autofree char *text = g_strdup_printf ("%u", epoch);
    double share = (double)epoch * steps_per_epoch / self->n;

    draw_text (self, place_x (share) - 4, HEIGHT - BOTTOM + 20, text);
  }
  draw_text (self, WIDTH / 2.0 - 20, HEIGHT - 8, "epoch");
}

static void
draw_curves (const Chart *self)
{
  for (guint c = 0; c < FE_N_LOSSES; c++) {
    cairo_set_source_rgb (self->cr, colors[c][0], colors[c][1], colors[c][2]);
    cairo_set_line_width (self->cr, 2);
    for (guint i = 0; i < self->points; i++)
      cairo_line_to (self->cr, place_x ((i + 0.5) / self->points),
                     place_y (self, self->values[i][c]));
    cairo_stroke (self->cr);
    draw_text (self, LEFT + 90 * c, 26, loss_names[c]);
  }
}

/* Draws the losses over the steps into a PNG file; each point is the mean of
 * its share of the steps. */
static gboolean
draw_chart (const float *losses, guint n, guint steps_per_epoch,
            const char *path, GError **error)
{
  double values[N_POINTS][FE_N_LOSSES];
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  Chart chart = {
      .cr = cairo_create (surface),
      .n = n,
      .points = MIN (n, N_POINTS),
      .values = values,
  };
  cairo_status_t status;

  cairo_set_source_rgb (chart.cr, 1, 1, 1);
  cairo_paint (chart.cr);
  cairo_select_font_face (chart.cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (chart.cr, TEXT_SIZE);
  if (n > 0) {
    average (&chart, losses);
    round_scale (&chart);
    draw_axes (&chart, steps_per_epoch);
    draw_curves (&chart);
  }
  cairo_destroy (chart.cr);
  status = cairo_surface_write_to_png (surface, path);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: could not be written: %s", path,
               cairo_status_to_string (status));
  return FALSE;
}

#define FILE_NAME "events.out.tfevents.feclip"

/* The polynomial of CRC-32C with its bits reversed, and the constant that masks
 * a checksum. */
#define POLYNOMIAL 0x82f63b78u
#define MASK_DELTA 0xa282ead8u

/* Wire types of protocol buffers. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* Fields of TensorFlow's Event, Summary and Summary.Value. */
enum {
  EVENT_WALL_TIME = 1,
  EVENT_STEP = 2,
  EVENT_VERSION = 3,
  EVENT_SUMMARY = 5,
  SUMMARY_VALUE = 1,
  VALUE_TAG = 1,
  VALUE_SIMPLE = 2,
};

struct _FeLossLog {
  /* The event file, NULL for none. */
  char *path;
  FILE *file;
  /* The PNG file, NULL for none. */
  char *chart;
};

static guint32
masked_crc (const void *data, gsize size)
{
  const guint8 *bytes = data;
  guint32 crc = G_MAXUINT32;

  for (gsize i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + MASK_DELTA;
}

static void
add_varint (GByteArray *to, guint64 value)
{
  do {
    guint8 byte = (guint8)((value & 127) | (value > 127 ? 128 : 0));

    g_byte_array_append (to, &byte, 1);
    value >>= 7;
  } while (value);
}

static void
add_key (GByteArray *to, guint field, guint kind)
{
  add_varint (to, field << 3 | kind);
}

static void
add_bytes (GByteArray *to, guint field, const void *data, gsize size)
{
  add_key (to, field, BYTES);
  add_varint (to, size);
  g_byte_array_append (to, data, (guint)size);
}

static void
add_fixed32 (GByteArray *to, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (to, (const guint8 *)&value, sizeof value);
}

static void
add_fixed64 (GByteArray *to, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (to, (const guint8 *)&value, sizeof value);
}

/* An event with its time; the caller adds the rest. */
static GByteArray *
event_new (void)
{
  GByteArray *event = g_byte_array_new ();
  double seconds = (double)g_get_real_time () / 1e6;
  guint64 bits;

  memcpy (&bits, &seconds, sizeof bits);
  add_key (event, EVENT_WALL_TIME, FIXED64);
  add_fixed64 (event, bits);
  return event;
}

static gboolean
fail (const FeLossLog *self, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: could not be written: %s", self->path, g_strerror (errno));
  return FALSE;
}

/* A record is a length, its checksum, the event and its checksum. */
static gboolean
write_record (FeLossLog *self, const GByteArray *event, GError **error)
{
  g_autoptr (GByteArray) record = g_byte_array_new ();

  add_fixed64 (record, event->len);
  add_fixed32 (record, masked_crc (record->data, record->len));
  g_byte_array_append (record, event->data, event->len);
  add_fixed32 (record, masked_crc (event->data, event->len));
  return fwrite (record->data, 1, record->len, self->file) == record->len
         || fail (self, error);
}

/* Creates the event file with its first record. */
static gboolean
open_file (FeLossLog *self, const char *folder, GError **error)
{
  static const char version[] = "brain.Event:2";
  g_autoptr (GByteArray) event = event_new ();

  self->path = g_build_filename (folder, FILE_NAME, NULL);
  if (g_mkdir_with_parents (folder, 0777) == 0)
    self->file = g_fopen (self->path, "wb");
  if (!self->file)
    return fail (self, error);
  add_bytes (event, EVENT_VERSION, version, strlen (version));
  return write_record (self, event, error);
}

FeLossLog *
fe_loss_log_new (const char *folder, const char *chart, GError **error)
{
  g_autoptr (FeLossLog) self = g_new0 (FeLossLog, 1);

  self->chart = g_strdup (chart);
  if (folder && !open_file (self, folder, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fe_loss_log_free (FeLossLog *self)
{
  if (!self)
    return;
  if (self->file)
    fclose (self->file);
  g_free (self->path);
  g_free (self->chart);
  g_free (self);
}

static gboolean
write_loss (FeLossLog *self, guint step, const char *name, float value,
            GError **error)
{
  g_autofree char *tag = g_strconcat ("loss/", name, NULL);
  g_autoptr (GByteArray) entry = g_byte_array_new ();
  g_autoptr (GByteArray) summary = g_byte_array_new ();
  g_autoptr (GByteArray) event = event_new ();
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  add_bytes (entry, VALUE_TAG, tag, strlen (tag));
  add_key (entry, VALUE_SIMPLE, FIXED32);
  add_fixed32 (entry, bits);
  add_bytes (summary, SUMMARY_VALUE, entry->data, entry->len);
  add_key (event, EVENT_STEP, VARINT);
  add_varint (event, (guint64)step + 1);
  add_bytes (event, EVENT_SUMMARY, summary->data, summary->len);
  return write_record (self, event, error);
}

gboolean
fe_loss_log_add (FeLossLog *self, guint step, const float *losses,
                 GError **error)
{
  for (guint i = 0; self->file && i < FE_N_LOSSES; i++)
    if (!write_loss (self, step, loss_names[i], losses[i], error))
      return FALSE;
  return TRUE;
}

gboolean
fe_loss_log_update (FeLossLog *self, const float *losses, guint n,
                    guint steps_per_epoch, GError **error)
{
  if (self->file && fflush (self->file) != 0)
    return fail (self, error);
  return !self->chart
         || draw_chart (losses, n, steps_per_epoch, self->chart, error);
}
