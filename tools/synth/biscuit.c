/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/backdrop.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor dough;
  FeColor crust;
  guint32 seed;
  gboolean square;
  int scallops;
  float scallop;
  float holes;
  float rim;
  float browning;
  float rough;
} Biscuit;

static float
outline (const Biscuit *self, FePoint q)
{
  float uneven = 0.02F * fe_noise_octaves (q, 3, 3, self->seed);
  float wave = self->scallop;

  if (self->square) {
    float phase =
        (fabsf (q.x) > fabsf (q.y) ? q.y : q.x) * 4 * (float)self->scallops;

    return fe_box_distance (q.x, q.y, 0.8F, 0.8F, 0.1F) + uneven
           - wave * cosf (phase / 2);
  }
  return fe_length (q.x, q.y) - 0.93F + uneven
         - wave * cosf (atan2f (q.y, q.x) * (float)self->scallops);
}

/* Holes that let the steam out, in a pattern: part of every good biscuit. */
static float
docking (const Biscuit *self, FePoint q)
{
  float x = (fe_fraction (q.x / self->holes + 0.5F) - 0.5F) * self->holes;
  float y = (fe_fraction (q.y / self->holes + 0.5F) - 0.5F) * self->holes;
  float inside = fe_smooth (0.75F, 0.65F, fe_length (q.x, q.y));

  return inside * fe_smooth (0.055F, 0.025F, fe_length (x, y));
}

static void
paint_biscuit (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Biscuit *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float edge = outline (self, q);
  float crumb = fe_noise_octaves (q, 11, 5, self->seed + 10);
  float broad = fe_noise_octaves (q, 1.6F, 3, self->seed + 20);
  FeNoiseCells pores = fe_noise_cells (q.x * 24, q.y * 24, self->seed + 30);
  float pore = pores.id < 0.45F ? fe_smooth (0.3F, 0.1F, pores.nearest) : 0;
  float hole = docking (self, q);
  float rim =
      self->rim > 0 ? fe_smooth (0.05F, 0, fabsf (edge + self->rim)) : 0;
  float brown = fe_clamp (fe_smooth (-0.35F, 0, edge) * self->browning
                              + 0.3F * broad + 0.15F,
                          0, 1);
  FeTexel biscuit;

  if (edge > 0.05F)
    return;
  biscuit = (FeTexel){
      .albedo = fe_color_scale (fe_color_mix (self->dough, self->crust, brown),
                                (1 + 0.13F * crumb) * (1 - 0.3F * pore)
                                    * (1 - 0.6F * hole) * (1 - 0.15F * rim)),
      .height = (0.14F * fe_dome (edge, 0.14F) + self->rough * 0.012F * crumb
                 - 0.012F * pore - 0.06F * hole + 0.02F * rim)
                * self->pose.scale,
      .gloss = 0.05F,
      .shine = 0.2F,
      .cover = 1,
  };
  fe_texel_cover (texel, &biscuit, fe_coverage (edge, q.pixel));
}

void
fe_surface_biscuit (FeScene *scene)
{
  static const guint32 doughs[] = {0xe2b878, 0xd6a560, 0xeccb98, 0x6b4228,
                                   0xc9935a};
  FeRandom *design = &scene->design;
  FeColor dough =
      fe_color_vary (fe_color_pick_from (design, doughs), design, 0.08F);
  Biscuit biscuit = {
      .dough = dough,
      .crust = fe_color_multiply (dough, fe_color_hex (0xc88a58)),
      .square = fe_random_chance (design, 0.35F),
      .scallops = fe_random_int (design, 10, 36),
      .scallop = fe_random_chance (design, 0.7F)
                     ? fe_random_range (design, 0.01F, 0.03F)
                     : 0,
      .holes = fe_random_range (design, 0.26F, 0.45F),
      .rim = fe_random_chance (design, 0.5F)
                 ? fe_random_range (design, 0.1F, 0.2F)
                 : 0,
      .browning = fe_random_range (design, 0.3F, 0.9F),
      .rough = fe_random_range (design, 0.6F, 1.8F),
  };

  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  biscuit.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  biscuit.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_biscuit, &biscuit);
}
