/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

#define FE_STROKE_MAX 64

/* A line of straight pieces. */
typedef struct {
  FePoint points[FE_STROKE_MAX];
  int n;
} FeStroke;

/* How a stroke wanders. */
typedef struct {
  float length;
  /* The direction it sets out in. */
  float angle;
  /* How much it turns, in turns per length, steadily and at random. */
  float curl;
  float jitter;
  int steps;
} FeStrokeCourse;

/* Starts at (@x, @y). */
FeStroke fe_stroke_make (FeRandom *random, float x, float y,
                         const FeStrokeCourse *course);

/* Moves the stroke so that its middle lies where it started. */
void fe_stroke_center (FeStroke *self);

/*
 * Changes @texel at @p, which lies @distance from the stroke's line, beside
 * the share @along of its length; @side is -1 or 1.
 */
typedef void (*FeStrokePainter) (gconstpointer data, FePoint p, float distance,
                                 float along, float side, FeTexel *texel);

/* Paints everything within @reach of the line. */
void fe_stroke_paint (const FeStroke *self, FeScene *scene, float reach,
                      FeStrokePainter painter, gconstpointer data);

G_END_DECLS
