/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* Specks as lie on anything in a factory; no defects. */
void fe_dust_settle (FeScene *scene, guint64 seed);

G_END_DECLS
