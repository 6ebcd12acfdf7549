/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* What a bare metal mirrors of each color: steel most often, or brass, … */
FeColor fe_metals_pick (FeRandom *random);

G_END_DECLS
