/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/backdrop.h"

#include "synth/noise.h"

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float mottle;
  float grit;
  float weave;
  float gloss;
} Backdrop;

static void
paint_backdrop (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Backdrop *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float broad = fe_noise_octaves (q, 1.6F, 3, self->seed);
  float grit = self->grit > 0 ? fe_noise_octaves (q, 50, 3, self->seed + 8) : 0;
  float weave = self->weave > 0
                    ? (fe_triangle (q.x * 38) + fe_triangle (q.y * 38) - 1)
                          * fe_clamp (2 - 38 * q.pixel * 6, 0, 1)
                    : 0;

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color, 1 + self->mottle * broad
                                                 + self->grit * grit
                                                 + self->weave * 0.15F * weave),
      .height = 0.0015F * (self->grit * grit + self->weave * weave),
      .gloss = self->gloss,
      .shine = 0.4F,
  };
}

void
fe_backdrop_paint (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  Backdrop backdrop = {
      .color = fe_random_chance (design, 0.65F)
                   ? fe_color_vary (fe_color_gray (fe_random_log_range (
                                        design, 0.02F, 0.85F)),
                                    design, 0.12F)
                   : fe_color_vary (fe_color_any (design), design, 0.2F),
      .mottle = fe_random_range (design, 0.01F, 0.1F),
      .grit = fe_random_chance (design, 0.4F)
                  ? fe_random_range (design, 0.03F, 0.25F)
                  : 0,
      .weave = fe_random_chance (design, 0.25F)
                   ? fe_random_range (design, 0.3F, 1)
                   : 0,
      .gloss = fe_random_chance (design, 0.25F)
                   ? fe_random_range (design, 0.05F, 0.3F)
                   : 0,
      .seed = fe_random_bits (item),
  };

  backdrop.pose = fe_pose_make (fe_random_range (item, -9, 9),
                                fe_random_range (item, -9, 9),
                                0.05F * fe_random_normal (item), 1);
  fe_scene_paint (scene, NULL, paint_backdrop, &backdrop);
}

FePose
fe_backdrop_place (FeScene *scene, float reach, float turn)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  /* The share of the image's shorter edge that the object fills. */
  float share = fe_random_range (design, 0.62F, 0.9F)
                * (1 + 0.015F * fe_random_normal (item));
  float room = (1 - MIN (share, 0.97F)) / 2;
  float x = fe_random_range (item, -0.6F, 0.6F) * room;
  float y = fe_random_range (item, -0.6F, 0.6F) * room;
  float angle = fe_random_range (item, -turn, turn);

  scene->grain_angle = angle;
  return fe_pose_make (x, y, angle, 0.5F * share / reach);
}
