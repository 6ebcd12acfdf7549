/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory layout of each pixel format, for the preprocessing. */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

typedef enum {
  FE_COLOR_MODEL_RGB,
  FE_COLOR_MODEL_YUV,
  FE_COLOR_MODEL_GRAY,
} FeColorModel;

/* Position of one component's bytes in a row of a plane: the first byte is at
 * `offset`, the others follow `step` bytes apart. */
typedef struct {
  guint8 plane;
  guint8 offset;
  guint8 step;
} FeComponent;

/* Components are in the order R, G, B or Y, U, V; grey has luma three times. U
 * and V have (size + subsampled) >> subsampled columns and rows. */
typedef struct {
  const char *name; /* as in GStreamer */
  FeColorModel model;
  guint n_planes;
  guint8 subsampled_x; /* 0 or 1 */
  guint8 subsampled_y;
  FeComponent components[3];
} FePixelFormat;

/* NULL for an invalid enum value. */
const FePixelFormat *fe_pixel_format_get (FeclipPixelFormat format);

/* Whether a component is U or V of a YUV format. */
gboolean fe_pixel_format_is_chroma (const FePixelFormat *self, guint component);

/* Matrix from component bytes to RGB in 0…1: one row per colour with the weight
 * of each component and a constant. `frame` gives the range and the luma
 * weights. */
void fe_pixel_format_get_matrix (const FePixelFormat *self,
                                 const FeclipFrame *frame, float matrix[3][4]);

G_END_DECLS
