/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/scene.h"

#include <string.h>

FeScene *
fe_scene_new (int width, int height, guint64 design, guint64 item)
{
  FeScene *self = g_new0 (FeScene, 1);

  self->width = width;
  self->height = height;
  self->pixel = 1.F / (float)MIN (width, height);
  self->texels = g_new0 (FeTexel, (gsize)width * height);
  self->design = fe_random_make (design);
  self->item = fe_random_make (item);
  self->parts = g_array_new (FALSE, FALSE, sizeof (FeScenePart));
  return self;
}

void
fe_scene_free (FeScene *self)
{
  if (!self)
    return;
  g_array_unref (self->parts);
  g_free (self->under);
  g_free (self->texels);
  g_free (self);
}

static FeTexel *
copy_texels (const FeScene *self, const FeTexel *texels)
{
  return g_memdup2 (texels,
                    sizeof (FeTexel) * (gsize)self->width * self->height);
}

FeScene *
fe_scene_copy (const FeScene *self)
{
  FeScene *copy = g_memdup2 (self, sizeof *self);

  copy->texels = copy_texels (self, self->texels);
  copy->under = self->under ? copy_texels (self, self->under) : NULL;
  copy->parts = g_array_copy (self->parts);
  return copy;
}

FePoint
fe_scene_point (const FeScene *self, int column, int row)
{
  return (FePoint){
      ((float)column + 0.5F - (float)self->width / 2) * self->pixel,
      ((float)row + 0.5F - (float)self->height / 2) * self->pixel, self->pixel};
}

static int
column_of (const FeScene *self, float x)
{
  return fe_floor (x / self->pixel + (float)self->width / 2);
}

static int
row_of (const FeScene *self, float y)
{
  return fe_floor (y / self->pixel + (float)self->height / 2);
}

FeTexel *
fe_scene_texel (const FeScene *self, float x, float y)
{
  int column = CLAMP (column_of (self, x), 0, self->width - 1);
  int row = CLAMP (row_of (self, y), 0, self->height - 1);

  return &self->texels[(gsize)row * self->width + column];
}

FePixels
fe_scene_pixels (const FeScene *self, const FeArea *area)
{
  if (!area)
    return (FePixels){0, 0, self->width, self->height};
  return (FePixels){CLAMP (column_of (self, area->left), 0, self->width),
                    CLAMP (row_of (self, area->top), 0, self->height),
                    CLAMP (column_of (self, area->right) + 1, 0, self->width),
                    CLAMP (row_of (self, area->bottom) + 1, 0, self->height)};
}

void
fe_scene_paint (FeScene *self, const FeArea *area, FePainter painter,
                gconstpointer data)
{
  FePixels pixels = fe_scene_pixels (self, area);

  for (int row = pixels.top; row < pixels.bottom; row++)
    for (int column = pixels.left; column < pixels.right; column++)
      painter (data, fe_scene_point (self, column, row),
               &self->texels[(gsize)row * self->width + column]);
}

void
fe_scene_begin_object (FeScene *self)
{
  g_free (self->under);
  self->under = copy_texels (self, self->texels);
}

void
fe_scene_add_part (FeScene *self, float x, float y, float radius)
{
  const FeScenePart part = {x, y, radius};

  g_array_append_val (self->parts, part);
}

FeTexel
fe_texel_mix (const FeTexel *a, const FeTexel *b, float share)
{
  return (FeTexel){
      .albedo = fe_color_mix (a->albedo, b->albedo, share),
      .height = fe_mix (a->height, b->height, share),
      .gloss = fe_mix (a->gloss, b->gloss, share),
      .shine = fe_mix (a->shine, b->shine, share),
      .metal = fe_mix (a->metal, b->metal, share),
      .cover = fe_mix (a->cover, b->cover, share),
  };
}

void
fe_texel_cover (FeTexel *texel, const FeTexel *top, float coverage)
{
  *texel = fe_texel_mix (texel, top, coverage);
}
