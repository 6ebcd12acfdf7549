/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Surfaces of bare metal that fill the image. */
#include "synth/color.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float fineness;
  float relief;
  float tone;
  float metal;
} Brushed;

static void
paint_brushed (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Brushed *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float coarse = fe_noise_grain (q, 1.1F, 9 * self->fineness, 3, self->seed);
  float fine =
      fe_noise_grain (q, 2.5F, 34 * self->fineness, 4, self->seed + 10);
  float streak = fine + 0.5F * coarse;
  float broad = fe_noise_octaves (q, 1.3F, 2, self->seed + 20);

  *texel = (FeTexel){
      .albedo =
          fe_color_scale (self->color, 1 + self->tone * streak + 0.06F * broad),
      .height = self->relief * streak / self->fineness,
      .gloss = 0.25F,
      .shine = 0.45F,
      .metal = self->metal,
      .cover = 1,
  };
}

void
fe_surface_brushed_metal (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  float angle = fe_random_chance (design, 0.7F)
                    ? 0.02F * fe_random_normal (design)
                    : fe_random_angle (design);
  Brushed brushed = {
      .color = fe_color_metal (design),
      .fineness = fe_random_range (design, 0.7F, 1.5F),
      .relief = fe_random_range (design, 0.0005F, 0.0018F),
      .tone = fe_random_range (design, 0.08F, 0.26F),
      .metal = fe_random_range (design, 0.6F, 1),
  };

  if (fe_random_chance (design, 0.5F))
    angle += (float)G_PI_2;
  angle += 0.02F * fe_random_normal (item);
  brushed.pose = fe_pose_make (fe_random_range (item, -9, 9),
                               fe_random_range (item, -9, 9), angle, 1);
  brushed.seed = fe_random_bits (item);
  scene->grain_angle = angle;
  fe_scene_paint (scene, NULL, paint_brushed, &brushed);
}

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float stretch;
  float mottle;
  float grit;
  float pitch;
} Rolled;

/* Scale and oil of a rolling mill: blotches, fine grit and faint lines. */
static void
paint_rolled (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Rolled *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float broad = fe_noise_grain (q, 1.5F, 1.5F * self->stretch, 3, self->seed);
  float patch = fe_noise_grain (q, 7, 7 * self->stretch, 3, self->seed + 10);
  float grit = fe_noise_octaves (q, 45, 3, self->seed + 20);
  float line = fe_noise_grain (q, 1, self->pitch, 2, self->seed + 30);
  float level = 1 + self->mottle * (0.35F * broad + 0.3F * patch)
                + self->grit * grit + 0.08F * line;

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color, MAX (level, 0.15F)),
      .height = 0.0012F * grit + 0.001F * patch,
      .gloss = 0.12F,
      .shine = 0.25F,
      .metal = 0.35F,
      .cover = 1,
  };
}

void
fe_surface_rolled_steel (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  float angle = fe_random_chance (design, 0.5F) ? 0 : (float)G_PI_2;
  Rolled rolled = {
      .color =
          fe_color_vary (fe_color_gray (fe_random_range (design, 0.12F, 0.45F)),
                         design, 0.05F),
      .stretch = fe_random_log_range (design, 1, 5),
      .mottle = fe_random_range (design, 0.15F, 0.7F),
      .grit = fe_random_range (design, 0.08F, 0.45F),
      .pitch = fe_random_range (design, 20, 60),
  };

  angle += 0.03F * fe_random_normal (item);
  rolled.pose = fe_pose_make (fe_random_range (item, -9, 9),
                              fe_random_range (item, -9, 9), angle, 1);
  rolled.seed = fe_random_bits (item);
  scene->grain_angle = angle;
  fe_scene_paint (scene, NULL, paint_rolled, &rolled);
}

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float grain;
  float relief;
} Cast;

/* The print of a sand mold: grains beside and upon each other. */
static void
paint_cast (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Cast *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  FeNoiseCells cells =
      fe_noise_cells (q.x * self->grain, q.y * self->grain, self->seed);
  float lump = fe_noise_octaves (q, self->grain * 0.3F, 5, self->seed + 1);
  float broad = fe_noise_octaves (q, 2, 2, self->seed + 20);
  float bump = 1 - fe_smooth (0, 0.8F, cells.nearest);
  float height = 0.6F * bump * (0.4F + cells.id) + 0.7F * lump;

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color, 1 + 0.12F * broad + 0.25F * lump
                                                 + 0.15F * (cells.id - 0.5F)),
      .height = self->relief * height / self->grain,
      .gloss = 0.3F + 0.3F * bump,
      .shine = 0.3F,
      .metal = 0.3F,
      .cover = 1,
  };
}

void
fe_surface_cast_iron (FeScene *scene)
{
  static const guint32 paints[] = {0x4a4c4e, 0x5c5a56, 0x3c3f42, 0x6b6e70,
                                   0x54483e, 0x3f5266, 0x42584a};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  const Cast cast = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9),
                            fe_random_angle (item), 1),
      .color =
          fe_color_vary (fe_color_pick_from (design, paints), design, 0.15F),
      .seed = fe_random_bits (item),
      .grain = fe_random_range (design, 22, 50),
      .relief = fe_random_range (design, 0.25F, 0.6F),
  };

  fe_scene_paint (scene, NULL, paint_cast, &cast);
}
