/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "references/references.h"

#include <feclip/error.h>
#include <string.h>

struct _FeclipReferences {
  GObject parent;

  /* Immutable. */
  FeDevice *device;
  FeReferencesOrigin origin;

  GMutex lock;
  FeFeatures features;
  FeReferenceBank *bank; /* of the first of these features, or NULL */
  guint generation;      /* counts what was not only added */
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

void
fe_features_init (FeFeatures *self, guint n_taps, guint width)
{
  *self = (FeFeatures){.n_taps = n_taps};
  for (guint i = 0; i < n_taps; i++)
    self->taps[i] = g_array_new (FALSE, FALSE, width * (guint)sizeof (float));
}

void
fe_features_clear (FeFeatures *self)
{
  for (guint i = 0; i < self->n_taps; i++)
    g_clear_pointer (&self->taps[i], g_array_unref);
  *self = (FeFeatures){0};
}

FeclipReferences *
feclip_references_new (FeclipDetector *detector, GError **error)
{
  g_autoptr (FeclipReferences) self = NULL;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (detector), NULL);

  self = g_object_new (FECLIP_TYPE_REFERENCES, NULL);
  self->device = fe_device_ref (fe_detector_get_device (detector));
  if (!fe_detector_get_origin (detector, &self->origin, error))
    return NULL;
  fe_features_init (&self->features, self->origin.n_taps, self->origin.width);
  return g_steal_pointer (&self);
}

const FeReferencesOrigin *
fe_references_get_origin (FeclipReferences *self)
{
  return &self->origin;
}

/* Under the lock. */
static void
replace_features (FeclipReferences *self, FeFeatures *features)
{
  fe_features_clear (&self->features);
  self->features = *features;
  *features = (FeFeatures){0};
  g_clear_pointer (&self->bank, fe_reference_bank_unref);
  self->generation++;
}

/* Adds all that was found in one image. */
static gboolean
append (FeclipReferences *self, const FeFeatures *found, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  FeFeatures *features = &self->features;

  for (guint i = 0; i < features->n_taps; i++) {
    guint rows = found->taps[i]->len;

    if (rows > FE_REFERENCES_MAX_ROWS
        || features->taps[i]->len > FE_REFERENCES_MAX_ROWS - rows) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "the references are full: there is room for %u images; "
                   "\"reference-limit\" keeps what matters of them",
                   FE_REFERENCES_MAX_ROWS / rows);
      return FALSE;
    }
  }
  for (guint i = 0; i < features->n_taps; i++)
    g_array_append_vals (features->taps[i], found->taps[i]->data,
                         found->taps[i]->len);
  features->images++;
  return TRUE;
}

/* Fills `found` with the features of all tiles. */
static gboolean
find_features (FeclipReferences *self, FeclipDetector *detector,
               const FeclipFrame *frame, FeFeatures *found, GError **error)
{
  guint rows = self->origin.grid * self->origin.grid;
  guint n_taps = self->origin.n_taps;
  float *next[FE_MAX_TAPS];

  fe_features_init (found, n_taps, self->origin.width);
  for (guint tile = 0; tile == 0 || tile < fe_detector_count_tiles (detector);
       tile++) {
    for (guint i = 0; i < n_taps; i++) {
      g_array_set_size (found->taps[i], (tile + 1) * rows);
      next[i] = (float *)(gpointer)found->taps[i]->data
                + (gsize)tile * rows * self->origin.width;
    }
    if (!fe_detector_get_features (detector, frame, tile, next, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
feclip_references_add (FeclipReferences *self, FeclipDetector *detector,
                       const FeclipFrame *frame, GError **error)
{
  FeFeatures found = {0};
  FeReferencesOrigin origin = {0};
  gboolean ok;

  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_DETECTOR (detector), FALSE);
  g_return_val_if_fail (frame != NULL, FALSE);

  ok = fe_detector_get_origin (detector, &origin, error)
       && fe_references_origin_check (&self->origin, &origin,
                                      "the references are", error);
  fe_references_origin_clear (&origin);
  if (!ok)
    return FALSE;
  ok = find_features (self, detector, frame, &found, error)
       && append (self, &found, error);
  fe_features_clear (&found);
  return ok;
}

guint
feclip_references_get_count (FeclipReferences *self)
{
  guint count;

  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), 0);

  g_mutex_lock (&self->lock);
  count = self->features.images;
  g_mutex_unlock (&self->lock);
  return count;
}

guint
feclip_references_get_n_rows (FeclipReferences *self)
{
  guint rows;

  g_return_val_if_fail (FECLIP_IS_REFERENCES (self), 0);

  g_mutex_lock (&self->lock);
  rows = self->features.taps[0]->len;
  g_mutex_unlock (&self->lock);
  return rows;
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

/* A copy of what is known, to work on while others go on. */
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

static gpointer
reduce_tap (gpointer data)
{
  gpointer *const *arguments = data;

  fe_coreset_reduce ((GArray *)arguments[0], GPOINTER_TO_UINT (arguments[1]),
                     GPOINTER_TO_UINT (arguments[2]));
  return NULL;
}

/* Taps do not depend on each other. */
static void
reduce_all (FeFeatures *features, guint width, guint limit)
{
  GThread *threads[FE_MAX_TAPS];
  gpointer arguments[FE_MAX_TAPS][3];

  for (guint i = 0; i < features->n_taps; i++) {
    arguments[i][0] = features->taps[i];
    arguments[i][1] = GUINT_TO_POINTER (width);
    arguments[i][2] = GUINT_TO_POINTER (limit);
    threads[i] = g_thread_new ("references", reduce_tap, arguments[i]);
  }
  for (guint i = 0; i < features->n_taps; i++)
    g_thread_join (threads[i]);
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
  reduce_all (&reduced, self->origin.width, limit);
  g_mutex_lock (&self->lock);
  if (generation == self->generation) {
    /* What was added meanwhile stays. */
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
