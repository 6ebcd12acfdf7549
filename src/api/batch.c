/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/batch.h>

#include <feclip/error.h>
#include <feclip/references.h>

#include "api/detector_private.h"
#include "base/stopwatch.h"

G_STATIC_ASSERT (FECLIP_BATCH_MAX == FE_ACTIVATIONS_MAX);

struct _FeclipBatch {
  GObject parent;

  FeActivations *images;
  FeCommands **networks; /* [capacity]: of 1, 2 and more images, or NULL */
};

G_DEFINE_FINAL_TYPE (FeclipBatch, feclip_batch, G_TYPE_OBJECT)

static void
feclip_batch_finalize (GObject *object)
{
  FeclipBatch *self = FECLIP_BATCH (object);

  for (guint i = 0; self->networks && i < self->images->capacity; i++)
    fe_commands_free (self->networks[i]);
  g_free (self->networks);
  fe_activations_unref (self->images);
  G_OBJECT_CLASS (feclip_batch_parent_class)->finalize (object);
}

static void
feclip_batch_class_init (FeclipBatchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_batch_finalize;
}

static void
feclip_batch_init (FeclipBatch *self)
{
}

/* Returns the commands for n images; records them at the first call. */
static FeCommands *
get_network (FeclipBatch *self, guint n, GError **error)
{
  FeDevice *device = self->images->network->device;
  g_autoptr (FeCommands) commands = NULL;

  if (self->networks[n - 1])
    return self->networks[n - 1];
  commands = fe_commands_new (device, FALSE, error);
  if (!commands)
    return NULL;
  fe_activations_record_results (self->images, n, commands);
  if (!fe_commands_end (commands, error))
    return NULL;
  return self->networks[n - 1] = g_steal_pointer (&commands);
}

