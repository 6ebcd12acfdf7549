/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/references.h"

#include <feclip/error.h>
#include <gst/gst.h>

#include "feclip/retired.h"
#include "plugin.h"
#include "still/location.h"

#define GST_CAT_DEFAULT gst_feclip_debug

void
gst_feclip_references_init (GstFeclipReferences *self)
{
  g_mutex_init (&self->lock);
}

void
gst_feclip_references_clear (GstFeclipReferences *self)
{
  g_clear_object (&self->memory);
  g_clear_pointer (&self->location, g_free);
  g_clear_pointer (&self->opened, g_free);
  g_mutex_clear (&self->lock);
}

/* Returns: (transfer full): the memory, or NULL while the element is closed */
static FeclipReferences *
get_memory (GstFeclipReferences *self)
{
  FeclipReferences *memory = NULL;

  g_mutex_lock (&self->lock);
  if (self->memory != NULL)
    memory = g_object_ref (self->memory);
  g_mutex_unlock (&self->lock);
  return memory;
}

/* Actions */

void
gst_feclip_references_learn_next (GstFeclipReferences *self, guint n_frames)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_add (&self->to_learn,
                    MIN (n_frames, G_MAXUINT - self->to_learn));
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_references_forget (GstFeclipReferences *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->opened, g_free);
  self->n_located = 0;
  if (self->memory != NULL)
    feclip_references_clear (self->memory);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_feclip_references_save (GstFeclipReferences *self, const char *path,
                            GError **error)
{
  g_autoptr (FeclipReferences) memory = get_memory (self);

  if (path == NULL || *path == '\0')
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "save-references: no file was named.");
  else if (memory == NULL)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s: not written, the element has not been opened.", path);
  else
    return feclip_references_save (memory, path, error);
  return FALSE;
}

/* Properties */

void
gst_feclip_references_install (GObjectClass *klass, guint first_id)
{
  const GParamFlags fixed =
      G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      klass, first_id + GST_FECLIP_REFERENCES_LOCATION,
      g_param_spec_string ("reference-location", "Reference location",
                           "Normal images to compare with: an image, a "
                           "folder of images, or what save-references wrote",
                           NULL, fixed));
  g_object_class_install_property (
      klass, first_id + GST_FECLIP_REFERENCES_LEARN_FRAMES,
      g_param_spec_uint ("learn-frames", "Learn frames",
                         "Learn the first N frames as normal; they pass "
                         "without metadata",
                         0, G_MAXUINT, 0, fixed));
  g_object_class_install_property (
      klass, first_id + GST_FECLIP_REFERENCES_COUNT,
      g_param_spec_uint ("references", "References",
                         "How many normal images are known", 0, G_MAXUINT, 0,
                         G_PARAM_STATIC_STRINGS | G_PARAM_READABLE));
}

