/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/dataset.h"
#include "eval/mask.h"
#include "cli/image_surface.h"

G_BEGIN_DECLS

/* An image of the test, ready to be analysed. */
typedef struct {
  const FeCase *item;
  /* NULL: @error says why. */
  FeStillImage *image;
  GError *error;
  /* NULL of a defective image: @mask_error says why, NULL if there is none.
   */
  FeMask *mask;
  GError *mask_error;
} FeReading;

/* NULL is allowed. */
void fe_reading_free (FeReading *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeReading, fe_reading_free)

/*
 * Decodes images and their masks in threads of its own, some ahead of the one
 * that is asked for. One thread may use it.
 */
typedef struct _FeReader FeReader;

/* @cases are FeCase entries, which have to stay. */
FeReader *fe_reader_new (GPtrArray *cases);

/* NULL is allowed. Waits for what is being decoded. */
void fe_reader_free (FeReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeReader, fe_reader_free)

/* Waits for the next image, in their order; NULL after the last one. */
FeReading *fe_reader_next (FeReader *self);

G_END_DECLS
