/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Woven fabric and carpet. */
#include "synth/noise.h"
#include "synth/surface.h"

/* Narrower threads, in pixels, would alias. */
#define MIN_THREAD_PIXELS 3.2F

typedef struct {
  FePose pose;
  FeColor warp;
  FeColor weft;
  guint32 seed;
  float threads;
  /* The number of threads that a thread passes over, and the shift of rows. */
  int over;
  int repeat;
  int shift;
  float unevenness;
  float relief;
  float gap;
} Fabric;

/* The height of one thread's round back, below 0 beside it. */
static float
round_thread (float offset, float gap)
{
  float t = 1 - offset * offset / ((1 - gap) * (1 - gap));

  return t > 0 ? sqrtf (t) : t * 0.5F;
}

static void
paint_fabric (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Fabric *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float drift_x = fe_noise_octaves (q, 2.5F, 2, self->seed) * self->unevenness;
  float drift_y =
      fe_noise_octaves (q, 2.5F, 2, self->seed + 2) * self->unevenness;
  float x = q.x * self->threads + drift_x;
  float y = q.y * self->threads + drift_y;
  int column = fe_floor (x);
  int row = fe_floor (y);
  int phase = (column + row * self->shift) % self->repeat;
  gboolean warp_up = (phase + self->repeat) % self->repeat < self->over;
  float across = warp_up ? 2 * fe_fraction (x) - 1 : 2 * fe_fraction (y) - 1;
  float along = warp_up ? 2 * fe_fraction (y) - 1 : 2 * fe_fraction (x) - 1;
  float own = fe_noise_cell (warp_up ? column : 0, warp_up ? 0 : row,
                             self->seed + (warp_up ? 5 : 6));
  float spun = fe_noise_grain (q, warp_up ? self->threads : 6,
                               warp_up ? 6 : self->threads, 2, self->seed + 8);
  float body = round_thread (across, self->gap) * (1 - 0.35F * along * along);
  float twist = fe_triangle ((across + along * 1.5F) * 1.2F);
  float fine = fe_clamp (1.5F - self->threads * q.pixel * 6, 0, 1);
  FeColor color = warp_up ? self->warp : self->weft;

  *texel = (FeTexel){
      .albedo = fe_color_scale (color, (0.55F + 0.45F * fe_clamp (body, 0, 1))
                                           * (0.9F + 0.2F * own + 0.1F * spun
                                              + 0.12F * fine * (twist - 0.5F))),
      .height = self->relief * body / self->threads,
      .gloss = 0.06F,
      .shine = 0.1F,
      .cover = 1,
  };
}

void
fe_surface_woven_fabric (FeScene *scene)
{
  /* Plain weave, basket, twill and satin. */
  static const int weaves[][3] = {{1, 2, 1}, {1, 2, 1}, {2, 4, 1},
                                  {1, 3, 1}, {1, 5, 2}, {2, 3, 1}};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  const int *weave =
      weaves[fe_random_int (design, 0, G_N_ELEMENTS (weaves) - 1)];
  float angle = fe_random_chance (design, 0.6F)
                    ? 0
                    : fe_random_range (design, 0, (float)G_PI);
  FeColor color = fe_color_any (design);
  Fabric fabric = {
      .warp = color,
      .weft = fe_random_chance (design, 0.4F)
                  ? fe_color_any (design)
                  : fe_color_vary (color, design, 0.15F),
      .threads = MIN (fe_random_log_range (design, 16, 60),
                      1 / (MIN_THREAD_PIXELS * scene->pixel)),
      .over = weave[0],
      .repeat = weave[1],
      .shift = weave[2],
      .unevenness = fe_random_range (design, 0.05F, 0.6F),
      .relief = fe_random_range (design, 0.25F, 0.6F),
      .gap = fe_random_range (design, 0, 0.3F),
  };

  angle += 0.03F * fe_random_normal (item);
  fabric.pose = fe_pose_make (fe_random_range (item, -5, 5),
                              fe_random_range (item, -5, 5), angle, 1);
  fabric.seed = fe_random_bits (item);
  scene->grain_angle = angle;
  fe_scene_paint (scene, NULL, paint_fabric, &fabric);
}

typedef struct {
  FePose pose;
  FeColor colors[3];
  guint32 seed;
  float tufts;
  float relief;
  float mottle;
} Carpet;

/* Tufts of cut fibers, each leaning its own way. */
static void
paint_carpet (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Carpet *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float lean = fe_noise_octaves (q, 3, 3, self->seed);
  float x = q.x * self->tufts + 0.5F * lean;
  float y = q.y * self->tufts + 0.5F * lean;
  FeNoiseCells tuft = fe_noise_cells (x, y, self->seed + 4);
  float fiber = fe_noise_octaves (q, self->tufts * 1.7F, 3, self->seed + 5);
  float body = fe_clamp (1.1F - tuft.nearest * 0.9F, 0, 1);
  int which = (int)(tuft.id * 3);
  FeColor color =
      fe_color_mix (self->colors[0], self->colors[which], self->mottle);

  *texel = (FeTexel){
      .albedo = fe_color_scale (color, (0.6F + 0.4F * body) * (1 + 0.5F * fiber)
                                           * (1 + 0.12F * lean)),
      .height = self->relief * (0.7F * body + 0.9F * fiber) / self->tufts,
      .cover = 1,
  };
}

void
fe_surface_carpet (FeScene *scene)
{
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  FeColor color = fe_color_any (design);
  const Carpet carpet = {
      .pose = fe_pose_make (fe_random_range (item, -9, 9),
                            fe_random_range (item, -9, 9),
                            fe_random_angle (item), 1),
      .colors = {color, fe_color_vary (color, design, 0.4F),
                 fe_random_chance (design, 0.5F)
                     ? fe_color_any (design)
                     : fe_color_vary (color, design, 0.3F)},
      .seed = fe_random_bits (item),
      .tufts = MIN (fe_random_log_range (design, 26, 70), 0.4F / scene->pixel),
      .relief = fe_random_range (design, 0.4F, 0.9F),
      .mottle = fe_random_range (design, 0, 0.6F),
  };

  fe_scene_paint (scene, NULL, paint_carpet, &carpet);
}
