/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tiles, bricks, concrete and terrazzo. */
#include "synth/noise.h"
#include "synth/surface.h"

/* Rows of plates with joints between them. */
typedef struct {
  FePose pose;
  FeColor face;
  FeColor second;
  FeColor joint_color;
  guint32 seed;
  /* A plate's size and its joint's half width. */
  float plate_width;
  float plate_height;
  float joint;
  float bevel;
  /* The shift of each row, as a share of a plate. */
  float shift;
  float tone;
  float mottle;
  float rough;
  float gloss;
  float wobble;
} Plates;

static void
paint_plates (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Plates *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float wobble = self->wobble * fe_noise_octaves (q, 18, 2, self->seed + 1);
  int row = fe_floor (q.y / self->plate_height);
  float x = q.x / self->plate_width + self->shift * (float)row;
  int column = fe_floor (x);
  float own = fe_noise_cell (column, row, self->seed);
  float dx = (fe_fraction (x) - 0.5F) * self->plate_width;
  float dy =
      (fe_fraction (q.y / self->plate_height) - 0.5F) * self->plate_height;
  float edge =
      fe_box_distance (dx, dy, self->plate_width / 2 - self->joint,
                       self->plate_height / 2 - self->joint, self->bevel)
      + wobble;
  float cover = fe_coverage (edge, q.pixel);
  FePoint own_place = {q.x + own * 40, q.y - own * 30, q.pixel};
  float cloud = fe_noise_octaves (own_place, 4, 4, self->seed + 2);
  float grain = fe_noise_octaves (q, 40, 3, self->seed + 3);
  float sand = fe_noise_octaves (q, 60, 2, self->seed + 4);
  FeColor face = fe_color_mix (self->face, self->second,
                               fe_clamp (0.5F + self->mottle * cloud, 0, 1));
  const FeTexel plate = {
      .albedo = fe_color_scale (face, 1 + self->tone * (own - 0.5F)
                                          + self->rough * 0.2F * grain),
      .height = self->joint * 0.6F * fe_dome (edge, self->bevel)
                + self->rough * 0.003F * (grain + 1.5F * cloud),
      .gloss = self->gloss,
      .shine = 0.7F,
      .cover = 1,
  };

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->joint_color, 1 + 0.25F * sand),
      .height = 0.0015F * sand,
      .cover = 1,
  };
  fe_texel_cover (texel, &plate, cover);
}

void
fe_surface_tiles (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  FeColor face = fe_random_chance (design, 0.5F)
                     ? fe_color_hsv (fe_random_unit (design), 0.07F,
                                     fe_random_range (design, 0.65F, 0.95F))
                     : fe_color_vary (fe_color_any (design), design, 0.15F);
  float edge = fe_random_log_range (design, 0.14F, 0.5F);
  const Plates tiles = {
      .pose = fe_pose_make (fe_random_range (item, -3, 3),
                            fe_random_range (item, -3, 3),
                            0.02F * fe_random_normal (item), 1),
      .face = face,
      .second = fe_color_vary (face, design, 0.25F),
      .joint_color = fe_color_gray (fe_random_range (design, 0.08F, 0.55F)),
      .seed = fe_random_bits (item),
      .plate_width = edge * (fe_random_chance (design, 0.3F) ? 2 : 1),
      .plate_height = edge,
      .joint = fe_random_range (design, 0.004F, 0.01F),
      .bevel = fe_random_range (design, 0.008F, 0.02F),
      .shift = fe_random_chance (design, 0.3F) ? 0.5F : 0,
      .tone = fe_random_range (design, 0.02F, 0.2F),
      .mottle = fe_random_range (design, 0, 0.9F),
      .rough = fe_random_range (design, 0, 0.35F),
      .gloss = fe_random_range (design, 0.1F, 0.6F),
  };

  fe_scene_paint (scene, NULL, paint_plates, &tiles);
}

