/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"
#include "synth/defect.h"
#include "synth/scene.h"
#include "synth/studio.h"
#include "synth/surface.h"

G_BEGIN_DECLS

/* The pixels in which two images of the same scene visibly differ. */
typedef struct {
  /* [height][width], 255 where they differ, else 0. */
  guint8 *pixels;
  guint area;
  /* The bounding box; 0 if the area is 0. */
  FePixels box;
  /* The mean difference inside, 1 for black and white. */
  float contrast;
  /* The mean difference of neighboring pixels of the good image inside. */
  float texture;
} FeDefectMask;

/*
 * Compares the images before noise. @solid fills holes, such as the middle of a
 * dent, which looks like its surroundings.
 */
FeDefectMask fe_defect_mask_make (const FeColor *good, const FeColor *defective,
                                  int width, int height, gboolean solid);

void fe_defect_mask_clear (FeDefectMask *self);

/* The limits of an image's edges. */
#define FE_SAMPLE_MIN_EDGE 16
#define FE_SAMPLE_MAX_EDGE 4096

/* Instead of an FeDefectId. */
#define FE_SAMPLE_GOOD -1

/*
 * The content of an image. The same numbers give the same image; two requests
 * that differ only in the defect give images that differ only in the defect.
 */
typedef struct {
  const FeSurfaceKind *surface;
  /* An FeDefectId or FE_SAMPLE_GOOD. */
  int defect;
  int width;
  int height;
  /* The product, with its lamps and its camera. */
  guint64 design;
  /* The single item of that product. */
  guint64 item;
  guint64 defect_seed;
  /* From 0 to 1; increased where the defect would be invisible. */
  float severity;
  /* From 0, a few pixels, to 1, a large part of the image; increased where the
   * defect would be invisible. */
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
  /* Its area is 0 without a defect. */
  FeDefectMask mask;
  /* The severity that was used. */
  float severity;
} FeSample;

FeSample *fe_sample_new (const FeSampleRequest *request);

/* NULL is allowed. */
void fe_sample_free (FeSample *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeSample, fe_sample_free)

/* The scene of a good item with dust on it. */
FeScene *fe_sample_make_scene (const FeSampleRequest *request);

/* An item with a defect, its image and its mask. */
typedef struct {
  FeScene *scene;
  FeColor *image;
  FeDefectMask mask;
  float severity;
} FeDamage;

/*
 * Damages a copy of @scene until the defect is visible. @good is the image of
 * @scene in @studio. Clear the damage.
 */
FeDamage fe_damage_make (const FeSampleRequest *request, const FeStudio *studio,
                         const FeScene *scene, const FeColor *good);

void fe_damage_clear (FeDamage *self);

G_END_DECLS
