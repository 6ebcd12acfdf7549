/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "eval/evaluation.h"

G_BEGIN_DECLS

/* One of the worst images: the image, its defect outlined where it has a mask,
 * and beside it the same image with its heatmap. */
typedef struct {
  FeWorstKind kind;
  cairo_surface_t *surface;
  /* Such as "nut: scratch/003". */
  char *name;
  /* Such as "score 0.4100, below 0.5000". */
  char *verdict;
  /* Whether the threshold decides wrongly. */
  gboolean wrong;
} FeGalleryTile;

/*
 * Draws the worst images of @evaluation: FeGalleryTile entries by their kind,
 * the worst first. Reads their files again; an image that cannot be read any
 * more is left out. Stops early when an interrupt is pending.
 */
GPtrArray *fe_gallery_new (FeEvaluation *evaluation);

/* All tiles on one surface; NULL where there are none. */
cairo_surface_t *fe_gallery_draw (GPtrArray *tiles);

/* A heading for the images of one kind, and a sentence below it. */
const char *fe_gallery_get_title (FeWorstKind kind);
const char *fe_gallery_get_summary (FeWorstKind kind);

G_END_DECLS