void
fe_surface_bricks (FeScene *scene)
{
  static const guint32 clays[] = {0x9c4a34, 0x7d3b2c, 0xb06a48, 0xc29a78,
                                  0x8c7a6c, 0x5a4640, 0xa85a3c};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  FeColor face =
      fe_color_vary (fe_color_pick_from (design, clays), design, 0.1F);
  float height = fe_random_range (design, 0.11F, 0.24F);
  const Plates bricks = {
      .pose = fe_pose_make (fe_random_range (item, -3, 3),
                            fe_random_range (item, -3, 3),
                            0.02F * fe_random_normal (item), 1),
      .face = face,
      .second = fe_color_vary (fe_color_scale (face, 0.65F), design, 0.2F),
      .joint_color = fe_color_vary (
          fe_color_gray (fe_random_range (design, 0.2F, 0.5F)), design, 0.1F),
      .seed = fe_random_bits (item),
      .plate_width = height * fe_random_range (design, 2, 3.2F),
      .plate_height = height,
      .joint = fe_random_range (design, 0.007F, 0.014F),
      .bevel = fe_random_range (design, 0.01F, 0.02F),
      .shift = fe_random_chance (design, 0.8F) ? 0.5F : 0.25F,
      .tone = fe_random_range (design, 0.2F, 0.6F),
      .mottle = fe_random_range (design, 0.3F, 0.8F),
      .rough = fe_random_range (design, 0.8F, 1.6F),
      .gloss = 0.02F,
      .wobble = fe_random_range (design, 0.001F, 0.004F),
  };

  fe_scene_paint (scene, NULL, paint_plates, &bricks);
}

typedef struct {
  FePose pose;
  FeColor color;
  FeColor chips[4];
  guint32 seed;
  float mottle;
  float rough;
  float grain;
} Mineral;

static void
paint_concrete (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Mineral *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float broad = fe_noise_octaves (q, 2, 4, self->seed);
  float sand = fe_noise_octaves (q, 30, 4, self->seed + 10);
  FeNoiseCells pits = fe_noise_cells (q.x * 22, q.y * 22, self->seed + 20);
  /* Air bubbles: few, small and part of every good slab. */
  float pit =
      pits.id < self->grain ? fe_smooth (0.13F, 0.05F, pits.nearest) : 0;

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color, (1 + self->mottle * broad)
                                                 * (1 + 0.16F * sand)
                                                 * (1 - 0.35F * pit)),
      .height = self->rough * 0.003F * sand + 0.003F * broad - 0.003F * pit,
      .gloss = 0.02F,
      .cover = 1,
  };
}

void
fe_surface_concrete (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  const Mineral concrete = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9),
                            fe_random_angle (item), 1),
      .color = fe_color_vary (
          fe_color_gray (fe_random_range (design, 0.22F, 0.6F)), design, 0.12F),
      .seed = fe_random_bits (item),
      .mottle = fe_random_range (design, 0.05F, 0.22F),
      .rough = fe_random_range (design, 0.4F, 1.6F),
      .grain = fe_random_range (design, 0, 0.2F),
  };

  fe_scene_paint (scene, NULL, paint_concrete, &concrete);
}

/* Chips of stone in cement, ground flat. */
static void
paint_terrazzo (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Mineral *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float sand = fe_noise_octaves (q, 35, 3, self->seed);

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color, 1 + 0.1F * sand),
      .gloss = 0.25F,
      .shine = 0.6F,
      .cover = 1,
  };
  for (int i = 0; i < 2; i++) {
    float grain = self->grain * (i == 0 ? 2.6F : 1);
    FeNoiseCells cells =
        fe_noise_cells (q.x * grain, q.y * grain, self->seed + 5 + i);
    float angular = fe_noise_octaves (q, grain * 1.5F, 2, self->seed + 9);
    float edge =
        (cells.nearest - 0.16F - 0.3F * cells.id + 0.18F * angular) / grain;
    FeColor chip = self->chips[(int)(cells.id * 16) % 4];

    chip = fe_color_scale (chip, 1 + self->mottle * angular);
    texel->albedo =
        fe_color_mix (texel->albedo, chip, fe_coverage (edge, q.pixel));
  }
}

void
fe_surface_terrazzo (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  Mineral terrazzo = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9),
                            fe_random_angle (item), 1),
      .color = fe_color_vary (
          fe_color_gray (fe_random_range (design, 0.2F, 0.75F)), design, 0.1F),
      .seed = fe_random_bits (item),
      .mottle = 0.15F,
      .grain = fe_random_log_range (design, 7, 16),
  };

  for (int i = 0; i < 4; i++)
    terrazzo.chips[i] = fe_color_hsv (fe_random_unit (design),
                                      fe_random_range (design, 0, 0.45F),
                                      fe_random_range (design, 0.25F, 0.9F));
  fe_scene_paint (scene, NULL, paint_terrazzo, &terrazzo);
}
