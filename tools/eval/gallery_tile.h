/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "eval/evaluation.h"

G_BEGIN_DECLS

/* A card's size in pixels. */
#define FE_GALLERY_TILE_EDGE 256
#define FE_GALLERY_TILE_GAP 4
#define FE_GALLERY_TILE_WIDTH (2 * FE_GALLERY_TILE_EDGE + FE_GALLERY_TILE_GAP)

/*
 * An image, its defect outlined where there is a mask, and beside it the same
 * image with its heatmap; FE_GALLERY_TILE_WIDTH wide and at most
 * FE_GALLERY_TILE_EDGE high. Reads the files again. NULL with an error where
 * that fails.
 */
cairo_surface_t *fe_gallery_tile_draw (const FeShown *shown, GError **error);

/* Whether the threshold decides wrongly. */
gboolean fe_gallery_tile_is_wrong (const FeShown *shown);

/* Two lines about it, such as "nut: scratch/003" and "0.41, below 0.50". */
char *fe_gallery_tile_get_name (const FeShown *shown);
char *fe_gallery_tile_get_verdict (const FeShown *shown, FeWorstKind kind);

/* What the images of one kind are, for a headline and below it. */
const char *fe_gallery_tile_get_title (FeWorstKind kind);
const char *fe_gallery_tile_get_summary (FeWorstKind kind);

G_END_DECLS
