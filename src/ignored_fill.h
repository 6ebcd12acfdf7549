/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Painting the ignored parts of the network's picture. */
#pragma once

#include "ignore_mask.h"
#include "matrix.h"
#include "vk_compute.h"

G_BEGIN_DECLS

/* For frames of one size. All zero: nothing is ignored. */
typedef struct {
  FeIgnoreMask mask;
  FeBuffer *ignored; /* the mask: words per row, then its rows */
  FeBuffer *kept;    /* [S][S] share of each pixel that is not ignored */
  FeBuffer *colors;  /* [S] sums of each row: RGB, kept */
} FeIgnoredFill;

/* Draws the polygons for frames of width × height, and makes room for a picture
 * of edge × edge pixels. */
gboolean fe_ignored_fill_init (FeIgnoredFill *self, FeDevice *device,
                               const FePolygons *polygons, guint width,
                               guint height, guint edge, GError **error);

void fe_ignored_fill_clear (FeIgnoredFill *self);

/* Records painting a picture, whose colors are multiplied by `kept`, with the
 * mean color of what is kept. */
void fe_ignored_fill_record (FeIgnoredFill *self, FeCommands *commands,
                             const FeMatrix *patches, guint patch_size,
                             guint edge);

G_END_DECLS
