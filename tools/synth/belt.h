/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* An endless belt between two rails, as wide as the image is high. */
typedef struct _FeBelt FeBelt;

FeBelt *fe_belt_new (int width, int height, guint64 seed);

/* NULL is allowed. */
void fe_belt_free (FeBelt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeBelt, fe_belt_free)

/* Fills @scene with the belt after it has moved @offset pixels to the right. */
void fe_belt_lay (const FeBelt *self, FeScene *scene, float offset);

/* The share of the image's height that is a rail, at the top and below. */
float fe_belt_rail (const FeBelt *self);

G_END_DECLS
