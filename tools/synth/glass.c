/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bottle looked into from above, and a pane with reflections. */
#include "synth/backdrop.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor glass;
  guint32 seed;
  float wall;
  float rim;
  float heel;
  float bottom;
  float glow;
  int marks;
  float shift_x;
  float shift_y;
} Bottle;

/*
 * The transmitted light at a distance from the axis: a bright mouth, a dark
 * wall, a heel that gathers light, and a thin bottom.
 */
static float
light_through (const Bottle *self, FePoint q, float radius)
{
  float inner_x = q.x - self->shift_x;
  float inner_y = q.y - self->shift_y;
  float inner = fe_length (inner_x, inner_y);
  float rim = fe_smooth (0.05F, 0, fabsf (radius - self->rim));
  float wall = fe_smooth (self->wall, self->rim - 0.06F, radius);
  float heel = fe_smooth (0.07F, 0, fabsf (inner - self->heel));
  float ring = fe_smooth (0.03F, 0, fabsf (inner - self->bottom));
  float bowl = fe_smooth (self->heel, 0.1F, inner);
  float swirl =
      fe_noise (atan2f (inner_y, inner_x) * 3, radius * 4, self->seed);
  float marks =
      self->marks > 0
          ? fe_smooth (0.4F, 0.9F,
                       cosf (atan2f (inner_y, inner_x) * (float)self->marks))
                * fe_smooth (0.04F, 0.02F,
                             fabsf (inner - (self->heel + self->bottom) / 2))
          : 0;

  return 0.09F + 0.55F * rim + 0.12F * wall * (1 + 0.6F * swirl)
         + self->glow * heel * (1 + 0.3F * swirl) + 0.32F * bowl + 0.22F * ring
         + 0.2F * marks;
}

static void
paint_bottle (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Bottle *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float edge = radius - 0.97F;
  float light = light_through (self, q, radius);
  float fine = fe_noise_octaves (q, 7, 4, self->seed + 4);
  float pale = fe_clamp (light * 0.6F, 0, 1);
  FeTexel bottle;

  if (edge > 0.05F)
    return;
  /* Strong light desaturates the color of the glass. */
  bottle = (FeTexel){
      .albedo = fe_color_scale (
          fe_color_mix (self->glass, fe_color_gray (1), pale * pale),
          light * 1.5F * (1 + 0.05F * fine)),
      .height = (0.08F * fe_dome (edge, 0.2F)
                 - 0.1F * fe_smooth (self->rim, self->wall, radius))
                * self->pose.scale,
      .gloss = 0.55F,
      .shine = 0.8F,
      .cover = 1,
  };
  fe_texel_cover (texel, &bottle, fe_coverage (edge, q.pixel));
}

void
fe_surface_bottle_bottom (FeScene *scene)
{
  static const guint32 glasses[] = {0x6b3a12, 0x8a5420, 0x2f6b3a, 0x4a8a4e,
                                    0x9fc4c8, 0x3a2a18, 0x5f8fb0};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  Bottle bottle = {
      .glass =
          fe_color_vary (fe_color_pick_from (design, glasses), design, 0.15F),
      .rim = fe_random_range (design, 0.86F, 0.93F),
      .wall = fe_random_range (design, 0.62F, 0.74F),
      .heel = fe_random_range (design, 0.5F, 0.6F),
      .bottom = fe_random_range (design, 0.2F, 0.4F),
      .glow = fe_random_range (design, 0.3F, 0.8F),
      .marks =
          fe_random_chance (design, 0.5F) ? fe_random_int (design, 12, 40) : 0,
      .shift_x = 0.02F * fe_random_normal (item),
      .shift_y = 0.02F * fe_random_normal (item),
  };

  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  bottle.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  bottle.seed = fe_random_bits (item);
  fe_scene_paint (scene, NULL, paint_bottle, &bottle);
}

typedef struct {
  FePose pose;
  FePose window;
  FeColor tint;
  FeColor sky;
  guint32 seed;
  float half_width;
  float half_height;
  int bars;
  float strength;
  float ripple;
  float blur;
} Pane;

/* A window with bars, as it is mirrored in the pane. */
static float
mirror_window (const Pane *self, FePoint p)
{
  FePoint q = fe_pose_enter (&self->window, p);
  float bend = self->ripple * fe_noise_octaves (p, 2, 2, self->seed + 7);
  float x = q.x + bend;
  float y = q.y - bend;
  float edge =
      fe_box_distance (x, y, self->half_width, self->half_height, 0.02F);
  float pitch = 2 * self->half_width / (float)self->bars;
  float bar = (fe_fraction ((x + self->half_width) / pitch) - 0.5F) * pitch;
  float frame = MAX (edge, fabsf (bar) - pitch * 0.46F);

  return fe_smooth (self->blur, -self->blur, frame);
}

static void
paint_pane (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Pane *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float broad = fe_noise_octaves (q, 1.2F, 2, self->seed);
  float haze = fe_noise_octaves (q, 9, 3, self->seed + 3);
  float seen = self->strength * mirror_window (self, p);
  FeColor through =
      fe_color_scale (self->tint, 1 + 0.25F * broad + 0.02F * haze);

  *texel = (FeTexel){
      .albedo = fe_color_mix (through, self->sky, seen),
      .height = 0.002F * self->ripple * broad,
      .gloss = 0.5F,
      .shine = 0.9F,
      .cover = 1,
  };
}

void
fe_surface_glass_pane (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  float angle = fe_random_range (design, -0.7F, 0.7F);
  const Pane pane = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9), 0, 1),
      .window = fe_pose_make (fe_random_range (design, -0.5F, 0.5F)
                                  + 0.04F * fe_random_normal (item),
                              fe_random_range (design, -0.5F, 0.5F)
                                  + 0.04F * fe_random_normal (item),
                              angle, 1),
      .tint = fe_color_hsv (fe_random_range (design, 0.3F, 0.6F),
                            fe_random_range (design, 0.03F, 0.3F),
                            fe_random_range (design, 0.25F, 0.75F)),
      .sky = fe_color_hsv (0.58F, fe_random_range (design, 0, 0.2F),
                           fe_random_range (design, 0.8F, 1)),
      .seed = fe_random_bits (item),
      .half_width = fe_random_range (design, 0.2F, 0.6F),
      .half_height = fe_random_range (design, 0.3F, 0.8F),
      .bars = fe_random_int (design, 1, 3),
      .strength = fe_random_range (design, 0.08F, 0.5F),
      .blur = fe_random_log_range (design, 0.01F, 0.2F),
      .ripple = fe_random_range (design, 0, 0.015F),
  };

  fe_scene_paint (scene, NULL, paint_pane, &pane);
}
