/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "references/references.h"

#include <feclip/error.h>
#include <string.h>

struct _FeclipReferences {
  GObject parent;

  /* Immutable. */
  FeDevice *device;
  FeReferencesOrigin origin;

  GMutex lock; /* also held while features are uploaded */
  FeFeatures features;
  FeReferenceBank *bank; /* of the first of these features, or NULL */
  guint generation;      /* counts changes other than additions */

  /* Atomic copies of two numbers, for readers that must not wait. */
  gint images;
  gint rows; /* of each tap */
};

G_DEFINE_FINAL_TYPE (FeclipReferences, feclip_references, G_TYPE_OBJECT)

static void
feclip_references_finalize (GObject *object)
{
  FeclipReferences *self = FECLIP_REFERENCES (object);

  fe_reference_bank_unref (self->bank);
  fe_features_clear (&self->features);
  fe_references_origin_clear (&self->origin);
  if (self->device)
    fe_device_unref (self->device);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (feclip_references_parent_class)->finalize (object);
}

static void
feclip_references_class_init (FeclipReferencesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_references_finalize;
}

static void
feclip_references_init (FeclipReferences *self)
{
  g_mutex_init (&self->lock);
}

FeclipReferences *
fe_references_new (FeDevice *device, FeReferencesOrigin *origin)
{
  FeclipReferences *self = g_object_new (FECLIP_TYPE_REFERENCES, NULL);

  self->device = fe_device_ref (device);
  self->origin = *origin;
  *origin = (FeReferencesOrigin){0};
  fe_features_init (&self->features, self->origin.n_taps, self->origin.width);
  return self;
}

const FeReferencesOrigin *
fe_references_get_origin (FeclipReferences *self)
{
  return &self->origin;
}

/* Under the lock. */
static void
publish_counts (FeclipReferences *self)
{
  g_atomic_int_set (&self->images, (gint)self->features.images);
  g_atomic_int_set (&self->rows, (gint)self->features.taps[0]->len);
}

/* Under the lock. Takes the content of `features` over. */
static void
replace_features (FeclipReferences *self, FeFeatures *features)
{
  fe_features_clear (&self->features);
  self->features = *features;
  *features = (FeFeatures){0};
  g_clear_pointer (&self->bank, fe_reference_bank_unref);
  self->generation++;
  publish_counts (self);
}

gboolean
fe_references_append (FeclipReferences *self, const FeFeatures *image,
                      GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  FeFeatures *features = &self->features;

  for (guint i = 0; i < features->n_taps; i++) {
    guint rows = image->taps[i]->len;

    if (rows > FE_REFERENCES_MAX_ROWS
        || features->taps[i]->len > FE_REFERENCES_MAX_ROWS - rows) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "the references are full: there is room for %u images; "
                   "\"reference-limit\" keeps a representative part of them",
                   FE_REFERENCES_MAX_ROWS / rows);
      return FALSE;
    }
  }
  for (guint i = 0; i < features->n_taps; i++)
    g_array_append_vals (features->taps[i], image->taps[i]->data,
                         image->taps[i]->len);
  features->images++;
  publish_counts (self);
  return TRUE;
}

guint
feclip_references_get_count (FeclipReferences *self)
{
  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), 0);
  return (guint)g_atomic_int_get (&self->images);
}

guint
feclip_references_get_n_rows (FeclipReferences *self)
{
  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), 0);
  return (guint)g_atomic_int_get (&self->rows);
}

void
feclip_references_clear (FeclipReferences *self)
{
  FeFeatures none;

  g_return_if_fail (FECLIP_IS_REFERENCES (self));

  fe_features_init (&none, self->origin.n_taps, self->origin.width);
  g_mutex_lock (&self->lock);
  replace_features (self, &none);
  g_mutex_unlock (&self->lock);
}

/* Copies the features, to work on them without the lock. Returns: their
 * generation */
static guint
copy_features (FeclipReferences *self, FeFeatures *copy)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  *copy = self->features;
  for (guint i = 0; i < copy->n_taps; i++)
    copy->taps[i] = g_array_copy (self->features.taps[i]);
  return self->generation;
}

void
feclip_references_reduce (FeclipReferences *self, guint limit)
{
  FeFeatures reduced = {0};
  guint generation, before;

  g_return_if_fail (FECLIP_IS_REFERENCES (self));

  if (limit == 0 || feclip_references_get_n_rows (self) <= limit)
    return;
  generation = copy_features (self, &reduced);
  before = reduced.taps[0]->len;
  fe_features_reduce (&reduced, self->origin.width, limit);
  g_mutex_lock (&self->lock);
  if (generation == self->generation) {
    /* Keep what was added in the meantime. */
    for (guint i = 0; i < reduced.n_taps; i++) {
      const GArray *all = self->features.taps[i];

      g_array_append_vals (
          reduced.taps[i],
          all->data + (gsize)before * self->origin.width * sizeof (float),
          all->len - before);
    }
    reduced.images = self->features.images;
    replace_features (self, &reduced);
  }
  g_mutex_unlock (&self->lock);
  fe_features_clear (&reduced);
}

gboolean
feclip_references_save (FeclipReferences *self, const char *path,
                        GError **error)
{
  FeFeatures copy = {0};
  gboolean ok;

  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  copy_features (self, &copy);
  ok = fe_features_save (&copy, &self->origin, path, error);
  fe_features_clear (&copy);
  return ok;
}

gboolean
feclip_references_load (FeclipReferences *self, const char *path,
                        GError **error)
{
  FeFeatures loaded = {0};
  gboolean ok;

  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  ok = fe_features_load (&loaded, &self->origin, path, error);
  if (ok) {
    g_mutex_lock (&self->lock);
    replace_features (self, &loaded);
    g_mutex_unlock (&self->lock);
  }
  fe_features_clear (&loaded);
  return ok;
}

gboolean
fe_references_get_bank (FeclipReferences *self, FeReferenceBank **bank,
                        GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  const FeFeatures *features = &self->features;

  *bank = NULL;
  if (features->images == 0)
    return TRUE;
  if (!self->bank || self->bank->images != features->images) {
    FeReferenceBank *now =
        fe_reference_bank_new (self->device, features->n_taps, features->taps,
                               self->origin.width, self->bank, error);

    if (!now)
      return FALSE;
    now->images = features->images;
    fe_reference_bank_unref (self->bank);
    self->bank = now;
  }
  *bank = fe_reference_bank_ref (self->bank);
  return TRUE;
}