FeclipBatch *
feclip_batch_new (FeclipModel *model, FeclipSettings *settings, guint size,
                  GError **error)
{
  g_autoptr (FeclipBatch) self = NULL;
  FeNetwork *network;
  FeConfig config;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (size > 0 && size <= FECLIP_BATCH_MAX, NULL);

  network = fe_model_get_network (model);
  if (!fe_config_resolve (&config, settings, network, error))
    return NULL;
  self = g_object_new (FECLIP_TYPE_BATCH, NULL);
  self->images = fe_activations_new (network, &config, size, error);
  if (!self->images)
    return NULL;
  self->networks = g_new0 (FeCommands *, self->images->capacity);
  /* Commands for fewer images are recorded when they are first needed. */
  if (!get_network (self, self->images->capacity, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
feclip_batch_suits (FeclipBatch *self, FeclipModel *model,
                    FeclipSettings *settings)
{
  FeConfig config;

  g_return_val_if_fail (FECLIP_IS_BATCH (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_MODEL (model), FALSE);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), FALSE);

  return fe_config_resolve (&config, settings, fe_model_get_network (model),
                            NULL)
         && fe_activations_suit (self->images, fe_model_get_network (model),
                                 &config);
}

FeclipDetector *
feclip_batch_new_detector (FeclipBatch *self, FeclipModel *model,
                           FeclipSettings *settings, GError **error)
{
  FeConfig config;

  g_return_val_if_fail (FECLIP_IS_BATCH (self), NULL);
  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);

  if (!fe_config_resolve (&config, settings, fe_model_get_network (model),
                          error))
    return NULL;
  if (!fe_activations_suit (self->images, fe_model_get_network (model),
                            &config)) {
    g_set_error (
        error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
        "a batch takes only detectors of its network with the same settings "
        "of it");
    return NULL;
  }
  return fe_detector_new (model, settings, self->images, error);
}

gboolean
feclip_batch_can_join (FeclipBatch *self, FeclipDetector *detector)
{
  const FeTiling *tiling;
  FeclipReferences *references;

  g_return_val_if_fail (FECLIP_IS_BATCH (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_DETECTOR (detector), FALSE);

  tiling = &detector->config.tiling;
  references = detector->few_shot.references;
  return detector->images == self->images && !tiling->automatic
         && tiling->columns * tiling->rows == 1
         && (!references || feclip_references_get_count (references) == 0);
}

guint64
feclip_batch_get_activations_size (FeclipBatch *self)
{
  g_return_val_if_fail (FECLIP_IS_BATCH (self), 0);
  return fe_arena_get_size (self->images->arena);
}

typedef enum {
  STAGE_UPLOAD,
  STAGE_NETWORK,
  STAGE_RESULT,
} Stage;

/* Ends a stage of all items at once, as each waits for the others. */
static void
end_stage (FeclipBatchItem *const *items, guint n, Stage stage)
{
  for (guint i = 0; i < n; i++) {
    FeclipDetector *detector = items[i]->detector;
    double *sums[] = {&detector->times.upload, &detector->times.network,
                      &detector->times.result};

    fe_stopwatch_lap (&detector->watch, sums[stage]);
  }
}

/* Returns: whether the frame can go through the network together with others;
 * else the item has its result or its error already */
static gboolean
take_item (FeclipBatchItem *item)
{
  FeclipDetector *detector = item->detector;

  item->result = NULL;
  item->error = NULL;
  fe_preprocess_set_view (detector->preprocess, &(FeRect){0}, 0, 0);
  if (!fe_detector_take_frame (detector, item->frame, &item->error))
    return FALSE;
  if (fe_detector_is_plain (detector))
    return TRUE;
  item->result = fe_detector_run (detector, &item->error);
  return FALSE;
}

static gboolean
run_network (FeclipBatch *self, FeCommands *const *pixels, guint n,
             GError **error)
{
  FeCommands *network = get_network (self, n, error);

  return network && fe_commands_run_after_all (network, pixels, n, error);
}

/* Runs the network once on frames that take_item() has prepared. */
static void
run_items (FeclipBatch *self, FeclipBatchItem *const *items, guint n)
{
  FeCommands *pixels[FE_ACTIVATIONS_MAX];
  FeclipBatchItem *placed[FE_ACTIVATIONS_MAX];
  g_autoptr (GError) error = NULL;
  guint n_placed = 0;

  for (guint i = 0; i < n; i++) {
    pixels[n_placed] =
        fe_detector_place (items[i]->detector, n_placed, &items[i]->error);
    if (pixels[n_placed])
      placed[n_placed++] = items[i];
  }
  if (n_placed == 0)
    return;
  end_stage (placed, n_placed, STAGE_UPLOAD);
  if (!run_network (self, pixels, n_placed, &error)) {
    for (guint i = 0; i < n_placed; i++)
      placed[i]->error = g_error_copy (error);
    return;
  }
  end_stage (placed, n_placed, STAGE_NETWORK);
  for (guint i = 0; i < n_placed; i++)
    placed[i]->result =
        fe_detector_read_place (placed[i]->detector, i, &placed[i]->error);
  end_stage (placed, n_placed, STAGE_RESULT);
}

static gboolean
are_items (const FeclipBatch *self, const FeclipBatchItem *items, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (!FECLIP_IS_DETECTOR (items[i].detector) || !items[i].frame
        || items[i].detector->images != self->images)
      return FALSE;
    for (guint j = 0; j < i; j++)
      if (items[i].detector == items[j].detector)
        return FALSE;
  }
  return TRUE;
}

/* Runs the network on all frames. Needs the lock of the activations. */
static void
analyse_items (FeclipBatch *self, FeclipBatchItem *const *items, guint n)
{
  g_autofree FeclipBatchItem **taken = g_new (FeclipBatchItem *, n);
  guint n_taken = 0, most = self->images->capacity;

  for (guint i = 0; i < n; i++)
    if (take_item (items[i]))
      taken[n_taken++] = items[i];
  end_stage (taken, n_taken, STAGE_UPLOAD);
  for (guint i = 0; i < n_taken; i += most) {
    end_stage (taken + i, MIN (most, n_taken - i), STAGE_NETWORK);
    run_items (self, taken + i, MIN (most, n_taken - i));
  }
}

void
feclip_batch_analyse (FeclipBatch *self, FeclipBatchItem *items, guint n)
{
  g_autofree FeclipBatchItem **all = g_new (FeclipBatchItem *, n);
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (FECLIP_IS_BATCH (self));
  g_return_if_fail (are_items (self, items, n));

  for (guint i = 0; i < n; i++) {
    all[i] = &items[i];
    fe_stopwatch_start (&items[i].detector->watch);
  }
  locker = g_mutex_locker_new (&self->images->lock);
  end_stage (all, n, STAGE_NETWORK);
  analyse_items (self, all, n);
  /* Items that were done earlier waited for the last one. */
  end_stage (all, n, STAGE_NETWORK);
}
