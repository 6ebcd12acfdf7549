/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preprocessing needs to know of each pixel format. */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

typedef enum {
  FE_COLOR_MODEL_RGB,
  FE_COLOR_MODEL_YUV,
  FE_COLOR_MODEL_GRAY,
} FeColorModel;

/* Where one component's bytes lie within a plane's row: the first at `offset`,
 * the others `step` bytes apart. */
typedef struct {
  guint8 plane;
  guint8 offset;
  guint8 step;
} FeComponent;

/* Components in the order R, G, B or Y, U, V; grey has its luma three times.
 * U and V have (size + subsampled) >> subsampled columns, and rows likewise. */
typedef struct {
  const char *name; /* as in GStreamer */
  FeColorModel model;
  guint n_planes;
  guint8 subsampled_x; /* 0 or 1 */
  guint8 subsampled_y;
  FeComponent components[3];
} FePixelFormat;

/* NULL for a number that is no pixel format. */
const FePixelFormat *fe_pixel_format_get (FeclipPixelFormat format);

/* Whether a component is one of those that may be subsampled. */
gboolean fe_pixel_format_is_chroma (const FePixelFormat *self, guint component);

/* From component bytes to RGB in 0…1: the weight of each component and a
 * constant, one row per colour. `frame` says the range and the luma weights. */
void fe_pixel_format_get_matrix (const FePixelFormat *self,
                                 const FeclipFrame *frame, float matrix[3][4]);

G_END_DECLS
