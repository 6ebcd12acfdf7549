/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A crown cap from above. */
#include "synth/backdrop.h"
#include "synth/glyphs.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor lacquer;
  FeColor second;
  FeColor ink;
  guint32 seed;
  int flutes;
  float flute_depth;
  float ring_from;
  float ring_to;
  int star;
  float star_size;
  FeGlyphs print;
  float metal;
  float gloss;
} Cap;

static float
star_distance (const Cap *self, FePoint q)
{
  float step = 2 * (float)G_PI / (float)self->star;
  float angle = atan2f (q.y, q.x);
  float turned = fabsf (fe_fraction (angle / step) - 0.5F) * step;
  float radius = fe_length (q.x, q.y);

  return radius - self->star_size * fe_mix (1, 0.45F, turned / (step / 2));
}

static FeColor
find_print (const Cap *self, FePoint q, float radius)
{
  FeColor color = self->lacquer;
  float ring = MAX (self->ring_from - radius, radius - self->ring_to);
  float scale = 0.8F / fe_glyphs_width (&self->print);
  float ink =
      fe_glyphs_ink (&self->print, (q.x + 0.4F) / scale, q.y / scale + 3.5F);

  color = fe_color_mix (color, self->second, fe_coverage (ring, q.pixel));
  if (self->star > 0)
    color = fe_color_mix (color, self->second,
                          fe_coverage (star_distance (self, q), q.pixel));
  return fe_color_mix (color, self->ink, ink);
}

static void
paint_cap (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Cap *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float wave = cosf (atan2f (q.y, q.x) * (float)self->flutes);
  float skirt = fe_smooth (0.7F, 0.97F, radius);
  float edge = radius - 0.95F - 0.03F * wave;
  float height = 0.3F - 0.26F * skirt * skirt
                 + self->flute_depth * skirt * wave * (1 - 0.4F * skirt)
                 - 0.02F * radius * radius;
  float orange = fe_noise_octaves (q, 14, 2, self->seed);
  FeTexel cap;

  if (edge > 0.05F)
    return;
  cap = (FeTexel){
      .albedo = find_print (self, q, radius),
      .height = (height + 0.0012F * orange) * self->pose.scale,
      .gloss = self->gloss,
      .shine = 0.6F,
      .metal = self->metal,
      .cover = 1,
  };
  fe_texel_cover (texel, &cap, fe_coverage (edge, q.pixel));
}

void
fe_surface_bottle_cap (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Cap cap = {
      .lacquer = fe_color_any (design),
      .second = fe_color_any (design),
      .ink = fe_random_chance (design, 0.5F) ? fe_color_gray (0.85F)
                                             : fe_color_gray (0.02F),
      .flutes = 21,
      .flute_depth = fe_random_range (design, 0.03F, 0.05F),
      .ring_from = fe_random_range (design, 0.45F, 0.6F),
      .star =
          fe_random_chance (design, 0.5F) ? fe_random_int (design, 5, 12) : 0,
      .star_size = fe_random_range (design, 0.3F, 0.5F),
      .print = fe_glyphs_make (design, fe_random_int (design, 3, 5)),
      .metal = fe_random_range (design, 0, 0.5F),
      .gloss = fe_random_range (design, 0.2F, 0.6F),
  };

  cap.ring_to = cap.ring_from + fe_random_range (design, 0.03F, 0.14F);
  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  cap.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  cap.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_cap, &cap);
}
