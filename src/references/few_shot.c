/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "references/few_shot.h"

#include <stdlib.h>

/* The mean of the largest values takes one in so many patches. */
#define TOP_SHARE 50

void
fe_few_shot_clear (FeFewShot *self)
{
  g_clear_object (&self->references);
  g_clear_pointer (&self->bank_arena, fe_arena_free);
  g_clear_pointer (&self->arena, fe_arena_free);
  g_clear_pointer (&self->bank, fe_reference_bank_unref);
}

gboolean
fe_few_shot_prepare (FeFewShot *self, FeDevice *device, guint n_taps,
                     guint patches, guint width, GError **error)
{
  if (self->arena)
    return TRUE;
  self->arena = fe_arena_new (device);
  self->n_taps = n_taps;
  for (guint i = 0; i < n_taps; i++)
    self->features[i] =
        fe_arena_matrix (self->arena, "patch features", patches, width, 1);
  if (fe_arena_check (self->arena, error))
    return TRUE;
  g_clear_pointer (&self->arena, fe_arena_free);
  return FALSE;
}

gboolean
fe_few_shot_take (FeFewShot *self, FeDevice *device, FeReferenceBank *bank,
                  GError **error)
{
  guint step = fe_nearest_step (device, self->features[0].rows);

  g_clear_pointer (&self->bank_arena, fe_arena_free);
  g_clear_pointer (&self->bank, fe_reference_bank_unref);
  self->bank = bank;
  if (!bank)
    return TRUE;
  self->bank_arena = fe_arena_new (device);
  self->best =
      fe_arena_floats (self->bank_arena, "nearest references", FE_BUFFER_DEVICE,
                       (gsize)fe_reference_bank_get_parts (bank) * step, NULL);
  if (fe_arena_check (self->bank_arena, error))
    return TRUE;
  g_clear_pointer (&self->bank, fe_reference_bank_unref);
  return FALSE;
}

void
fe_few_shot_record_features (const FeFewShot *self, FeCommands *commands,
                             guint tap, const FeMatrix *x)
{
  fe_op_normalize_rows (commands, x, &self->features[tap]);
}

void
fe_few_shot_record_nearest (const FeFewShot *self, FeCommands *commands,
                            guint tap)
{
  const FeReferenceBankTap *references = &self->bank->taps[tap];
  guint part = 0;

  for (guint i = 0; i < references->blocks->len; i++) {
    const FeReferenceBankBlock *block =
        g_ptr_array_index (references->blocks, i);

    fe_op_nearest (commands, &self->features[tap], &block->matrix, part,
                   self->best);
    part += fe_nearest_splits (block->matrix.rows);
  }
}

void
fe_few_shot_record_share (const FeFewShot *self, FeCommands *commands,
                          guint tap, gboolean accumulate, FeBuffer *values,
                          guint first)
{
  fe_op_reference_distance (commands, &(FeReferenceDistance){
                                          .best = self->best,
                                          .splits = self->bank->taps[tap].parts,
                                          .rows = self->features[tap].rows,
                                          .weight = 1.0 / self->n_taps,
                                          .accumulate = accumulate,
                                          .values = values,
                                          .first = first,
                                      });
}

static int
compare_down (const void *a, const void *b)
{
  float one = *(const float *)a, other = *(const float *)b;

  return (one < other) - (one > other);
}

double
fe_few_shot_score (FeclipReferenceScore type, double score, float *map, guint n)
{
  gboolean mean = type == FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP
                  || type == FECLIP_REFERENCE_SCORE_MEAN_TOP;
  gboolean sum = type == FECLIP_REFERENCE_SCORE_SUM_MAX
                 || type == FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP;
  guint top = mean ? MAX (n / TOP_SHARE, 1) : 1;
  double difference = 0;

  qsort (map, n, sizeof *map, compare_down);
  for (guint i = 0; i < top; i++)
    difference += (double)map[i] / top;
  return sum ? score + difference : difference;
}
