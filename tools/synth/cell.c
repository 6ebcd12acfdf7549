/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Solar cells, by daylight or glowing under current. */
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor silicon;
  FeColor metal;
  FeColor gap;
  guint32 seed;
  float half;
  float corner;
  int busbars;
  float busbar;
  float fingers;
  float finger_level;
  float crystals;
  float crystal_tone;
  float mottle;
  gboolean glowing;
} Cell;

static float
crystal_level (const Cell *self, FePoint q)
{
  float warp = fe_noise_octaves (q, 9, 2, self->seed + 2);
  FeNoiseCells grain =
      fe_noise_cells (q.x * self->crystals + 0.4F * warp,
                      q.y * self->crystals - 0.3F * warp, self->seed);
  float broad = fe_noise_octaves (q, 2.5F, 4, self->seed + 4);
  /* Dislocations: dark clouds in grains that have them. */
  float cloud =
      fe_smooth (0.1F, 0.9F, fe_noise_octaves (q, 11, 3, self->seed + 9));

  return 1 + self->crystal_tone * (grain.id - 0.5F) + self->mottle * broad
         - 1.2F * self->mottle * cloud;
}

/* The share of the pixel that a bar of the cell covers. */
static float
busbar_cover (const Cell *self, FePoint q)
{
  float pitch = 2 * self->half / (float)self->busbars;
  float offset = (fe_fraction ((q.y + self->half) / pitch) - 0.5F) * pitch;
  float end = fabsf (q.x) - self->half * 0.94F;

  return fe_coverage (MAX (fabsf (offset) - self->busbar, end), q.pixel);
}

static void
paint_cell (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Cell *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float edge = fe_box_distance (q.x, q.y, self->half, self->half, 0.004F);
  float cut = (fabsf (q.x) + fabsf (q.y)) * (float)G_SQRT2 / 2
              - self->half * (float)G_SQRT2 + self->corner;
  float line = fe_triangle (q.x * self->fingers);
  float sharp = fe_clamp (1.6F - self->fingers * q.pixel * 3, 0, 1);
  float finger = fe_smooth (0.75F, 0.95F, line) * self->finger_level * sharp;
  float border =
      self->glowing ? fe_smooth (-0.07F, 0.01F, MAX (edge, cut)) * 0.45F : 0;
  float level = MAX (crystal_level (self, q), 0.1F) * (1 - border);
  FeColor color = fe_color_scale (self->silicon, level);
  FeTexel top = {.gloss = self->glowing ? 0 : 0.2F, .shine = 0.6F, .cover = 1};

  color = fe_color_mix (color, self->metal, finger);
  top.albedo =
      fe_color_mix (color, self->metal, busbar_cover (self, q) * 0.95F);
  *texel =
      (FeTexel){.albedo = self->gap, .gloss = 0.1F, .shine = 0.3F, .cover = 1};
  fe_texel_cover (texel, &top, fe_coverage (MAX (edge, cut), q.pixel));
}

static void
choose_colors (Cell *cell, FeRandom *design)
{
  if (cell->glowing) {
    float level = fe_random_range (design, 0.25F, 0.6F);

    cell->silicon = fe_color_gray (level);
    cell->metal = fe_color_gray (level * fe_random_range (design, 0.1F, 0.35F));
    cell->gap = fe_color_gray (0.01F);
    cell->finger_level = fe_random_range (design, 0, 0.12F);
  } else {
    cell->silicon = fe_color_hsv (fe_random_range (design, 0.56F, 0.68F),
                                  fe_random_range (design, 0.3F, 0.85F),
                                  fe_random_range (design, 0.2F, 0.5F));
    cell->metal = fe_color_gray (fe_random_range (design, 0.4F, 0.65F));
    cell->gap = fe_color_gray (fe_random_chance (design, 0.5F) ? 0.6F : 0.03F);
    cell->finger_level = fe_random_range (design, 0.25F, 0.7F);
  }
}

void
fe_surface_solar_cell (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  gboolean crystalline = fe_random_chance (design, 0.5F);
  Cell cell = {
      .pose = fe_pose_make (
          0.008F * fe_random_normal (item), 0.008F * fe_random_normal (item),
          0.012F * fe_random_normal (item)
              + (fe_random_chance (design, 0.5F) ? 0 : (float)G_PI_2),
          1),
      .seed = fe_random_bits (item),
      .half = fe_random_range (design, 0.46F, 0.56F),
      .corner = crystalline ? 0 : fe_random_range (design, 0, 0.07F),
      .busbars = fe_random_int (design, 2, 5),
      .busbar = fe_random_range (design, 0.004F, 0.011F),
      .fingers = fe_random_range (design, 30, 70),
      .crystals = fe_random_range (design, 4, 10),
      .crystal_tone = crystalline ? fe_random_range (design, 0.15F, 0.5F) : 0,
      .mottle = fe_random_range (design, 0.02F, 0.16F),
      .glowing = fe_random_chance (design, 0.5F),
  };

  choose_colors (&cell, design);
  scene->grain_angle = 0;
  fe_scene_paint (scene, NULL, paint_cell, &cell);
}
