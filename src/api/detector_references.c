/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A detector's part in comparing with normal references. */
#include "api/detector_network.h"

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

gboolean
fe_detector_get_features (FeclipDetector *self, const FeclipFrame *frame,
                          guint tile, float *const *features, GError **error)
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

guint
fe_detector_count_tiles (FeclipDetector *self)
{
  const FeTiles *tiles = fe_preprocess_get_tiles (self->preprocess);

  return tiles->columns * tiles->rows;
}

gboolean
fe_detector_get_origin (FeclipDetector *self, FeReferencesOrigin *origin,
                        GError **error)
{
  return fe_references_origin_init (origin, &self->config,
                                    fe_model_get_network (self->model), error);
}

FeDevice *
fe_detector_get_device (FeclipDetector *self)
{
  return fe_model_get_network (self->model)->device;
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

  ok = fe_detector_get_origin (self, &origin, error)
       && (!references
           || fe_references_origin_check (fe_references_get_origin (references),
                                          &origin, "the references are", error))
       && prepare_few_shot (self, error);
  fe_references_origin_clear (&origin);
  if (ok)
    g_set_object (&self->few_shot.references, references);
  return ok;
}
