/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A closed zipper: two tapes and the teeth that hold them together. */
#include "synth/color.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor tape;
  FeColor teeth;
  guint32 seed;
  float half_tape;
  float pitch;
  float reach;
  float metal;
  float weave;
} Zipper;

static void
paint_tape (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Zipper *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float side = fabsf (q.x);
  float row = q.y * self->weave;
  float rib = fe_triangle (row + side * self->weave * 0.8F);
  float column = fe_triangle (side * self->weave * 0.7F);
  float sharp = fe_clamp (2 - self->weave * q.pixel * 6, 0, 1);
  float own = fe_noise_grain (q, 8, 40, 3, self->seed);
  float edge = side - self->half_tape;
  float gap = fe_smooth (0.006F, 0.002F, side);
  float cord = fe_smooth (0.02F, 0, fabsf (side - self->reach));
  const FeTexel tape = {
      .albedo = fe_color_scale (
          self->tape,
          (0.8F + 0.2F * (rib * 0.7F + column * 0.3F) * sharp + 0.09F * own)
              * (1 - 0.6F * gap)),
      .height = 0.01F + 0.004F * sharp * rib + 0.008F * cord - 0.01F * gap,
      .gloss = 0.05F,
      .shine = 0.2F,
      .cover = 1,
  };

  fe_texel_cover (texel, &tape, fe_coverage (edge, q.pixel));
}

/* Teeth of both sides alternate; each grips beyond the middle. */
static float
tooth_distance (const Zipper *self, FePoint q, float *along)
{
  float best = 9;

  for (int side = -1; side <= 1; side += 2) {
    float shift = side > 0 ? 0.5F : 0;
    float y = (fe_fraction (q.y / self->pitch + shift) - 0.5F) * self->pitch;
    float x = q.x * (float)side;
    float middle = self->reach * 0.45F;
    float body = fe_box_distance (x - middle, y, self->reach * 0.62F,
                                  self->pitch * 0.27F, self->pitch * 0.12F);
    float knob = fe_length (x + self->reach * 0.12F, y) - self->pitch * 0.34F;
    float distance = MIN (body, knob);

    if (distance < best) {
      best = distance;
      *along = x;
    }
  }
  return best;
}

static void
paint_teeth (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Zipper *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float along = 0;
  float edge;
  float wear;
  FeTexel tooth;

  if (fabsf (q.x) > self->reach * 1.4F)
    return;
  edge = tooth_distance (self, q, &along);
  wear = fe_noise_octaves (q, 30, 3, self->seed + 9);
  tooth = (FeTexel){
      .albedo = fe_color_scale (self->teeth, 1 + 0.08F * wear),
      .height = 0.016F + 0.022F * fe_dome (edge, self->pitch * 0.25F),
      .gloss = 0.45F,
      .shine = 0.55F,
      .metal = self->metal,
      .cover = 1,
  };
  fe_texel_cover (texel, &tooth, fe_coverage (edge, q.pixel));
}

/* Those of one side that the image shows. */
static void
add_teeth (FeScene *scene, const Zipper *self)
{
  FePoint middle = fe_pose_enter (&self->pose, (FePoint){0, 0, 1});
  int first = fe_floor (middle.y / self->pitch);

  for (int i = first - 5; i <= first + 5; i++) {
    FePoint place = fe_pose_leave (&self->pose, -self->reach * 0.5F,
                                   ((float)i + 0.5F) * self->pitch);

    fe_scene_add_part (scene, place.x, place.y, self->reach * 0.85F);
  }
}

void
fe_surface_zipper (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  gboolean metal = fe_random_chance (design, 0.55F);
  FeColor ground = fe_color_gray (fe_random_log_range (design, 0.03F, 0.8F));
  float turn = (fe_random_chance (design, 0.3F) ? (float)G_PI_2 : 0)
               + 0.03F * fe_random_normal (item);
  float aside = 0.02F * fe_random_normal (item);
  float along = fe_random_range (item, -1, 1);
  const Zipper zipper = {
      .pose = fe_pose_make (aside * cosf (turn) - along * sinf (turn),
                            aside * sinf (turn) + along * cosf (turn), turn, 1),
      .tape = fe_random_chance (design, 0.5F)
                  ? fe_color_gray (fe_random_log_range (design, 0.02F, 0.6F))
                  : fe_color_any (design),
      .teeth = metal ? fe_color_metal (design) : fe_color_any (design),
      .seed = fe_random_bits (item),
      .half_tape = fe_random_range (design, 0.26F, 0.42F),
      .pitch = fe_random_range (design, 0.055F, 0.09F),
      .reach = fe_random_range (design, 0.055F, 0.085F),
      .metal = metal ? 0.8F : 0,
      .weave = fe_random_range (design, 28, 50),
  };

  for (int i = 0; i < scene->width * scene->height; i++)
    scene->texels[i] = (FeTexel){.albedo = ground, .cover = 0};
  scene->grain_angle = turn;
  fe_scene_paint (scene, NULL, paint_tape, &zipper);
  fe_scene_begin_object (scene);
  fe_scene_paint (scene, NULL, paint_teeth, &zipper);
  add_teeth (scene, &zipper);
}
