/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nuts, washers and gears from above. */
#include "synth/backdrop.h"
#include "synth/color.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float metal;
  float thickness;
  float hole;
  float bevel;
  float turned;
  int corners;
  float tooth;
  float tooth_width;
  int spokes;
  float pitch;
} Ring;

/* Turned or stamped metal: fine circles, stains of the furnace. */
static FeTexel
make_metal (const Ring *self, FePoint q, float height)
{
  float radius = fe_length (q.x, q.y);
  const FePoint polar = {radius, atan2f (q.y, q.x), q.pixel};
  float circles = fe_noise_grain (polar, 70, 1, 2, self->seed);
  float broad = fe_noise_octaves (q, 3, 4, self->seed + 5);

  return (FeTexel){
      .albedo = fe_color_scale (self->color, 1 + self->turned * 0.1F * circles
                                                 + 0.09F * broad),
      .height = (height + self->turned * 0.0015F * circles + 0.0015F * broad)
                * self->pose.scale,
      .gloss = 0.3F,
      .shine = 0.5F,
      .metal = self->metal,
      .cover = 1,
  };
}

static void
paint_nut (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Ring *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float outer = fe_polygon_distance (q.x, q.y, 0.86F, self->corners);
  float inner = self->hole - radius;
  float chamfer = fe_clamp ((radius - 0.86F) * 0.6F, 0, 0.08F);
  float lead = fe_clamp ((self->hole + 0.09F - radius) * 0.9F, 0, 0.1F);
  FeTexel metal;

  if (outer > 0.05F)
    return;
  metal = make_metal (self, q,
                      self->thickness - chamfer - lead
                          - 0.03F * (1 - fe_dome (outer, 0.03F)));
  if (inner > -0.002F) {
    /* Turns of the thread, deeper and darker towards the middle. */
    float turn = fe_triangle (inner / self->pitch);
    float depth = fe_smooth (0.17F, 0, inner);

    if (inner > 0.17F)
      return;
    metal.albedo =
        fe_color_scale (metal.albedo, 0.25F + 0.5F * depth + 0.3F * turn);
    metal.height =
        (self->thickness * depth - 0.1F + 0.02F * turn) * self->pose.scale;
  }
  fe_texel_cover (texel, &metal,
                  fe_coverage (MAX (outer, inner - 0.17F), q.pixel));
}

static void
paint_washer (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Ring *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float edge = MAX (radius - 0.96F, self->hole - radius);
  FeTexel metal;

  if (edge > 0.05F)
    return;
  metal = make_metal (self, q, self->thickness * fe_dome (edge, self->bevel));
  fe_texel_cover (texel, &metal, fe_coverage (edge, q.pixel));
}

static float
tooth_distance (const Ring *self, FePoint q, float radius)
{
  float step = 2 * (float)G_PI / (float)self->corners;
  float angle = atan2f (q.y, q.x);
  float around = fabsf (fe_fraction (angle / step) - 0.5F) * step * radius;
  /* Narrower towards the tip. */
  float half =
      step * self->tooth_width * (1 - 0.35F * (radius - 0.8F) / self->tooth);
  float root = radius - (0.96F - self->tooth);

  return MIN (root, MAX (around - half, radius - 0.96F));
}

static void
paint_gear (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Ring *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float edge;
  float height;
  FeTexel metal;

  if (radius > 1)
    return;
  edge = MAX (tooth_distance (self, q, radius), self->hole - radius);
  /* A web between the hub and the rim, with round holes in it. */
  height = 1
           - 0.45F * fe_smooth (self->hole + 0.12F, self->hole + 0.15F, radius)
                 * fe_smooth (0.7F, 0.67F, radius);
  if (self->spokes > 0) {
    float step = 2 * (float)G_PI / (float)self->spokes;
    float angle = (fe_fraction (atan2f (q.y, q.x) / step) - 0.5F) * step;
    float middle = (self->hole + 0.83F) / 2;
    float hole =
        0.12F
        - fe_length (radius * cosf (angle) - middle, radius * sinf (angle));

    edge = MAX (edge, hole);
  }
  metal = make_metal (self, q,
                      self->thickness * height * fe_dome (edge, self->bevel));
  fe_texel_cover (texel, &metal, fe_coverage (edge, q.pixel));
}

static void
lay (FeScene *scene, Ring *ring, FePainter painter)
{
  FeRandom *design = &scene->design;

  ring->color = fe_color_metal (design);
  ring->metal = fe_random_range (design, 0.4F, 0.95F);
  ring->turned = fe_random_range (design, 0, 1);
  ring->bevel = fe_random_range (design, 0.02F, 0.08F);
  fe_backdrop_paint (scene);
  fe_scene_begin_object (scene);
  ring->pose = fe_backdrop_place (scene, 1, (float)G_PI);
  ring->seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, painter, ring);
}

void
fe_surface_nut (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Ring nut = {
      .corners = fe_random_chance (design, 0.85F) ? 6 : 4,
      .hole = fe_random_range (design, 0.4F, 0.55F),
      .thickness = fe_random_range (design, 0.25F, 0.45F),
      .pitch = fe_random_range (design, 0.06F, 0.09F),
  };

  lay (scene, &nut, paint_nut);
}

void
fe_surface_washer (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Ring washer = {
      .hole = fe_random_range (design, 0.35F, 0.6F),
      .thickness = fe_random_range (design, 0.06F, 0.15F),
  };

  lay (scene, &washer, paint_washer);
}

void
fe_surface_gear (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Ring gear = {
      .corners = fe_random_int (design, 12, 26),
      .hole = fe_random_range (design, 0.15F, 0.3F),
      .thickness = fe_random_range (design, 0.12F, 0.25F),
      .tooth = fe_random_range (design, 0.12F, 0.2F),
      .tooth_width = fe_random_range (design, 0.22F, 0.3F),
      .spokes =
          fe_random_chance (design, 0.5F) ? fe_random_int (design, 3, 6) : 0,
  };
  float turn;

  lay (scene, &gear, paint_gear);
  /* Each tooth can be missing. */
  turn = 2 * (float)G_PI / (float)gear.corners;
  for (int i = 0; i < gear.corners; i++) {
    float angle = turn * ((float)i + 0.5F);
    FePoint place =
        fe_pose_leave (&gear.pose, 0.93F * cosf (angle), 0.93F * sinf (angle));

    fe_scene_add_part (scene, place.x, place.y, 0.5F * turn * gear.pose.scale);
  }
}
