/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects of color: stain, burn, smear, rust, discoloration and splatter. */
#include "synth/blob.h"
#include "synth/defect.h"
#include "synth/noise.h"

typedef struct {
  FeBlob blob;
  FeColor color;
  float strength;
  float ring;
  float gloss;
  float rough;
  float streaks;
} Tint;

/* A liquid that dried: even inside, most of it left at the edge. */
static void
paint_stain (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  float share = fe_blob_share (&self->blob, p) * texel->cover;
  float distance = fe_blob_distance (&self->blob, p);
  float ring = fe_smooth (0.22F, 0, fabsf (distance + 0.1F));
  float cloud = fe_noise_octaves (p, 14, 3, self->blob.seed + 5);
  float strength =
      self->strength * share
      * fe_clamp (0.75F + self->ring * ring + 0.35F * cloud, 0.1F, 1.3F);

  strength = MIN (strength, 0.97F);
  /* Soaked in, it keeps what it stains visible. */
  texel->albedo = fe_color_mix (
      texel->albedo,
      fe_color_mix (fe_color_multiply (texel->albedo, self->color), self->color,
                    0.35F),
      strength);
  texel->gloss = fe_mix (texel->gloss, self->gloss, 0.7F * share);
}

void
fe_defect_stain (FeScene *scene, FeDefect *defect)
{
  static const guint32 liquids[] = {0x3a2414, 0x14110f, 0x6b4a22,
                                    0x4a3a2c, 0x1f2a4a, 0x5a1a18,
                                    0x7a7468, 0xd8d2c2, 0x3a4a2a};
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.018F, 0.3F);
  Tint tint = {
      .color = fe_color_pick_from (random, liquids),
      .strength = fe_mix (0.25F, 1, defect->severity),
      .ring = fe_random_chance (random, 0.5F)
                  ? fe_random_range (random, 0.2F, 0.7F)
                  : 0,
      .gloss = fe_random_range (random, 0, 0.5F),
  };
  int drops =
      fe_random_chance (random, 0.4F) ? fe_random_int (random, 1, 4) : 0;

  for (int i = 0; i <= drops; i++) {
    float away = i == 0 ? 0 : radius * fe_random_range (random, 0.8F, 2.2F);
    float angle = fe_random_angle (random);
    float size =
        i == 0 ? radius : radius * fe_random_range (random, 0.1F, 0.4F);
    FeArea area;

    tint.blob = fe_blob_make (random, defect->x + away * cosf (angle),
                              defect->y + away * sinf (angle),
                              MAX (size, scene->pixel));
    area = fe_blob_area (&tint.blob, 2.6F);
    fe_scene_paint (scene, &area, paint_stain, &tint);
  }
}

static void
paint_burn (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  float distance = fe_blob_distance (&self->blob, p);
  float grain = fe_noise_octaves (p, 25, 4, self->blob.seed + 5);
  float scorched = self->strength
                   * fe_smooth (0.6F, -0.3F, distance + 0.12F * grain)
                   * texel->cover;
  float charred = self->strength
                  * fe_smooth (0, -0.9F, distance + 0.25F * grain)
                  * texel->cover;
  FeColor brown =
      fe_color_multiply (texel->albedo, (FeColor){0.42F, 0.24F, 0.12F});
  FeColor black =
      fe_color_scale ((FeColor){0.02F, 0.018F, 0.016F}, 1 + 0.6F * grain);

  texel->albedo = fe_color_mix (texel->albedo, brown, scorched);
  texel->albedo = fe_color_mix (texel->albedo, black, charred);
  texel->height += 0.004F * charred * grain;
  texel->gloss *= 1 - 0.7F * scorched;
  texel->metal *= 1 - 0.6F * charred;
}

void
fe_defect_burn (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.025F, 0.24F);
  Tint tint = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .strength = fe_mix (0.35F, 1, defect->severity),
  };
  FeArea area = fe_blob_area (&tint.blob, 2.6F);

  fe_scene_paint (scene, &area, paint_burn, &tint);
}

/* Something greasy that was wiped: streaks along the way. */
static void
paint_smear (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  FePoint q = fe_pose_enter (&self->blob.pose, p);
  float streak = fe_noise_grain (q, 0.35F, 7, 3, self->blob.seed + 5);
  float share = fe_blob_share (&self->blob, p) * texel->cover
                * fe_clamp (0.55F + self->streaks * streak, 0, 1);

  texel->albedo =
      fe_color_mix (texel->albedo, self->color, self->strength * share);
  texel->gloss = fe_mix (texel->gloss, self->gloss, share);
  texel->height += 0.002F * share * streak;
  texel->metal *= 1 - 0.7F * self->strength * share;
}

