/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/dust.h"

#define MAX_SPECKS 28

typedef struct {
  float x;
  float y;
  float radius;
  FeColor color;
  float share;
} Speck;

static void
paint_speck (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Speck *self = data;
  float distance = fe_length (p.x - self->x, p.y - self->y) - self->radius;

  texel->albedo = fe_color_mix (texel->albedo, self->color,
                                self->share * fe_coverage (distance, p.pixel));
}

/* It stays where it lies when the object is taken away. */
static void
settle_under (FeScene *scene, const FeArea *area, const Speck *speck)
{
  FeTexel *top = scene->texels;

  scene->texels = scene->under;
  fe_scene_paint (scene, area, paint_speck, speck);
  scene->texels = top;
}

void
fe_dust_settle (FeScene *scene, guint64 seed)
{
  FeRandom random = fe_random_make (seed);
  float half_width = (float)scene->width * scene->pixel / 2;
  float half_height = (float)scene->height * scene->pixel / 2;
  int n = fe_random_chance (&random, 0.6F)
              ? fe_random_int (&random, 0, MAX_SPECKS)
              : 0;

  for (int i = 0; i < n; i++) {
    Speck speck = {
        .x = fe_random_range (&random, -half_width, half_width),
        .y = fe_random_range (&random, -half_height, half_height),
        .radius = fe_random_log_range (&random, 0.0008F, 0.0035F),
        .color =
            fe_color_gray (fe_random_chance (&random, 0.6F) ? 0.7F : 0.03F),
        .share = fe_random_range (&random, 0.08F, 0.4F),
    };
    FeArea area =
        fe_area_around (speck.x, speck.y, speck.radius + 2 * scene->pixel);

    fe_scene_paint (scene, &area, paint_speck, &speck);
    if (scene->under)
      settle_under (scene, &area, &speck);
  }
}