void
gst_feclip_references_set (GstFeclipReferences *self, guint id,
                           const GValue *value)
{
  g_mutex_lock (&self->lock);
  switch (id) {
  case GST_FECLIP_REFERENCES_LOCATION:
    g_free (self->location);
    self->location = g_value_dup_string (value);
    break;
  case GST_FECLIP_REFERENCES_LEARN_FRAMES:
    self->learn_frames = g_value_get_uint (value);
    break;
  default:
    break;
  }
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_references_get (GstFeclipReferences *self, guint id, GValue *value)
{
  g_autoptr (FeclipReferences) memory = get_memory (self);

  g_mutex_lock (&self->lock);
  switch (id) {
  case GST_FECLIP_REFERENCES_LOCATION:
    g_value_set_string (value, self->location);
    break;
  case GST_FECLIP_REFERENCES_LEARN_FRAMES:
    g_value_set_uint (value, self->learn_frames);
    break;
  case GST_FECLIP_REFERENCES_COUNT:
    g_value_set_uint (value, memory ? feclip_references_get_count (memory) : 0);
    break;
  default:
    break;
  }
  g_mutex_unlock (&self->lock);
}

/* Opening and learning */

/* Returns: (transfer full): a memory with the images at @location, or NULL */
static FeclipReferences *
learn_location (const char *location, FeclipDetector *detector,
                FeclipSettings *settings, GError **error)
{
  g_autoptr (FeclipReferences) memory = feclip_references_new (detector, error);
  guint limit = 0;

  if (memory == NULL)
    return NULL;
  if (location == NULL || *location == '\0')
    return g_steal_pointer (&memory);
  if (!fe_location_learn (location, memory, detector, error))
    return NULL;
  g_object_get (settings, "reference-limit", &limit, NULL);
  feclip_references_reduce (memory, limit);
  return g_steal_pointer (&memory);
}

gboolean
gst_feclip_references_open (GstFeclipReferences *self, FeclipDetector *detector,
                            FeclipSettings *settings, GError **error)
{
  g_autoptr (FeclipReferences) memory = NULL, before = NULL;
  g_autofree char *location = NULL;

  g_mutex_lock (&self->lock);
  location = g_strdup (self->location);
  g_mutex_unlock (&self->lock);
  memory = learn_location (location, detector, settings, error);
  if (memory == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  before = g_steal_pointer (&self->memory);
  self->memory = g_object_ref (memory);
  g_free (self->opened);
  self->opened = g_steal_pointer (&location);
  self->n_located = feclip_references_get_count (memory);
  g_atomic_int_set (&self->to_learn, MAX (self->to_learn, self->learn_frames));
  g_object_get (settings, "reference-limit", &self->limit, NULL);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

FeclipReferences *
gst_feclip_references_remake (GstFeclipReferences *self,
                              FeclipDetector *detector,
                              FeclipSettings *settings, GError **error)
{
  g_autofree char *location = NULL;

  g_mutex_lock (&self->lock);
  location = g_strdup (self->opened);
  g_mutex_unlock (&self->lock);
  return learn_location (location, detector, settings, error);
}

guint
gst_feclip_references_replace (GstFeclipReferences *self,
                               FeclipReferences *memory, GPtrArray *retired)
{
  guint known = 0, located = 0;

  g_mutex_lock (&self->lock);
  known = feclip_references_get_count (self->memory);
  located = self->n_located;
  gst_feclip_retired_add (retired, self->memory, g_object_unref);
  self->memory = g_object_ref (memory);
  /* The images were removed while the memory was created. */
  if (self->opened == NULL)
    feclip_references_clear (memory);
  self->n_located = feclip_references_get_count (memory);
  g_mutex_unlock (&self->lock);
  return known - MIN (known, located);
}

gboolean
gst_feclip_references_attach (GstFeclipReferences *self,
                              FeclipDetector *detector, GError **error)
{
  g_autoptr (FeclipReferences) memory = get_memory (self);

  return feclip_detector_set_references (detector, memory, error);
}

void
gst_feclip_references_close (GstFeclipReferences *self)
{
  g_autoptr (FeclipReferences) memory = NULL; /* released without the lock */

  g_mutex_lock (&self->lock);
  memory = g_steal_pointer (&self->memory);
  g_atomic_int_set (&self->to_learn, 0);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_feclip_references_are_expected (GstFeclipReferences *self)
{
  g_autoptr (FeclipReferences) memory = get_memory (self);
  gboolean learning = FALSE;

  g_mutex_lock (&self->lock);
  learning = self->to_learn > 0;
  g_mutex_unlock (&self->lock);
  return learning
         || (memory != NULL && feclip_references_get_count (memory) > 0);
}

void
gst_feclip_references_return_turn (GstFeclipReferences *self)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_inc (&self->to_learn);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_feclip_references_take_turn (GstFeclipReferences *self)
{
  gboolean due = FALSE;

  g_mutex_lock (&self->lock);
  due = self->to_learn > 0 && self->memory != NULL;
  g_atomic_int_add (&self->to_learn, -(int)due);
  g_mutex_unlock (&self->lock);
  return due;
}

gboolean
gst_feclip_references_learn (GstFeclipReferences *self,
                             FeclipDetector *detector, const FeclipFrame *frame,
                             GError **error)
{
  g_autoptr (FeclipReferences) memory = get_memory (self);
  guint limit = 0;

  if (memory == NULL)
    return TRUE;
  if (!feclip_references_add (memory, detector, frame, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  /* Reduced once, after the last frame that is to be learnt. */
  limit = self->to_learn == 0 ? self->limit : 0;
  g_mutex_unlock (&self->lock);
  feclip_references_reduce (memory, limit);
  GST_INFO ("%u normal images are known", feclip_references_get_count (memory));
  return TRUE;
}
