/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wood and leather. */
#include "synth/noise.h"
#include "synth/surface.h"

#define MAX_KNOTS 2

typedef struct {
  FePose pose;
  FeColor early;
  FeColor late;
  guint32 seed;
  float rings;
  float wave;
  float pores;
  float figure;
  float varnish;
  int n_knots;
  FePoint knots[MAX_KNOTS];
  float knot_size;
} Wood;

/* Rings bend round a knot: how far they are pushed aside at @q. */
static float
push_rings (const Wood *self, FePoint q, float *knot)
{
  float push = 0;

  *knot = 0;
  for (int i = 0; i < self->n_knots; i++) {
    float dx = (q.x - self->knots[i].x) / (2.2F * self->knot_size);
    float dy = (q.y - self->knots[i].y) / self->knot_size;
    float distance = dx * dx + dy * dy;

    push += self->knot_size * 0.9F * expf (-0.7F * distance) * (dy > 0 ? 1 : -1)
            * fe_smooth (0, 0.5F, fabsf (dy));
    *knot = MAX (*knot, fe_smooth (0.5F, 0.1F, distance));
  }
  return push;
}

static void
paint_wood (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Wood *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float knot;
  float push = push_rings (self, q, &knot);
  float bend = self->wave * fe_noise_grain (q, 0.9F, 2.2F, 2, self->seed);
  float across = q.y - push + bend;
  float age = across * self->rings
              + 0.6F * fe_noise (across * 9, 0, self->seed + 5)
              + 0.3F * fe_noise_grain (q, 2, 30, 3, self->seed + 6);
  float phase = fe_fraction (age);
  /* Late wood darkens slowly and ends at once. */
  float late = phase * phase * fe_smooth (1, 0.9F, phase);
  float fiber = fe_noise_grain (q, 5, 110, 3, self->seed + 10);
  float pore =
      fe_smooth (0.35F, 0.7F, fe_noise_grain (q, 7, 75, 2, self->seed + 20));
  FeColor color = fe_color_mix (self->early, self->late, self->figure * late);

  color = fe_color_scale (
      color, (1 + 0.2F * fiber) * (1 - self->pores * pore) * (1 - 0.55F * knot)
                 * (1 + 0.12F * fe_noise (q.x, q.y * 2, self->seed + 30)));
  *texel = (FeTexel){
      .albedo = color,
      .height = 0.0008F * fiber - 0.002F * self->pores * pore - 0.001F * late,
      .gloss = self->varnish,
      .shine = 0.4F,
      .cover = 1,
  };
}

void
fe_surface_wood (FeScene *scene)
{
  static const guint32 woods[][2] = {{0xd0b690, 0xa4805a}, {0xbd9a70, 0x8a6440},
                                     {0xe0d0b2, 0xbb9c72}, {0x94704f, 0x5f4029},
                                     {0xa87a50, 0x77492f}, {0x6e523f, 0x402d20},
                                     {0xcfc0a5, 0xa08f72}};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  int i = fe_random_int (design, 0, G_N_ELEMENTS (woods) - 1);
  float angle = (fe_random_chance (design, 0.6F) ? (float)G_PI_2 : 0)
                + 0.03F * fe_random_normal (item);
  Wood wood = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9), angle, 1),
      .early = fe_color_vary (fe_color_hex (woods[i][0]), design, 0.1F),
      .late = fe_color_vary (fe_color_hex (woods[i][1]), design, 0.1F),
      .rings = fe_random_log_range (design, 5, 22),
      .wave = fe_random_range (design, 0.02F, 0.14F),
      .pores = fe_random_range (design, 0, 0.55F),
      .figure = fe_random_range (design, 0.3F, 0.95F),
      .varnish = fe_random_chance (design, 0.4F)
                     ? fe_random_range (design, 0.1F, 0.4F)
                     : 0.03F,
      .knot_size = fe_random_range (design, 0.03F, 0.07F),
      .seed = fe_random_bits (item),
  };

  /* Knots are part of good wood. */
  if (fe_random_chance (design, 0.3F))
    wood.n_knots = fe_random_int (item, 0, MAX_KNOTS);
  for (int j = 0; j < wood.n_knots; j++) {
    const FePoint place = {fe_random_range (item, -0.45F, 0.45F),
                           fe_random_range (item, -0.45F, 0.45F), 1};

    wood.knots[j] = fe_pose_enter (&wood.pose, place);
  }
  scene->grain_angle = angle;
  fe_scene_paint (scene, NULL, paint_wood, &wood);
}

typedef struct {
  FePose pose;
  FeColor color;
  guint32 seed;
  float grain;
  float relief;
  float gloss;
  float warp;
} Leather;

/* Plump cells of skin with creases between them. */
static void
paint_leather (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Leather *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float warp_x = fe_noise_octaves (q, 6, 2, self->seed);
  float warp_y = fe_noise_octaves (q, 6, 2, self->seed + 3);
  float x = (q.x + self->warp * 0.03F * warp_x) * self->grain;
  float y = (q.y + self->warp * 0.03F * warp_y) * self->grain;
  FeNoiseCells large = fe_noise_cells (x, y, self->seed + 5);
  FeNoiseCells small = fe_noise_cells (x * 2.3F, y * 2.3F, self->seed + 6);
  float crease = fe_smooth (0, 0.55F, large.second - large.nearest);
  float fine = fe_smooth (0, 0.4F, small.second - small.nearest);
  float broad = fe_noise_octaves (q, 2, 3, self->seed + 9);
  float bump = crease * (0.88F + 0.12F * fine);

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->color,
                                (0.72F + 0.28F * bump) * (1 + 0.1F * broad)),
      .height = self->relief * bump / self->grain,
      .gloss = self->gloss * (0.4F + 0.6F * bump),
      .shine = 0.3F,
      .cover = 1,
  };
}

void
fe_surface_leather (FeScene *scene)
{
  static const guint32 hides[] = {0x6b3f22, 0x8a5a34, 0x2b2622, 0xa06b3c,
                                  0x5a1f1c, 0xb99a72, 0x3a3f4c, 0xd8cfc0,
                                  0x46522f, 0x7c7670};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  const Leather leather = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9),
                            fe_random_angle (item), 1),
      .color =
          fe_color_vary (fe_color_pick_from (design, hides), design, 0.15F),
      .seed = fe_random_bits (item),
      .grain = fe_random_log_range (design, 14, 34),
      .relief = fe_random_range (design, 0.1F, 0.3F),
      .gloss = fe_random_range (design, 0.1F, 0.45F),
      .warp = fe_random_range (design, 0, 1),
  };

  fe_scene_paint (scene, NULL, paint_leather, &leather);
}
