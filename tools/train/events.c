/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/events.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "events.out.tfevents.feclip"

/* CRC-32C's polynomial, bits reversed, and what records add to a checksum. */
#define POLYNOMIAL 0x82f63b78u
#define MASK_DELTA 0xa282ead8u

/* Protocol buffers' kinds of fields. */
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

struct _FeEvents {
  char *path;
  FILE *file;
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
fail (const FeEvents *self, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: could not be written: %s", self->path, g_strerror (errno));
  return FALSE;
}

/* A record is a length, its checksum, the event and its checksum. */
static gboolean
write_record (FeEvents *self, const GByteArray *event, GError **error)
{
  g_autoptr (GByteArray) record = g_byte_array_new ();

  add_fixed64 (record, event->len);
  add_fixed32 (record, masked_crc (record->data, record->len));
  g_byte_array_append (record, event->data, event->len);
  add_fixed32 (record, masked_crc (event->data, event->len));
  return fwrite (record->data, 1, record->len, self->file) == record->len
         || fail (self, error);
}

FeEvents *
fe_events_new (const char *folder, GError **error)
{
  static const char version[] = "brain.Event:2";
  g_autoptr (FeEvents) self = g_new0 (FeEvents, 1);
  g_autoptr (GByteArray) event = event_new ();

  self->path = g_build_filename (folder, FILE_NAME, NULL);
  if (g_mkdir_with_parents (folder, 0777) == 0)
    self->file = g_fopen (self->path, "wb");
  if (!self->file) {
    fail (self, error);
    return NULL;
  }
  add_bytes (event, EVENT_VERSION, version, strlen (version));
  return write_record (self, event, error) ? g_steal_pointer (&self) : NULL;
}

void
fe_events_free (FeEvents *self)
{
  if (!self)
    return;
  if (self->file)
    fclose (self->file);
  g_free (self->path);
  g_free (self);
}

gboolean
fe_events_add (FeEvents *self, gint64 step, const char *tag, float value,
               GError **error)
{
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
  add_varint (event, (guint64)step);
  add_bytes (event, EVENT_SUMMARY, summary->data, summary->len);
  return write_record (self, event, error);
}

gboolean
fe_events_flush (FeEvents *self, GError **error)
{
  return fflush (self->file) == 0 || fail (self, error);
}
