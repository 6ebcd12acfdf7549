/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "eval/evaluation.h"

G_BEGIN_DECLS

/*
 * The curves of all categories, of images and of pixels: recall over false
 * positive rate and precision over recall. NULL where there is no curve.
 */
cairo_surface_t *fe_plot_draw (FeEvaluation *evaluation);

G_END_DECLS
