/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which parts of a frame are looked at, as users draw them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A corner, in shares of the stored frame's width and height. */
typedef struct {
  double x;
  double y;
} FeCorner;

/* What counts lies in one of `include`, or anywhere if that is empty, and in
 * none of `ignore`. */
typedef struct {
  GPtrArray *include; /* of polygons: GArray of at least three FeCorner */
  GPtrArray *ignore;
} FePolygons;

/* Reads "x,y x,y x,y; x,y …" and a JSON file {"include": [[[x,y],…],…],
 * "ignore": […]}, whose polygons come to the others. Each may be NULL or empty.
 * Untrusted: every number is checked. Returns: the polygons, or NULL. */
FePolygons *fe_polygons_new (const char *include, const char *ignore,
                             const char *file, GError **error);

void fe_polygons_free (FePolygons *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePolygons, fe_polygons_free)

/* Whether there is none, so that the whole frame counts. */
gboolean fe_polygons_is_empty (const FePolygons *self);

G_END_DECLS
