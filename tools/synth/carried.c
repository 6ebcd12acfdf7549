/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/carried.h"

/* The bounding box of the object and everything on it. */
static FePixels
find_box (const FeScene *scene)
{
  FePixels box = {scene->width, scene->height, 0, 0};

  for (int row = 0; row < scene->height; row++) {
    for (int column = 0; column < scene->width; column++) {
      if (scene->texels[(gsize)row * scene->width + column].cover < 0.5F)
        continue;
      box.left = MIN (box.left, column);
      box.top = MIN (box.top, row);
      box.right = MAX (box.right, column + 1);
      box.bottom = MAX (box.bottom, row + 1);
    }
  }
  return box.right > box.left ? box : (FePixels){0};
}

/* Cuts a plate with a margin around it out of a surface that fills the scene.
 */
static void
cut_plate (FeScene *scene)
{
  const float margin = 0.03F * (float)scene->width;
  const float thickness = 0.012F;

  for (int row = 0; row < scene->height; row++) {
    for (int column = 0; column < scene->width; column++) {
      FeTexel *texel = &scene->texels[(gsize)row * scene->width + column];
      int x = MIN (column, scene->width - 1 - column);
      int y = MIN (row, scene->height - 1 - row);

      texel->cover = fe_smooth (-1, 1, (float)MIN (x, y) - margin);
      texel->height += thickness;
    }
  }
}

void
fe_carried_init (FeCarried *self, const FeSampleRequest *request,
                 const FeStudio *studio)
{
  FeStudio own = *studio;
  g_autoptr (FeScene) scene = fe_sample_make_scene (request);

  *self = (FeCarried){.request = *request};
  if (request->defect == FE_SAMPLE_GOOD) {
    self->scene = g_steal_pointer (&scene);
  } else {
    g_autofree FeColor *good = fe_studio_meter (&own, scene);
    FeDamage damage = fe_damage_make (request, &own, scene, good);

    self->scene = g_steal_pointer (&damage.scene);
    self->defect_box = damage.mask.box;
    self->severity = damage.severity;
    fe_damage_clear (&damage);
  }
  if (!request->surface->object)
    cut_plate (self->scene);
  self->box = find_box (self->scene);
}

void
fe_carried_clear (FeCarried *self)
{
  g_clear_pointer (&self->scene, fe_scene_free);
}

/* Samples the item between two pixels of its square. */
static FeTexel
sample (const FeScene *scene, int column, int row, float share)
{
  const FeTexel *line = scene->texels + (gsize)row * scene->width;
  const FeTexel *right = &line[CLAMP (column, 0, scene->width - 1)];
  const FeTexel *left = &line[CLAMP (column - 1, 0, scene->width - 1)];

  return fe_texel_mix (right, left, share);
}

void
fe_carried_lay (const FeCarried *self, FeScene *frame, float left)
{
  const FeScene *scene = self->scene;
  int whole = fe_floor (left);
  float share = left - (float)whole;
  /* Heights are in shares of the square's edge. */
  float scale = scene->pixel > 0 ? frame->pixel / scene->pixel : 1;

  for (int row = 0; row < scene->height; row++) {
    int y = self->top + row;

    if (y < 0 || y >= frame->height)
      continue;
    for (int column = 0; column <= scene->width; column++) {
      int x = whole + column;
      FeTexel item;
      FeTexel *texel;
      float cover;

      if (x < 0 || x >= frame->width)
        continue;
      item = sample (scene, column, row, share);
      if (item.cover <= 0)
        continue;
      texel = &frame->texels[(gsize)y * frame->width + x];
      cover = fe_smooth (0.15F, 0.95F, item.cover);
      item.height *= scale;
      fe_texel_cover (texel, &item, cover);
    }
  }
}
