/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which bytes of a frame go to the device, and where they lie there. */
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
 * put: rows one after another without gaps. */
typedef struct {
  gsize first_byte; /* in each row */
  gsize end_byte;
  gsize first_row;
  gsize end_row;
  gsize base; /* in the upload */
} FePlanePart;

typedef struct {
  const FePixelFormat *format;
  FePlanePart planes[FECLIP_FRAME_MAX_PLANES];
  guint64 size; /* of the upload, or of the memory a frame lies in, in bytes */
  /* Where the whole frame's sample (0, 0) of each component would lie, modulo
   * 2³², and what its next row is away. */
  guint32 origin[3];
  guint32 stride[3];
} FeFrameUpload;

/* Checks all that a caller may get wrong, but for whose memory it lies in. */
gboolean fe_frame_check (const FeclipFrame *frame, GError **error);

/* Whether commands recorded for one are right for the other: all but the place
 * in system memory is the same. */
gboolean fe_frame_is_like (const FeclipFrame *self, const FeclipFrame *other);

/* Makes `cropped` a part of a frame that was checked, which must contain it.
 * Where chroma is subsampled, the part's left and top are made even. */
void fe_frame_crop (const FeclipFrame *frame, FeRect *part,
                    FeclipFrame *cropped);

/* Plans the upload of a part, with the chroma around it that interpolation
 * reads. A frame on the device is left where it lies. */
void fe_frame_upload_init (FeFrameUpload *self, const FeclipFrame *frame,
                           const FeRect *part);

/* Copies the bytes of a frame like the one planned for, its strides aside. */
void fe_frame_upload_copy (const FeFrameUpload *self, const FeclipFrame *frame,
                           guint8 *dst);

G_END_DECLS
