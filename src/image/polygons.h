/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Regions of a frame that are analysed or ignored, as polygons. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A corner, as fractions of the stored frame's width and height. */
typedef struct {
  double x;
  double y;
} FeCorner;

/* A pixel counts if it is inside one of `include`, or if that is empty, and
 * outside all of `ignore`. */
typedef struct {
  GPtrArray *include; /* of GArray of FeCorner, at least three each */
  GPtrArray *ignore;
} FePolygons;

/* Parses polygons from strings "x,y x,y x,y; x,y …" and from a JSON file
 * {"include": [[[x,y],…],…], "ignore": […]}, which adds to the strings. Each
 * may be NULL or empty. Untrusted input: every number is checked. Returns: the
 * polygons, or NULL with an error that names the property or file. */
FePolygons *fe_polygons_new (const char *include, const char *ignore,
                             const char *file, GError **error);

void fe_polygons_free (FePolygons *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePolygons, fe_polygons_free)

/* Whether there are no polygons, so that the whole frame counts. */
gboolean fe_polygons_is_empty (const FePolygons *self);

G_END_DECLS
