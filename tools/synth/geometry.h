/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <math.h>

#include "synth/random.h"

G_BEGIN_DECLS

/*
 * A place in the scene. The origin is the image's center, and the shorter
 * edge is one unit long, so that a scene looks the same at every size. @pixel
 * is a pixel's edge in the same units; finer details must be left out.
 */
typedef struct {
  float x;
  float y;
  float pixel;
} FePoint;

static inline float
fe_clamp (float x, float low, float high)
{
  return x < low ? low : x > high ? high : x;
}

static inline float
fe_mix (float a, float b, float share)
{
  return a + (b - a) * share;
}

/* 0 up to @from, 1 from @to on, smooth in between; @from may be larger. */
static inline float
fe_smooth (float from, float to, float x)
{
  float t = fe_clamp ((x - from) / (to - from), 0, 1);

  return t * t * (3 - 2 * t);
}

/* Without a call into the mathematics library. */
static inline int
fe_floor (float x)
{
  int whole = (int)x;

  return whole - (x < (float)whole);
}

/* The fractional part of @x. */
static inline float
fe_fraction (float x)
{
  return x - (float)fe_floor (x);
}

/* From 0 to 1 and back once per unit. */
static inline float
fe_triangle (float x)
{
  return fabsf (2 * fe_fraction (x) - 1);
}

static inline float
fe_length (float x, float y)
{
  return sqrtf (x * x + y * y);
}

/*
 * Signed distances to the edge of a shape, negative inside it.
 */

static inline float
fe_box_distance (float x, float y, float half_width, float half_height,
                 float corner)
{
  float dx = fabsf (x) - half_width + corner;
  float dy = fabsf (y) - half_height + corner;
  float outside = fe_length (MAX (dx, 0), MAX (dy, 0));

  return outside + MIN (MAX (dx, dy), 0) - corner;
}

/* Of a regular polygon with @corners corners and the inner radius @radius. */
static inline float
fe_polygon_distance (float x, float y, float radius, int corners)
{
  float step = 2 * (float)G_PI / (float)corners;
  float angle = atan2f (y, x);
  float turned = angle - step * (float)fe_floor (angle / step + 0.5F);

  return fe_length (x, y) * cosf (turned) - radius;
}

/* The share of a pixel at @distance from the edge that a shape covers. */
static inline float
fe_coverage (float distance, float pixel)
{
  return fe_clamp (0.5F - distance / (pixel * 1.3F), 0, 1);
}

/* The profile of a rounded edge: 0 at the edge, 1 from @bevel inwards. */
static inline float
fe_dome (float distance, float bevel)
{
  float t = fe_clamp (1 + distance / bevel, 0, 1);

  return sqrtf (1 - t * t);
}

/* The position, angle and scale of an object. */
typedef struct {
  float x;
  float y;
  float cosine;
  float sine;
  float scale;
} FePose;

static inline FePose
fe_pose_make (float x, float y, float angle, float scale)
{
  return (FePose){x, y, cosf (angle), sinf (angle), scale};
}

/* @p in the coordinates of the object. */
static inline FePoint
fe_pose_enter (const FePose *pose, FePoint p)
{
  float x = (p.x - pose->x) / pose->scale;
  float y = (p.y - pose->y) / pose->scale;

  return (FePoint){x * pose->cosine + y * pose->sine,
                   y * pose->cosine - x * pose->sine, p.pixel / pose->scale};
}

/* The inverse: object coordinates to scene coordinates. */
static inline FePoint
fe_pose_leave (const FePose *pose, float x, float y)
{
  return (FePoint){pose->x + (x * pose->cosine - y * pose->sine) * pose->scale,
                   pose->y + (x * pose->sine + y * pose->cosine) * pose->scale,
                   0};
}

G_END_DECLS
