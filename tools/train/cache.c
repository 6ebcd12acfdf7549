/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/cache.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _FeCache {
  int fd;
  guint64 limit;
  gsize size; /* of an image, 0 before the first */
  guint n_slots;
  guint32 *slots; /* [n] place in the file + 1, 0: none */
};

FeCache *
fe_cache_new (const char *path, guint n, guint64 limit, GError **error)
{
  g_autofree char *name = g_build_filename (path, "feclip-train-XXXXXX", NULL);
  int fd = g_mkstemp (name);
  FeCache *self;

  if (fd < 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: could not be created: %s", name, g_strerror (errno));
    return NULL;
  }
  g_unlink (name);
  self = g_new0 (FeCache, 1);
  self->fd = fd;
  self->limit = limit;
  self->slots = g_new0 (guint32, n);
  return self;
}

void
fe_cache_free (FeCache *self)
{
  if (!self)
    return;
  close (self->fd);
  g_free (self->slots);
  g_free (self);
}

GBytes *
fe_cache_get (FeCache *self, guint index)
{
  g_autofree guint8 *data = NULL;
  guint32 slot = self->slots[index];
  off_t at = (off_t)(slot - 1) * (off_t)self->size;

  if (!slot)
    return NULL;
  data = g_malloc (self->size);
  for (gsize done = 0; done < self->size;) {
    gssize n =
        pread (self->fd, data + done, self->size - done, at + (off_t)done);

    if (n <= 0)
      return NULL; /* it can be encoded again */
    done += (gsize)n;
  }
  return g_bytes_new_take (g_steal_pointer (&data), self->size);
}

void
fe_cache_put (FeCache *self, guint index, GBytes *sample)
{
  const guint8 *data = g_bytes_get_data (sample, &self->size);
  off_t at = (off_t)self->n_slots * (off_t)self->size;

  if (self->slots[index] || (guint64)at + self->size > self->limit)
    return;
  for (gsize done = 0; done < self->size;) {
    gssize n =
        pwrite (self->fd, data + done, self->size - done, at + (off_t)done);

    if (n <= 0) {
      self->limit = 0; /* the disk is full: go on without */
      return;
    }
    done += (gsize)n;
  }
  self->slots[index] = ++self->n_slots;
}
