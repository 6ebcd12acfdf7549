/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"
#include "synth/geometry.h"
#include "synth/random.h"

G_BEGIN_DECLS

/* What a pixel's piece of the surface is like, before any light falls on it. */
typedef struct {
  FeColor albedo;
  /* Towards the camera, in the scene's units. */
  float height;
  /* How strongly it mirrors lamps, from 0 to 1. */
  float gloss;
  /* How sharply it does so, from 0 to 1. */
  float shine;
  /* 1 for bare metal, which has no color but that of what it mirrors. */
  float metal;
  /* 1 on the object that is inspected, 0 on what it lies on. */
  float cover;
} FeTexel;

/* A part of an object that can be missing. */
typedef struct {
  float x;
  float y;
  float radius;
} FeScenePart;

typedef struct {
  int width;
  int height;
  /* A pixel's edge in units of the scene. */
  float pixel;
  /* [height][width] */
  FeTexel *texels;
  /* What lies below the object and its parts, or NULL. */
  FeTexel *under;
  /* What all items of a product have in common. */
  FeRandom design;
  /* What is each item's own. */
  FeRandom item;
  /* Of FeScenePart. */
  GArray *parts;
  /* Which way grain, threads or rows run. */
  float grain_angle;
  /* Long and thin along that direction, so that it bends as a whole. */
  gboolean slender;
} FeScene;

FeScene *fe_scene_new (int width, int height, guint64 design, guint64 item);

/* NULL is allowed. */
void fe_scene_free (FeScene *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeScene, fe_scene_free)

FeScene *fe_scene_copy (const FeScene *self);

FePoint fe_scene_point (const FeScene *self, int column, int row);

/* The pixel at @p, or the nearest one where @p lies outside. */
FeTexel *fe_scene_texel (const FeScene *self, float x, float y);

/* A rectangle of the scene. */
typedef struct {
  float left;
  float top;
  float right;
  float bottom;
} FeArea;

static inline FeArea
fe_area_around (float x, float y, float reach)
{
  return (FeArea){x - reach, y - reach, x + reach, y + reach};
}

/* Pixels of a rectangle: from the first up to but not the second. */
typedef struct {
  int left;
  int top;
  int right;
  int bottom;
} FePixels;

FePixels fe_scene_pixels (const FeScene *self, const FeArea *area);

/* Changes @texel, which shows what was there before, to what is at @p. */
typedef void (*FePainter) (gconstpointer data, FePoint p, FeTexel *texel);

/* Paints @area, or everything for NULL. */
void fe_scene_paint (FeScene *self, const FeArea *area, FePainter painter,
                     gconstpointer data);

/* From here on, what was painted so far lies below. */
void fe_scene_begin_object (FeScene *self);

void fe_scene_add_part (FeScene *self, float x, float y, float radius);

/* The texel between two, all its numbers alike. */
FeTexel fe_texel_mix (const FeTexel *a, const FeTexel *b, float share);

/* Lays @top over @texel where it covers. */
void fe_texel_cover (FeTexel *texel, const FeTexel *top, float coverage);

G_END_DECLS