void
fe_defect_smear (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.03F, 0.24F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  FeColor film =
      fe_random_chance (random, 0.5F)
          ? fe_color_gray (fe_color_luminance (around) > 0.3F ? 0.04F : 0.6F)
          : fe_color_any (random);
  Tint tint = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .color = film,
      .strength = fe_mix (0.2F, 0.85F, defect->severity),
      .gloss = fe_random_range (random, 0, 0.7F),
      .streaks = fe_random_range (random, 0.5F, 1.1F),
  };
  FeArea area;

  tint.blob.stretch = fe_random_range (random, 3, 9);
  tint.blob.soft = fe_random_range (random, 0.4F, 0.8F);
  area = fe_blob_area (&tint.blob, 2.6F);
  fe_scene_paint (scene, &area, paint_smear, &tint);
}

static void
paint_rust (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  float distance = fe_blob_distance (&self->blob, p);
  float grain = fe_noise_octaves (p, 35, 4, self->blob.seed + 5);
  float cloud = fe_noise_octaves (p, 12, 3, self->blob.seed + 9);
  float share = self->strength
                * fe_smooth (0.45F, -0.35F, distance + 0.5F * grain)
                * texel->cover;
  FeColor rust = fe_color_mix ((FeColor){0.34F, 0.12F, 0.035F},
                               (FeColor){0.10F, 0.035F, 0.015F},
                               fe_clamp (0.5F + cloud, 0, 1));

  texel->albedo = fe_color_mix (
      texel->albedo, fe_color_scale (rust, 1 + 0.35F * grain), share);
  texel->metal *= 1 - share;
  texel->gloss *= 1 - 0.8F * share;
  texel->height += 0.003F * share * (1 + grain);
}

void
fe_defect_rust (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.025F, 0.24F);
  Tint tint = {.strength = fe_mix (0.35F, 1, defect->severity)};
  int n = fe_random_int (random, 1, 4);

  for (int i = 0; i < n; i++) {
    float away = i == 0 ? 0 : radius * fe_random_range (random, 0.6F, 1.8F);
    float angle = fe_random_angle (random);
    FeArea area;

    tint.blob = fe_blob_make (
        random, defect->x + away * cosf (angle),
        defect->y + away * sinf (angle),
        i == 0 ? radius : radius * fe_random_range (random, 0.2F, 0.6F));
    area = fe_blob_area (&tint.blob, 2.6F);
    fe_scene_paint (scene, &area, paint_rust, &tint);
  }
}

static void
paint_discoloration (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  float cloud = fe_noise_octaves (p, 9, 3, self->blob.seed + 5);
  float share = self->strength * fe_blob_share (&self->blob, p)
                * fe_clamp (0.8F + 0.4F * cloud, 0, 1) * texel->cover;

  /* Keeps the pattern, changes its tone. */
  texel->albedo = fe_color_mix (
      texel->albedo, fe_color_multiply (texel->albedo, self->color), share);
}

void
fe_defect_discoloration (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.03F, 0.27F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  gboolean lighter =
      fe_color_luminance (around) < 0.5F && fe_random_chance (random, 0.5F);
  float level = lighter ? fe_random_range (random, 1.5F, 2.6F)
                        : fe_random_range (random, 0.25F, 0.7F);
  Tint tint = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .color = {level * fe_random_range (random, 0.7F, 1.3F), level,
                level * fe_random_range (random, 0.6F, 1.3F)},
      .strength = fe_mix (0.35F, 1, defect->severity),
  };
  FeArea area;

  tint.blob.soft = fe_random_range (random, 0.3F, 0.9F);
  area = fe_blob_area (&tint.blob, 2.8F);
  fe_scene_paint (scene, &area, paint_discoloration, &tint);
}

static void
paint_drop (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tint *self = data;
  float share = fe_blob_share (&self->blob, p) * texel->cover;

  texel->albedo =
      fe_color_mix (texel->albedo, self->color, self->strength * share);
  texel->gloss = fe_mix (texel->gloss, self->gloss, share);
  texel->metal *= 1 - self->strength * share;
  texel->height += self->rough * share;
}

void
fe_defect_splatter (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float reach = fe_defect_radius (defect, scene, 0.04F, 0.26F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  gboolean dark = fe_color_luminance (around) > 0.25F;
  Tint tint = {
      .color = fe_random_chance (random, 0.6F)
                   ? fe_color_gray (dark ? 0.02F : 0.7F)
                   : fe_color_any (random),
      .strength = fe_mix (0.45F, 1, defect->severity),
      .gloss = fe_random_range (random, 0, 0.5F),
  };
  int n = fe_random_int (random, 6, 30);

  for (int i = 0; i < n; i++) {
    float radius = fe_random_log_range (random, 0.06F, 0.22F) * reach;
    FeArea area;

    radius = MAX (radius, 0.9F * scene->pixel);
    tint.rough = 0.25F * radius;
    tint.blob = fe_blob_make (
        random, defect->x + 0.6F * reach * fe_random_normal (random),
        defect->y + 0.6F * reach * fe_random_normal (random), radius);
    tint.blob.uneven *= 0.5F;
    tint.blob.soft = 0.2F;
    area = fe_blob_area (&tint.blob, 2);
    fe_scene_paint (scene, &area, paint_drop, &tint);
  }
}
