/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A printed label on a box. */
#include "synth/glyphs.h"
#include "synth/noise.h"
#include "synth/surface.h"

#define MAX_LINES 5
#define BARS 44

typedef struct {
  FePose pose;
  FeColor carton;
  FeColor paper;
  FeColor ink;
  FeColor accent;
  guint32 seed;
  float half_width;
  float half_height;
  FeGlyphs lines[MAX_LINES];
  float sizes[MAX_LINES];
  int n_lines;
  float band;
  gboolean bars[BARS];
} Label;

static void
paint_carton (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Label *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float flute = fe_triangle (q.y * 26);
  float fiber = fe_noise_grain (q, 40, 18, 3, self->seed);
  float broad = fe_noise_octaves (q, 2, 3, self->seed + 5);

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->carton, 1 + 0.05F * fiber + 0.04F * flute
                                                  + 0.06F * broad),
      .height = 0.0012F * flute + 0.0005F * fiber,
      .gloss = 0.03F,
      .cover = 1,
  };
}

/* A bar code in the label's lower part. */
static float
bar_ink (const Label *self, FePoint q)
{
  float x = (q.x / self->half_width + 0.8F) / 1.6F * BARS;
  float below = q.y - self->half_height * 0.38F;
  int bar = fe_floor (x);

  if (bar < 0 || bar >= BARS || below < 0 || below > self->half_height * 0.45F)
    return 0;
  return self->bars[bar] ? 1 : 0;
}

static float
text_ink (const Label *self, FePoint q)
{
  float ink = 0;
  float top = -self->half_height * 0.55F;

  for (int i = 0; i < self->n_lines && top < self->half_height * 0.2F; i++) {
    ink = MAX (ink,
               fe_glyphs_ink (&self->lines[i],
                              (q.x + self->half_width * 0.85F) / self->sizes[i],
                              (q.y - top) / self->sizes[i]));
    top += self->sizes[i] * 10;
  }
  return ink;
}

static void
paint_label (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Label *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float edge =
      fe_box_distance (q.x, q.y, self->half_width, self->half_height, 0.012F);
  float grain = fe_noise_octaves (q, 50, 2, self->seed + 8);
  float band = q.y + self->half_height * (1 - self->band);
  FeColor color =
      fe_color_mix (self->paper, self->accent, fe_coverage (band, q.pixel));
  float ink = MAX (text_ink (self, q), bar_ink (self, q));
  const FeTexel label = {
      .albedo = fe_color_scale (fe_color_mix (color, self->ink, 0.93F * ink),
                                1 + 0.015F * grain),
      .height = texel->height * 0.4F + 0.0025F,
      .gloss = 0.12F,
      .shine = 0.4F,
      .cover = 1,
  };

  fe_texel_cover (texel, &label, fe_coverage (edge, q.pixel));
}

void
fe_surface_label (FeScene *scene)
{
  static const guint32 cartons[] = {0xb08a5c, 0xc8a678, 0xe4e0d8, 0x8f6d48};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  Label label = {
      .carton =
          fe_color_vary (fe_color_pick_from (design, cartons), design, 0.08F),
      .paper = fe_color_gray (fe_random_range (design, 0.7F, 0.9F)),
      .ink = fe_random_chance (design, 0.75F) ? fe_color_gray (0.02F)
                                              : fe_color_any (design),
      .accent = fe_color_any (design),
      .half_width = fe_random_range (design, 0.34F, 0.46F),
      .half_height = fe_random_range (design, 0.26F, 0.42F),
      .n_lines = fe_random_int (design, 2, MAX_LINES - 1),
      .band = fe_random_range (design, 0, 0.4F),
  };

  for (int i = 0; i < label.n_lines; i++) {
    label.lines[i] = fe_glyphs_make (design, fe_random_int (design, 4, 10));
    label.sizes[i] = (i == 0 ? 1.3F : 0.75F) * label.half_width * 1.6F / 72;
  }
  for (int i = 0; i < BARS; i++)
    label.bars[i] = fe_random_chance (design, 0.5F);
  scene->grain_angle = 0.03F * fe_random_normal (item);
  label.pose =
      fe_pose_make (0.02F * fe_random_normal (item),
                    0.02F * fe_random_normal (item), scene->grain_angle, 1);
  label.seed = fe_random_bits (item);
  fe_scene_paint (scene, NULL, paint_carton, &label);
  fe_scene_begin_object (scene);
  fe_scene_paint (scene, NULL, paint_label, &label);
}
