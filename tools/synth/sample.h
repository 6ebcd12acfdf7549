/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"
#include "synth/defect.h"
#include "synth/scene.h"
#include "synth/studio.h"
#include "synth/surface.h"

G_BEGIN_DECLS

/* Where two images of the same scene visibly differ. */
typedef struct {
  /* [height][width], 255 where they do and 0 elsewhere. */
  guint8 *pixels;
  guint area;
  /* Holds all of it; all 0 where the area is. */
  FePixels box;
  /* The mean difference inside, 1 being that of black and white. */
  float contrast;
  /* How much the good image itself varies there from pixel to pixel. */
  float texture;
} FeDefectMask;

/*
 * Compares what the screen shows, before any noise. @solid fills what the
 * difference surrounds, as a dent's middle that looks like its surroundings.
 */
FeDefectMask fe_defect_mask_make (const FeColor *good, const FeColor *defective,
                                  int width, int height, gboolean solid);

void fe_defect_mask_clear (FeDefectMask *self);

/* No image is smaller or larger. */
#define FE_SAMPLE_MIN_EDGE 16
#define FE_SAMPLE_MAX_EDGE 4096

/* In place of a FeDefectId. */
#define FE_SAMPLE_GOOD -1

/*
 * What an image is to show. The same numbers give the same image; two
 * requests that differ in nothing but the defect give two images that differ
 * in nothing else.
 */
typedef struct {
  const FeSurfaceKind *surface;
  /* A FeDefectId or FE_SAMPLE_GOOD. */
  int defect;
  int width;
  int height;
  /* The product, with its lamps and its camera. */
  guint64 design;
  /* The single item of that product. */
  guint64 item;
  guint64 defect_seed;
  /* From 0 to 1; what cannot be seen at all is made plainer. */
  float severity;
  /* From 0, a few pixels, to 1, a good part of the image; made larger where
   * the defect could not be seen. */
  float extent;
  /* Whether a second image shows the item without its defect. */
  gboolean pair;
} FeSampleRequest;

typedef struct {
  FeSampleRequest request;
  /* [height][width][3] */
  guint8 *pixels;
  /* The same without the defect and with other noise, or NULL. */
  guint8 *good_pixels;
  /* Of no area where there is no defect. */
  FeDefectMask mask;
  /* What the severity became. */
  float severity;
} FeSample;

FeSample *fe_sample_new (const FeSampleRequest *request);

/* NULL is allowed. */
void fe_sample_free (FeSample *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeSample, fe_sample_free)

/* A good item with the dust on it, before any image is taken. */
FeScene *fe_sample_make_scene (const FeSampleRequest *request);

/* An item with its defect, and what shows that it has one. */
typedef struct {
  FeScene *scene;
  FeColor *image;
  FeDefectMask mask;
  float severity;
} FeDamage;

/*
 * Damages a copy of @scene, of which @good is the image taken in @studio,
 * until that can be seen.
 */
FeDamage fe_damage_make (const FeSampleRequest *request, const FeStudio *studio,
                         const FeScene *scene, const FeColor *good);

void fe_damage_clear (FeDamage *self);

G_END_DECLS
