/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects of the whole: missing part, bend and misprint. */
#include <string.h>

#include "synth/blob.h"
#include "synth/defect.h"
#include "synth/noise.h"

typedef struct {
  const FeScene *scene;
  FeBlob blob;
  float share;
} Removal;

static void
paint_removal (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Removal *self = data;
  const FeScene *scene = self->scene;
  const FeTexel *under = &scene->under[texel - scene->texels];

  *texel =
      fe_texel_mix (texel, under, self->share * fe_blob_share (&self->blob, p));
}

/* A piece of the object broken off, as large as a part would be. */
static void
choose_piece (const FeScene *scene, FeDefect *defect, FeBlob *blob)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.05F, 0.2F);

  fe_defect_move_to_edge (defect, scene);
  *blob = fe_blob_make (random, defect->x, defect->y, radius);
  blob->soft = 0.02F;
  blob->uneven = fe_random_range (random, 0.1F, 0.5F);
}

void
fe_defect_missing_part (FeScene *scene, FeDefect *defect)
{
  Removal removal = {.scene = scene, .share = 1};
  FeRandom *random = &defect->random;
  guint first;
  FeArea area;

  if (!scene->under)
    return;
  choose_piece (scene, defect, &removal.blob);
  first = (guint)fe_random_int (random, 0, MAX ((int)scene->parts->len - 1, 0));
  /* The first visible part, starting from a random one. */
  for (guint i = 0; i < scene->parts->len; i++) {
    const FeScenePart *part = &g_array_index (scene->parts, FeScenePart,
                                              (first + i) % scene->parts->len);

    if (fabsf (part->x) > 0.48F || fabsf (part->y) > 0.48F)
      continue;
    removal.blob.pose = fe_pose_make (part->x, part->y, 0, part->radius);
    removal.blob.stretch = 1;
    removal.blob.uneven = 0;
    break;
  }
  area = fe_blob_area (&removal.blob, 2);
  fe_scene_paint (scene, &area, paint_removal, &removal);
}

/* Samples @texels between pixels; texels at the border are repeated. */
static FeTexel
sample (const FeScene *scene, const FeTexel *texels, float x, float y)
{
  float column = x / scene->pixel + (float)scene->width / 2 - 0.5F;
  float row = y / scene->pixel + (float)scene->height / 2 - 0.5F;
  int left = CLAMP (fe_floor (column), 0, scene->width - 1);
  int top = CLAMP (fe_floor (row), 0, scene->height - 1);
  int right = MIN (left + 1, scene->width - 1);
  int below = MIN (top + 1, scene->height - 1);
  float share_x = fe_clamp (column - (float)left, 0, 1);
  float share_y = fe_clamp (row - (float)top, 0, 1);
  const FeTexel *upper = texels + (gsize)top * scene->width;
  const FeTexel *lower = texels + (gsize)below * scene->width;
  FeTexel a = fe_texel_mix (&upper[left], &upper[right], share_x);
  FeTexel b = fe_texel_mix (&lower[left], &lower[right], share_x);

  return fe_texel_mix (&a, &b, share_y);
}

typedef struct {
  const FeScene *scene;
  const FeTexel *before;
  float x;
  float y;
  float radius;
  /* The hinge's normal, beyond which everything turns. */
  float normal_x;
  float normal_y;
  float angle;
  float push_x;
  float push_y;
} Bend;

/* The original place of the material that is now at @p. */
static FePoint
unbend (const Bend *self, FePoint p)
{
  float x = p.x - self->x;
  float y = p.y - self->y;
  float beyond = x * self->normal_x + y * self->normal_y;

  if (self->angle != 0) {
    float angle =
        -self->angle * fe_smooth (-self->radius, self->radius, beyond);

    return (FePoint){self->x + x * cosf (angle) - y * sinf (angle),
                     self->y + x * sinf (angle) + y * cosf (angle), p.pixel};
  } else {
    float near = expf (-1.5F * (x * x + y * y) / (self->radius * self->radius));

    return (FePoint){p.x - self->push_x * near, p.y - self->push_y * near,
                     p.pixel};
  }
}

static void
paint_bend (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Bend *self = data;
  FePoint q = unbend (self, p);
  FeTexel moved = sample (self->scene, self->before, q.x, q.y);
  const FeTexel *below = texel;

  /* The background below an object does not move. */
  if (self->scene->under) {
    const FeTexel *under = &self->scene->under[texel - self->scene->texels];

    if (under->cover < 0.5F) {
      below = under;
      *texel = fe_texel_mix (below, &moved, moved.cover);
      return;
    }
  }
  *texel = moved;
}

