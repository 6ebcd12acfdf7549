/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/gallery_tile.h"

G_BEGIN_DECLS

/* One of the worst images, drawn. */
typedef struct {
  FeWorstKind kind;
  cairo_surface_t *surface;
  char *name;
  char *verdict;
  gboolean wrong;
} FeGalleryCard;

/*
 * Draws the cards of all images that are to be shown: FeGalleryCard entries
 * by their kind, the worst first. An image that cannot be read any more is
 * left out. Stops early when an interrupt is pending.
 */
GPtrArray *fe_gallery_new (FeEvaluation *evaluation);

/* All of them on one surface; NULL where there are none. */
cairo_surface_t *fe_gallery_draw (GPtrArray *cards);

G_END_DECLS
