/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "synth/plan.h"

G_BEGIN_DECLS

/*
 * One image of each defect of each kind beside each other, a row per kind,
 * and below each the same image with its mask outlined.
 */
typedef struct _FeContactSheet FeContactSheet;

FeContactSheet *fe_contact_sheet_new (const FePlan *plan);

/* NULL is allowed. */
void fe_contact_sheet_free (FeContactSheet *self);

/* Safe to call from several threads, for different places. */
void fe_contact_sheet_add (FeContactSheet *self, int row, int column,
                           const FeSample *sample);

/* A reference to the finished sheet. */
cairo_surface_t *fe_contact_sheet_finish (FeContactSheet *self);

G_END_DECLS
