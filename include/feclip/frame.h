/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>
#include <feclip/shared-memory.h>

G_BEGIN_DECLS

/**
 * FECLIP_FRAME_MAX_PLANES:
 *
 * Largest number of planes of a frame.
 */
#define FECLIP_FRAME_MAX_PLANES 3

/**
 * FeclipPixelFormat:
 * @FECLIP_PIXEL_FORMAT_RGB: 3 bytes per pixel
 * @FECLIP_PIXEL_FORMAT_BGR: 3 bytes per pixel
 * @FECLIP_PIXEL_FORMAT_RGBX: 4 bytes per pixel; the last one (padding or alpha)
 *   is ignored
 * @FECLIP_PIXEL_FORMAT_BGRX: likewise
 * @FECLIP_PIXEL_FORMAT_XRGB: 4 bytes per pixel; the first one is ignored
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
 * Pixel formats that the preprocessing kernels read directly: 8 bits per
 * component, named and laid out as in GStreamer.
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
 * @FECLIP_COLOR_RANGE_LIMITED: luma 16…235, chroma 16…240
 *
 * Range of the 8-bit values, from black to white.
 */
typedef enum {
  FECLIP_COLOR_RANGE_DEFAULT,
  FECLIP_COLOR_RANGE_FULL,
  FECLIP_COLOR_RANGE_LIMITED,
} FeclipColorRange;

/**
 * FeclipChromaSite:
 * @FECLIP_CHROMA_SITE_CENTER: between the luma samples in both directions
 *   (JPEG)
 * @FECLIP_CHROMA_SITE_H_COSITED: in the same column as a luma sample (MPEG-2,
 *   H.264)
 * @FECLIP_CHROMA_SITE_V_COSITED: in the same row as a luma sample
 *
 * Position of subsampled chroma samples relative to luma.
 */
typedef enum /*< flags >*/ {
  FECLIP_CHROMA_SITE_CENTER = 0,
  FECLIP_CHROMA_SITE_H_COSITED = 1 << 0,
  FECLIP_CHROMA_SITE_V_COSITED = 1 << 1,
} FeclipChromaSite;

/**
 * FeclipOrientation:
 * @FECLIP_ORIENTATION_UNKNOWN: treated as @FECLIP_ORIENTATION_UPRIGHT
 * @FECLIP_ORIENTATION_UPRIGHT: the first row is the top
 * @FECLIP_ORIENTATION_MIRRORED: mirrored left to right
 * @FECLIP_ORIENTATION_ROTATED_180: upside down
 * @FECLIP_ORIENTATION_FLIPPED: mirrored top to bottom
 * @FECLIP_ORIENTATION_TRANSPOSED: rows and columns exchanged
 * @FECLIP_ORIENTATION_ROTATE_90_CW: upright after a rotation by 90° clockwise
 * @FECLIP_ORIENTATION_TRANSVERSED: transposed along the other diagonal
 * @FECLIP_ORIENTATION_ROTATE_90_CCW: upright after a rotation by 90°
 *   counter-clockwise
 *
 * Orientation of the stored image, with the values of the EXIF tag. The network
 * sees the image upright; rectangles and maps in results always refer to the
 * image as it is stored.
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
 * @format: pixel format
 * @width: width in pixels, at least 1
 * @height: height in pixels, at least 1
 * @planes: (array fixed-size=3): first byte of the first row of each plane
 * @strides: (array fixed-size=3): bytes from one row to the next, per plane
 * @range: range of the values
 * @kr: weight of red in luma (ITU-R H.273), 0 for that of BT.601; YUV only
 * @kb: weight of blue in luma (ITU-R H.273), 0 for that of BT.601; YUV only
 * @chroma_site: position of subsampled chroma
 * @orientation: orientation of the stored image
 * @memory: (nullable): device memory that holds the pixels, or %NULL if they
 *   are in system memory. If set, @planes is ignored
 * @offsets: (array fixed-size=3): offset of the first row of each plane in
 *   @memory, in bytes
 *
 * An image in system memory or device memory. The library borrows it for the
 * duration of a call and only reads it. Subsampled planes have (width + 1) / 2
 * columns and, for 4:2:0, (height + 1) / 2 rows. Zero is a valid default for
 * every field but @format, @width, @height, @planes and @strides.
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
