/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>
#include <feclip/shared-memory.h>

G_BEGIN_DECLS

#define FECLIP_FRAME_MAX_PLANES 3

/**
 * FeclipPixelFormat:
 * @FECLIP_PIXEL_FORMAT_RGB: 3 bytes per pixel
 * @FECLIP_PIXEL_FORMAT_BGR: 3 bytes per pixel
 * @FECLIP_PIXEL_FORMAT_RGBX: 4 bytes, the last one (padding or alpha) ignored
 * @FECLIP_PIXEL_FORMAT_BGRX: likewise
 * @FECLIP_PIXEL_FORMAT_XRGB: 4 bytes, the first one ignored
 * @FECLIP_PIXEL_FORMAT_XBGR: likewise
 * @FECLIP_PIXEL_FORMAT_GRAY8: luma only
 * @FECLIP_PIXEL_FORMAT_I420: 4:2:0, planes Y, U, V
 * @FECLIP_PIXEL_FORMAT_YV12: 4:2:0, planes Y, V, U
 * @FECLIP_PIXEL_FORMAT_NV12: 4:2:0, planes Y, UV
 * @FECLIP_PIXEL_FORMAT_NV21: 4:2:0, planes Y, VU
 * @FECLIP_PIXEL_FORMAT_Y42B: 4:2:2, planes Y, U, V
 * @FECLIP_PIXEL_FORMAT_YUY2: 4:2:2 packed, Y0 U Y1 V
 * @FECLIP_PIXEL_FORMAT_UYVY: 4:2:2 packed, U Y0 V Y1
 * @FECLIP_PIXEL_FORMAT_Y444: 4:4:4, planes Y, U, V
 *
 * Pixel layouts that the preprocessing shader reads as they are; 8 bits per
 * component, names and meaning as in GStreamer.
 */
typedef enum {
  FECLIP_PIXEL_FORMAT_RGB,
  FECLIP_PIXEL_FORMAT_BGR,
  FECLIP_PIXEL_FORMAT_RGBX,
  FECLIP_PIXEL_FORMAT_BGRX,
  FECLIP_PIXEL_FORMAT_XRGB,
  FECLIP_PIXEL_FORMAT_XBGR,
  FECLIP_PIXEL_FORMAT_GRAY8,
  FECLIP_PIXEL_FORMAT_I420,
  FECLIP_PIXEL_FORMAT_YV12,
  FECLIP_PIXEL_FORMAT_NV12,
  FECLIP_PIXEL_FORMAT_NV21,
  FECLIP_PIXEL_FORMAT_Y42B,
  FECLIP_PIXEL_FORMAT_YUY2,
  FECLIP_PIXEL_FORMAT_UYVY,
  FECLIP_PIXEL_FORMAT_Y444,
} FeclipPixelFormat;

/**
 * FeclipColorRange:
 * @FECLIP_COLOR_RANGE_DEFAULT: limited for YUV and grey, full for RGB
 * @FECLIP_COLOR_RANGE_FULL: 0…255
 * @FECLIP_COLOR_RANGE_LIMITED: 16…235, chroma 16…240
 *
 * Which codes mean black and white.
 */
typedef enum {
  FECLIP_COLOR_RANGE_DEFAULT,
  FECLIP_COLOR_RANGE_FULL,
  FECLIP_COLOR_RANGE_LIMITED,
} FeclipColorRange;

/**
 * FeclipChromaSite:
 * @FECLIP_CHROMA_SITE_CENTER: between the luma samples in both directions
 * (JPEG)
 * @FECLIP_CHROMA_SITE_H_COSITED: on a luma column (MPEG-2, H.264)
 * @FECLIP_CHROMA_SITE_V_COSITED: on a luma row
 *
 * Where subsampled chroma lies.
 */
typedef enum /*< flags >*/ {
  FECLIP_CHROMA_SITE_CENTER = 0,
  FECLIP_CHROMA_SITE_H_COSITED = 1 << 0,
  FECLIP_CHROMA_SITE_V_COSITED = 1 << 1,
} FeclipChromaSite;

/**
 * FeclipOrientation:
 * @FECLIP_ORIENTATION_UNKNOWN: as @FECLIP_ORIENTATION_UPRIGHT
 * @FECLIP_ORIENTATION_UPRIGHT: the first row is the top
 * @FECLIP_ORIENTATION_MIRRORED: mirrored left to right
 * @FECLIP_ORIENTATION_ROTATED_180: upside down
 * @FECLIP_ORIENTATION_FLIPPED: mirrored top to bottom
 * @FECLIP_ORIENTATION_TRANSPOSED: rows and columns exchanged
 * @FECLIP_ORIENTATION_ROTATE_90_CW: needs a clockwise quarter turn to be seen
 *   upright
 * @FECLIP_ORIENTATION_TRANSVERSED: transposed along the other diagonal
 * @FECLIP_ORIENTATION_ROTATE_90_CCW: needs a counter-clockwise quarter turn
 *
 * How the stored image lies, by the numbers of the EXIF tag. The network sees
 * it upright; rectangles and maps in results always lie as the frame is stored.
 */
typedef enum {
  FECLIP_ORIENTATION_UNKNOWN,
  FECLIP_ORIENTATION_UPRIGHT,
  FECLIP_ORIENTATION_MIRRORED,
  FECLIP_ORIENTATION_ROTATED_180,
  FECLIP_ORIENTATION_FLIPPED,
  FECLIP_ORIENTATION_TRANSPOSED,
  FECLIP_ORIENTATION_ROTATE_90_CW,
  FECLIP_ORIENTATION_TRANSVERSED,
  FECLIP_ORIENTATION_ROTATE_90_CCW,
} FeclipOrientation;

typedef struct _FeclipFrame FeclipFrame;

/**
 * FeclipFrame:
 * @format: the pixels' layout
 * @width: in pixels, at least 1
 * @height: in pixels, at least 1
 * @planes: (array fixed-size=3): first byte of each plane's first row
 * @strides: (array fixed-size=3): bytes from one row to the next, per plane
 * @range: which codes mean black and white
 * @kr: weight of red in luma (ITU-R H.273), 0 for BT.601's; YUV only
 * @kb: weight of blue in luma, 0 for BT.601's; YUV only
 * @chroma_site: where subsampled chroma lies
 * @orientation: how the image lies
 * @memory: (nullable): where the image lies if not in system memory; @planes
 *   are not used then
 * @offsets: (array fixed-size=3): where each plane's first row begins in
 *   @memory, in bytes
 *
 * An image in system memory or on the device, borrowed for the length of a
 * call and only read. Subsampled planes have (width + 1) / 2 columns, and rows
 * likewise. All that is zero has a sensible meaning, so that an RGB image
 * needs five fields.
 */
struct _FeclipFrame {
  FeclipPixelFormat format;
  guint width;
  guint height;
  const guint8 *planes[FECLIP_FRAME_MAX_PLANES];
  gsize strides[FECLIP_FRAME_MAX_PLANES];
  FeclipColorRange range;
  double kr;
  double kb;
  FeclipChromaSite chroma_site;
  FeclipOrientation orientation;
  FeclipSharedMemory *memory;
  gsize offsets[FECLIP_FRAME_MAX_PLANES];
};

G_END_DECLS