void
fe_defect_bend (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  g_autofree FeTexel *before = g_memdup2 (
      scene->texels, sizeof (FeTexel) * (gsize)scene->width * scene->height);
  float angle = scene->grain_angle;
  float sign = fe_random_chance (random, 0.5F) ? 1 : -1;
  gboolean hinge = scene->slender && fe_random_chance (random, 0.7F);
  float size = fe_defect_radius (defect, scene, 0.05F, 0.16F);
  float push = size * fe_mix (0.25F, 0.65F, defect->severity) * sign;
  const Bend bend = {
      .scene = scene,
      .before = before,
      .x = defect->x,
      .y = defect->y,
      .radius = hinge ? 0.05F : size,
      .normal_x = cosf (angle) * sign,
      .normal_y = sinf (angle) * sign,
      .angle = hinge ? fe_mix (0.12F, 0.5F, defect->severity) * sign : 0,
      .push_x = -sinf (angle) * push,
      .push_y = cosf (angle) * push,
  };

  fe_scene_paint (scene, NULL, paint_bend, &bend);
}

typedef struct {
  const FeScene *scene;
  const FeTexel *before;
  FeBlob blob;
  FeColor color;
  float share;
  float shift_x;
  float shift_y;
  gboolean fade;
} Reprint;

static void
paint_reprint (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Reprint *self = data;
  float share = self->share * fe_blob_share (&self->blob, p) * texel->cover;
  FeTexel moved = sample (self->scene, self->before, p.x - self->shift_x,
                          p.y - self->shift_y);

  /* Missing ink, or ink that was printed twice. */
  if (self->fade) {
    texel->albedo = fe_color_mix (texel->albedo, self->color, share);
  } else if (moved.cover > 0.5F) {
    FeColor twice = {MIN (texel->albedo.red, moved.albedo.red),
                     MIN (texel->albedo.green, moved.albedo.green),
                     MIN (texel->albedo.blue, moved.albedo.blue)};

    texel->albedo = fe_color_mix (texel->albedo, twice, share);
  }
}

/* The place near the defect with the most print on it. */
static void
move_to_print (const FeScene *scene, FeDefect *defect)
{
  float best = -1;
  FeDefect chosen = *defect;

  for (int i = 0; i < 60; i++) {
    gboolean covered = TRUE;
    float x = fe_random_range (&defect->random, -0.42F, 0.42F);
    float y = fe_random_range (&defect->random, -0.42F, 0.42F);
    float low = 9;
    float high = 0;

    for (int j = 0; j < 16; j++) {
      const FeTexel *texel =
          fe_scene_texel (scene, x + 0.03F * cosf ((float)j * 2.4F),
                          y + 0.03F * sinf ((float)j * 2.4F));
      float level = fe_color_luminance (texel->albedo);

      covered = covered && texel->cover > 0.9F;
      low = MIN (low, level);
      high = MAX (high, level);
    }
    if (covered && high - low > best) {
      best = high - low;
      chosen.x = x;
      chosen.y = y;
    }
  }
  defect->x = chosen.x;
  defect->y = chosen.y;
}

/* Where ink is missing, the lightest color nearby shows. */
static FeColor
find_ground (const FeScene *scene, const FeDefect *defect)
{
  FeColor ground = {0};

  for (int i = 0; i < 40; i++) {
    float away = 0.002F * (float)i;
    const FeTexel *texel =
        fe_scene_texel (scene, defect->x + away * cosf ((float)i * 2.4F),
                        defect->y + away * sinf ((float)i * 2.4F));

    if (fe_color_luminance (texel->albedo) > fe_color_luminance (ground))
      ground = texel->albedo;
  }
  return ground;
}

void
fe_defect_misprint (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  g_autofree FeTexel *before = g_memdup2 (
      scene->texels, sizeof (FeTexel) * (gsize)scene->width * scene->height);
  float radius = fe_defect_radius (defect, scene, 0.05F, 0.2F);
  float angle = fe_random_angle (random);
  float shift = fe_random_range (random, 0.012F, 0.035F);
  Reprint reprint = {
      .scene = scene,
      .before = before,
      .share = fe_mix (0.45F, 1, defect->severity),
      .shift_x = shift * cosf (angle),
      .shift_y = shift * sinf (angle),
      .fade = fe_random_chance (random, 0.5F),
  };
  FeArea area;

  move_to_print (scene, defect);
  reprint.color = find_ground (scene, defect);
  reprint.blob = fe_blob_make (random, defect->x, defect->y, radius);
  area = fe_blob_area (&reprint.blob, 2.6F);
  fe_scene_paint (scene, &area, paint_reprint, &reprint);
}
