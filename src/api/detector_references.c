/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Features of normal images for references, and the references of a
 * detector. */
#include <feclip/references.h>

#include "api/detector_private.h"
#include "references/references.h"

static gboolean
run_features (FeclipDetector *self, const FeclipFrame *frame, guint tile,
              GError **error)
{
  g_autoptr (FeCommands) commands = NULL;
  gboolean changed = FALSE;

  fe_preprocess_set_view (self->preprocess, &(FeRect){0}, 0, 0);
  if (!fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return FALSE;
  if (changed)
    fe_detector_forget_frames (self);
  commands = fe_commands_new (fe_detector_get_device (self), FALSE, error);
  if (!commands)
    return FALSE;
  fe_preprocess_record_tile (self->preprocess, tile, commands);
  fe_detector_record_features (self, commands);
  return fe_commands_end (commands, error)
         && fe_preprocess_upload (self->preprocess, frame, error)
         && fe_commands_run (commands, error);
}

static gboolean
prepare_few_shot (FeclipDetector *self, GError **error)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  return fe_few_shot_prepare (&self->few_shot, fe_detector_get_device (self),
                              self->config.n_taps,
                              fe_activations_count_patches (self->images),
                              vision->transformer.width, error);
}

/* Runs the network on a tile of the frame and fills `features` [n_taps], each
 * [G·G][D]. */
static gboolean
get_features (FeclipDetector *self, const FeclipFrame *frame, guint tile,
              float *const *features, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->images->lock);

  if (!prepare_few_shot (self, error)
      || !run_features (self, frame, tile, error))
    return FALSE;
  for (guint i = 0; i < self->config.n_taps; i++) {
    if (!fe_matrix_read (&self->few_shot.features[i], 0, 0,
                         fe_activations_count_patches (self->images),
                         features[i], error))
      return FALSE;
  }
  return TRUE;
}

/* Tiles of the frame that features were last taken from, 1 without tiles. */
static guint
count_tiles (const FeclipDetector *self)
{
  const FeTiles *tiles = fe_preprocess_get_tiles (self->preprocess);

  return tiles->columns * tiles->rows;
}

static gboolean
get_origin (const FeclipDetector *self, FeReferencesOrigin *origin,
            GError **error)
{
  return fe_references_origin_init (origin, &self->config,
                                    fe_model_get_network (self->model), error);
}

FeclipReferences *
feclip_references_new (FeclipDetector *detector, GError **error)
{
  FeReferencesOrigin origin = {0};
  FeclipReferences *self = NULL;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (detector), NULL);

  if (get_origin (detector, &origin, error))
    self = fe_references_new (fe_detector_get_device (detector), &origin);
  fe_references_origin_clear (&origin);
  return self;
}

/* Fills `found` with the features of all tiles. */
static gboolean
find_features (FeclipDetector *self, const FeclipFrame *frame,
               FeFeatures *found, GError **error)
{
  guint width = fe_model_get_network (self->model)->config.transformer.width;
  guint rows = fe_activations_count_patches (self->images);
  guint n_taps = self->config.n_taps;
  float *next[FE_MAX_TAPS];

  fe_features_init (found, n_taps, width);
  for (guint tile = 0; tile == 0 || tile < count_tiles (self); tile++) {
    for (guint i = 0; i < n_taps; i++) {
      g_array_set_size (found->taps[i], (tile + 1) * rows);
      next[i] =
          (float *)(gpointer)found->taps[i]->data + (gsize)tile * rows * width;
    }
    if (!get_features (self, frame, tile, next, error))
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

  ok = get_origin (detector, &origin, error)
       && fe_references_origin_check (fe_references_get_origin (self), &origin,
                                      "the references are", error)
       && find_features (detector, frame, &found, error)
       && fe_references_append (self, &found, error);
  fe_references_origin_clear (&origin);
  fe_features_clear (&found);
  return ok;
}

gboolean
feclip_detector_set_references (FeclipDetector *self,
                                FeclipReferences *references, GError **error)
{
  FeReferencesOrigin origin = {0};
  gboolean ok;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), FALSE);
  g_return_val_if_fail (!references || FECLIP_IS_REFERENCES (references),
                        FALSE);

  ok = get_origin (self, &origin, error)
       && (!references
           || fe_references_origin_check (fe_references_get_origin (references),
                                          &origin, "the references are", error))
       && prepare_few_shot (self, error);
  fe_references_origin_clear (&origin);
  if (ok)
    g_set_object (&self->few_shot.references, references);
  return ok;
}
