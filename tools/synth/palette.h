/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* What a bare metal mirrors of each color: steel most often, or brass, … */
FeColor fe_palette_pick_metal (FeRandom *random);

G_END_DECLS
