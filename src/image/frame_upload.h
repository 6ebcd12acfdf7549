/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which bytes of a frame are copied to the device, and where they lie there. */
#pragma once

#include "image/pixel_format.h"

G_BEGIN_DECLS

/* Longer edges are refused; every device can run as many workgroups. */
#define FE_FRAME_MAX_EDGE 65535

/* A rectangle of a stored frame, in pixels. */
typedef struct {
  guint x;
  guint y;
  guint width;
  guint height;
} FeRect;

/* The bytes of one plane that are needed, ends exclusive, and where they are
 * copied to: rows one after another without gaps. */
typedef struct {
  gsize first_byte; /* in each row */
  gsize end_byte;
  gsize first_row;
  gsize end_row;
  guint64 base; /* in the upload */
} FePlaneRegion;

/* All in bytes. */
typedef struct {
  const FePixelFormat *format;
  FePlaneRegion planes[FECLIP_FRAME_MAX_PLANES];
  guint64 size; /* of the upload; 0 for a frame in the device's memory */
  /* Where sample (0, 0) of the whole frame lies, for each component, and the
   * distance to its next row. Below 0 where an upload begins further down. */
  gint64 origin[3];
  guint64 stride[3];
} FeFrameUpload;

/* Checks all that a caller may get wrong, but for the device that the memory is
 * on. */
gboolean fe_frame_check (const FeclipFrame *frame, GError **error);

/* Whether commands that were recorded for one frame suit the other: all but the
 * address in system memory is the same. */
gboolean fe_frame_is_like (const FeclipFrame *self, const FeclipFrame *other);

/* Makes `cropped` describe a part of a frame that was checked and contains it.
 * Where chroma is subsampled, moves the part's left and top to even pixels. */
void fe_frame_crop (const FeclipFrame *frame, FeRect *part,
                    FeclipFrame *cropped);

/* Plans the upload of a part of a frame that was checked, with the chroma
 * around the part that interpolation reads. A frame in the device's memory is
 * read where it lies: fails where that is beyond the 4 GiB that kernels
 * address. */
gboolean fe_frame_upload_init (FeFrameUpload *self, const FeclipFrame *frame,
                               const FeRect *part, GError **error);

/* Copies the bytes of a frame like the one that was planned for; its strides
 * may differ. */
void fe_frame_upload_copy (const FeFrameUpload *self, const FeclipFrame *frame,
                           guint8 *dst);

G_END_DECLS
