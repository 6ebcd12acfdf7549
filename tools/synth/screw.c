/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A screw from the side: head on the left, tip on the right. */
#include "synth/backdrop.h"
#include "synth/color.h"
#include "synth/noise.h"
#include "synth/surface.h"

#define REACH 1.05F

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float length;
  float radius;
  float head_length;
  float head_radius;
  float head_start;
  /* How the head narrows: 1 a cone, 0 a cylinder. */
  float countersunk;
  float thread_from;
  float pitch;
  float depth;
  float tip;
  float metal;
} Screw;

/* The radius of the screw at @x from its head's top, and the thread's ridge. */
static float
radius_at (const Screw *self, float x, float side, float *ridge)
{
  float shank = self->radius;
  float into = x - self->head_length;
  float left = self->length - x;

  *ridge = 0;
  if (into < 0) {
    float t = x / self->head_length;
    float cone = fe_mix (self->head_radius, shank, t);
    float pan = self->head_radius * sqrtf (fe_clamp (0.35F + 1.8F * t, 0, 1));

    return fe_mix (pan, cone, self->countersunk);
  }
  if (x > self->thread_from) {
    float turn = x / self->pitch + 0.25F * side;
    float start = fe_smooth (0, self->pitch * 1.5F, x - self->thread_from);

    *ridge = start * (fe_triangle (turn) * 2 - 1);
    shank -= self->depth * 0.6F * start;
  }
  if (left < self->tip)
    shank *= fe_mix (0.12F, 1, left / self->tip);
  return shank;
}

static void
paint_screw (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Screw *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float x = q.x + self->length / 2;
  float ridge;
  float radius;
  float side;
  float edge;
  float ends;
  float across;
  float grain;
  FeTexel metal;

  if (fabsf (q.y) > self->head_radius * 1.1F || x < -0.02F
      || x > self->length + 0.02F)
    return;
  radius_at (self, x, 0, &ridge);
  /* The thread climbs round the shank, so it leans as seen from here. */
  side = q.y / self->radius;
  radius = radius_at (self, x, side, &ridge) + self->depth * 0.5F * ridge;
  ends = MAX (-x, x - self->length);
  edge = MAX (fabsf (q.y) - radius, ends);
  across = fe_clamp (q.y / radius, -1, 1);
  grain = fe_noise_grain (q, 60, 12, 2, self->seed);
  metal = (FeTexel){
      .albedo = fe_color_scale (self->color, 1 + 0.05F * grain + 0.14F * ridge),
      .height =
          (radius * sqrtf (1 - across * across) + self->depth * 0.25F * ridge)
          * self->pose.scale,
      .gloss = 0.3F,
      .shine = 0.55F,
      .metal = self->metal,
      .cover = 1,
  };
  fe_texel_cover (texel, &metal, fe_coverage (edge, q.pixel));
}

void
fe_surface_screw (FeScene *scene)
{
  FeRandom *design = &scene->design;
  float radius = fe_random_range (design, 0.1F, 0.19F);
  Screw screw = {
      .length = fe_random_range (design, 1.4F, 1.95F),
      .radius = radius,
      .head_length = radius * fe_random_range (design, 0.9F, 1.8F),
      .head_radius = radius * fe_random_range (design, 1.6F, 2.1F),
      .countersunk = fe_random_chance (design, 0.5F) ? 1 : 0,
      .pitch = radius * fe_random_range (design, 0.55F, 0.9F),
      .depth = radius * fe_random_range (design, 0.25F, 0.42F),
      .tip = fe_random_chance (design, 0.6F)
                 ? radius * fe_random_range (design, 1.5F, 3.2F)
                 : radius * 0.4F,
      .metal = fe_random_range (design, 0.55F, 0.95F),
      .color = fe_color_metal (design),
  };

  screw.thread_from =
      screw.head_length
      + (fe_random_chance (design, 0.5F) ? fe_random_range (design, 0.2F, 0.5F)
                                         : 0.05F);
  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  screw.pose = fe_backdrop_place (scene, REACH, (float)G_PI);
  scene->slender = TRUE;
  screw.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_screw, &screw);
}
