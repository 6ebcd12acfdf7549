/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"
#include "synth/geometry.h"
#include "synth/random.h"

G_BEGIN_DECLS

/* The material of the surface at one pixel, without light. */
typedef struct {
  FeColor albedo;
  /* Towards the camera, in the scene's units. */
  float height;
  /* The strength of highlights, from 0 to 1. */
  float gloss;
  /* The sharpness of highlights, from 0 to 1. */
  float shine;
  /* 1 for bare metal, whose color is that of its reflections. */
  float metal;
  /* 1 on the inspected object, 0 on the background. */
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
  /* The background below the object and its parts, or NULL. */
  FeTexel *under;
  /* For the properties that all items of a product share. */
  FeRandom design;
  /* For the properties of the single item. */
  FeRandom item;
  /* Of FeScenePart. */
  GArray *parts;
  /* The direction of grain, threads or rows. */
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

/* The pixels of a rectangle; right and bottom are exclusive. */
typedef struct {
  int left;
  int top;
  int right;
  int bottom;
} FePixels;

FePixels fe_scene_pixels (const FeScene *self, const FeArea *area);

/* Changes the existing @texel to the material at @p. */
typedef void (*FePainter) (gconstpointer data, FePoint p, FeTexel *texel);

/* Paints @area, or everything for NULL. */
void fe_scene_paint (FeScene *self, const FeArea *area, FePainter painter,
                     gconstpointer data);

/* Starts the object: everything painted before lies below it. */
void fe_scene_begin_object (FeScene *self);

void fe_scene_add_part (FeScene *self, float x, float y, float radius);

/* Interpolates all numbers of two texels. */
FeTexel fe_texel_mix (const FeTexel *a, const FeTexel *b, float share);

/* Blends @top over @texel. */
void fe_texel_cover (FeTexel *texel, const FeTexel *top, float coverage);

G_END_DECLS
