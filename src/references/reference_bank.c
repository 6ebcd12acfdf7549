/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "references/reference_bank.h"

#include <string.h>

#include "compute/ops_references.h"

/* Bytes of a block: half of what a kernel can bind on the smallest devices. */
#define BLOCK_SIZE (64 * 1024 * 1024)
/* Rows of a block are a multiple of this: whole splits of fe_op_nearest(), so
 * that only the last block has a shorter one. */
#define BLOCK_ROWS 512
/* Kernels read whole tiles of this many rows. */
#define TILE_ROWS 64

static guint
rows_per_block (guint width)
{
  gsize row = fe_padded_columns (width) * sizeof (float);

  return (guint)MAX (BLOCK_SIZE / row / BLOCK_ROWS, 1) * BLOCK_ROWS;
}

static void
block_unref (FeReferenceBankBlock *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  fe_arena_free (self->arena);
  g_free (self);
}

static FeReferenceBankBlock *
block_ref (FeReferenceBankBlock *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static FeReferenceBankBlock *
block_new (FeDevice *device, const float *rows, guint n, guint width,
           GError **error)
{
  guint padded = (n + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  gsize size = (gsize)n * width;
  g_autofree float *values = g_new (float, (gsize)padded *width);
  FeReferenceBankBlock *self = g_new0 (FeReferenceBankBlock, 1);

  memcpy (values, rows, size * sizeof (float));
  for (guint r = n; r < padded; r++)
    memcpy (values + (gsize)r * width, rows + (gsize)(n - 1) * width,
            width * sizeof (float));
  g_atomic_ref_count_init (&self->ref_count);
  self->arena = fe_arena_new (device);
  self->matrix = fe_arena_weights (self->arena, "references", padded, width,
                                   FALSE, values);
  if (!fe_arena_check (self->arena, error))
    g_clear_pointer (&self, block_unref);
  return self;
}

static gboolean
fill_tap (FeReferenceBankTap *self, FeDevice *device, const GArray *rows,
          guint width, const FeReferenceBankTap *earlier, GError **error)
{
  guint step = rows_per_block (width);

  self->rows = rows->len;
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)block_unref);
  for (guint first = 0; first < rows->len; first += step) {
    const float *values = (const float *)(gpointer)rows->data;
    guint n = MIN (step, rows->len - first);
    FeReferenceBankBlock *block;

    if (earlier && first + step <= earlier->rows)
      block = block_ref (g_ptr_array_index (earlier->blocks, first / step));
    else
      block =
          block_new (device, values + (gsize)first * width, n, width, error);
    if (!block)
      return FALSE;
    g_ptr_array_add (self->blocks, block);
    self->parts += fe_nearest_splits (block->matrix.rows);
  }
  return TRUE;
}

FeReferenceBank *
fe_reference_bank_new (FeDevice *device, guint n_taps, GArray *const *rows,
                       guint width, const FeReferenceBank *earlier,
                       GError **error)
{
  g_autoptr (FeReferenceBank) self = g_new0 (FeReferenceBank, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_taps = n_taps;
  self->taps = g_new0 (FeReferenceBankTap, n_taps);
  for (guint i = 0; i < n_taps; i++) {
    if (!fill_tap (&self->taps[i], device, rows[i], width,
                   earlier ? &earlier->taps[i] : NULL, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

FeReferenceBank *
fe_reference_bank_ref (FeReferenceBank *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fe_reference_bank_unref (FeReferenceBank *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_taps; i++)
    g_clear_pointer (&self->taps[i].blocks, g_ptr_array_unref);
  g_free (self->taps);
  g_free (self);
}

guint
fe_reference_bank_get_parts (const FeReferenceBank *self)
{
  guint parts = 0;

  for (guint i = 0; i < self->n_taps; i++)
    parts = MAX (parts, self->taps[i].parts);
  return parts;
}
