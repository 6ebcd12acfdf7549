/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preprocessing must compute, in plain C and double precision, and
 * frames to try it on. */
#pragma once

#include <feclip/frame.h>
#include <feclip/settings.h>

#define N_PIXEL_FORMATS (FECLIP_PIXEL_FORMAT_Y444 + 1)

/* RGB in 0…1, [height][width][3]. */
typedef struct {
  guint width;
  guint height;
  double *rgb;
} Image;

void image_clear (Image *self);

/* Columns, rows and bytes per row of one plane, as GStreamer lays them out. */
typedef struct {
  guint n_planes;
  guint rows[FECLIP_FRAME_MAX_PLANES];
  gsize row_sizes[FECLIP_FRAME_MAX_PLANES];
} PlaneSizes;

PlaneSizes plane_sizes (FeclipPixelFormat format, guint width, guint height);

/* Gives a frame planes of random bytes whose rows lie `padding` bytes further
 * apart than they need; the planes end with their last row's last byte. Free
 * with frame_clear(). */
void frame_init_random (FeclipFrame *frame, gsize padding, GRand *random);

void frame_clear (FeclipFrame *frame);

/* Address of a sample, in its component's own columns and rows; component 0…2
 * is R, G, B or Y, U, V. */
guint8 *frame_sample (const FeclipFrame *frame, guint component, guint column,
                      guint row);

/* Whether U and V have half the columns or rows; FALSE for RGB and grey. */
gboolean halves_columns (FeclipPixelFormat format);
gboolean halves_rows (FeclipPixelFormat format);

/* Where EXIF says that a stored pixel belongs, in an upright image of
 * upright_width × upright_height. */
void exif_place (FeclipOrientation orientation, guint upright_width,
                 guint upright_height, guint column, guint row, guint *x,
                 guint *y);

/* Whether an orientation exchanges width and height. */
gboolean exif_swaps (FeclipOrientation orientation);

/* The frame in RGB, upright. */
Image ref_convert (const FeclipFrame *frame);

/* PyTorch's antialiased bicubic resize, centre crop and normalisation:
 * dst [3][size][size]. */
void ref_resize (const Image *image, FeclipFit fit, guint size, float *dst);
