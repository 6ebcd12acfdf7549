/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tablets and capsules. */
#include "synth/backdrop.h"
#include "synth/glyphs.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor color;
  FeColor second;
  FeColor ink;
  guint32 seed;
  float half_width;
  float half_height;
  float bevel;
  float thickness;
  float score;
  float speckle;
  float gloss;
  FeGlyphs print;
  float print_size;
} Pill;

static float
find_ink (const Pill *self, FePoint q)
{
  float scale = self->print_size;

  if (self->print.length == 0)
    return 0;
  return fe_glyphs_ink (&self->print,
                        q.x / scale + fe_glyphs_width (&self->print) / 2,
                        q.y / scale + 3.5F);
}

static void
paint_tablet (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Pill *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float edge = fe_box_distance (q.x, q.y, self->half_width, self->half_height,
                                self->half_height);
  float grain = fe_noise_octaves (q, 26, 4, self->seed);
  FeNoiseCells spots = fe_noise_cells (q.x * 26, q.y * 26, self->seed + 4);
  float spot =
      spots.id < self->speckle ? fe_smooth (0.4F, 0.15F, spots.nearest) : 0;
  float groove = self->score * fe_smooth (0.035F, 0, fabsf (q.x));
  float stamp = self->score > 0 ? 0 : find_ink (self, q);
  float dome = fe_dome (edge, self->bevel);
  FeTexel tablet;

  if (edge > 0.05F)
    return;
  tablet = (FeTexel){
      .albedo =
          fe_color_mix (fe_color_scale (self->color, (1 + 0.035F * grain)
                                                         * (1 - 0.25F * groove)
                                                         * (1 - 0.2F * stamp)),
                        self->second, 0.4F * spot),
      .height = (self->thickness * dome - 0.05F * groove - 0.03F * stamp
                 + 0.003F * grain)
                * self->pose.scale,
      .gloss = self->gloss,
      .shine = 0.35F,
      .cover = 1,
  };
  fe_texel_cover (texel, &tablet, fe_coverage (edge, q.pixel));
}

void
fe_surface_tablet (FeScene *scene)
{
  FeRandom *design = &scene->design;
  gboolean round = fe_random_chance (design, 0.6F);
  gboolean scored = fe_random_chance (design, 0.5F);
  float value = fe_random_range (design, 0.75F, 0.97F);
  FeColor color = fe_color_hsv (fe_random_unit (design),
                                fe_random_chance (design, 0.5F)
                                    ? 0.04F
                                    : fe_random_range (design, 0.1F, 0.7F),
                                value);
  Pill pill = {
      .color = color,
      .second = fe_color_vary (fe_color_scale (color, 0.55F), design, 0.4F),
      .half_width = 0.95F,
      .half_height = round ? 0.95F : fe_random_range (design, 0.42F, 0.65F),
      .bevel = fe_random_range (design, 0.15F, 0.42F),
      .thickness = fe_random_range (design, 0.18F, 0.32F),
      .score = scored ? 1 : 0,
      .speckle = fe_random_chance (design, 0.4F)
                     ? fe_random_range (design, 0, 0.4F)
                     : 0,
      .gloss = fe_random_range (design, 0, 0.3F),
      .print = fe_glyphs_make (design, fe_random_int (design, 0, 4)),
      .print_size = 0.045F,
  };

  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  pill.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  pill.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_tablet, &pill);
}

static void
paint_capsule (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Pill *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  /* The cap is a little wider than the body it is pushed over. */
  float half = self->half_height * (q.x < 0.05F ? 1 : 0.955F);
  float edge = fe_box_distance (q.x, q.y, 0.97F, half, half);
  float across = fe_clamp (q.y / half, -1, 1);
  float end = fe_clamp ((fabsf (q.x) - 0.97F + half) / half, 0, 1);
  float round = sqrtf (fe_clamp (1 - across * across - end * end, 0, 1));
  float grain = fe_noise_octaves (q, 5, 3, self->seed);
  float ink = find_ink (self, q);
  float band = fe_smooth (0.02F, 0, fabsf (q.x - 0.05F));
  FeTexel capsule;

  if (edge > 0.06F)
    return;
  capsule = (FeTexel){
      .albedo = fe_color_scale (q.x < 0.05F ? self->color : self->second,
                                (1 + 0.03F * grain) * (1 - 0.3F * band)),
      .height = half * round * self->pose.scale,
      .gloss = self->gloss,
      .shine = 0.75F,
      .cover = 1,
  };
  capsule.albedo = fe_color_mix (capsule.albedo, self->ink, 0.85F * ink);
  fe_texel_cover (texel, &capsule, fe_coverage (edge, q.pixel));
}

void
fe_surface_capsule (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Pill pill = {
      .color = fe_color_any (design),
      .second = fe_random_chance (design, 0.4F) ? fe_color_gray (0.8F)
                                                : fe_color_any (design),
      .ink = fe_color_gray (fe_random_chance (design, 0.5F) ? 0.02F : 0.85F),
      .half_height = fe_random_range (design, 0.3F, 0.42F),
      .gloss = fe_random_range (design, 0.3F, 0.8F),
      .print = fe_glyphs_make (design, fe_random_int (design, 0, 8)),
      .print_size = 0.024F,
  };

  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  pill.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  pill.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_capsule, &pill);
}
