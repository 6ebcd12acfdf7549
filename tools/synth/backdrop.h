/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* Fills the scene with the background that objects lie on. */
void fe_backdrop_paint (FeScene *scene);

/*
 * Where an object of about unit size lies: near the center, turned by up to
 * @turn to each side, and with @reach of its own units to each side visible.
 */
FePose fe_backdrop_place (FeScene *scene, float reach, float turn);

G_END_DECLS
