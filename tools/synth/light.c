/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/light.h"

#include "synth/blur.h"

/* Places looked at on the way to the lamp. */
#define SHADOW_STEPS 10
#define MIN_SHADOW_REACH 0.03F
#define MAX_SHADOW_REACH 0.3F

FeLight
fe_light_make (FeRandom *design, FeRandom *item)
{
  float azimuth = fe_random_angle (design) + 0.05F * fe_random_normal (item);
  float elevation = fe_random_range (design, 0.6F, 1.25F);
  float slope = fe_random_range (design, 0, 0.55F);
  float warmth = 0.05F * fe_random_normal (design);
  float toward = fe_random_angle (design);

  return (FeLight){
      .x = cosf (azimuth) * cosf (elevation),
      .y = sinf (azimuth) * cosf (elevation),
      .z = sinf (elevation),
      .color = {1 + warmth, 1, 1 - warmth},
      .key = fe_random_range (design, 0.55F, 1)
             * (1 + 0.03F * fe_random_normal (item)),
      .fill = fe_random_range (design, 0.05F, 0.3F),
      .ambient = fe_random_range (design, 0.15F, 0.45F),
      .slope_x = slope * cosf (toward) + 0.02F * fe_random_normal (item),
      .slope_y = slope * sinf (toward) + 0.02F * fe_random_normal (item),
      .spot_x = fe_random_range (design, -0.5F, 0.5F),
      .spot_y = fe_random_range (design, -0.5F, 0.5F),
      .spot_size = fe_random_range (design, 0.25F, 0.7F),
      .spot = fe_random_chance (design, 0.5F)
                  ? fe_random_range (design, 0, 0.45F)
                  : 0,
      .softness = fe_random_range (design, 0.1F, 0.6F),
      .box_angle = fe_random_angle (design),
      .box_offset = fe_random_range (design, 0, 0.7F),
      .box_width = fe_random_range (design, 0.15F, 0.6F),
      .box_level = fe_random_range (design, 0.5F, 1.4F),
      .room_level = fe_random_range (design, 0.25F, 0.55F),
  };
}

static float *
copy_heights (const FeScene *scene)
{
  gsize n = (gsize)scene->width * scene->height;
  float *heights = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    heights[i] = scene->texels[i].height;
  return heights;
}

float
fe_light_relief (const FeScene *scene)
{
  gsize n = (gsize)scene->width * scene->height;
  float low = G_MAXFLOAT;
  float high = -G_MAXFLOAT;

  for (gsize i = 0; i < n; i++) {
    low = MIN (low, scene->texels[i].height);
    high = MAX (high, scene->texels[i].height);
  }
  return high - low;
}

/*
 * Corners and pits get less of the light that comes from everywhere: those
 * that lie below the mean height round them.
 */
static float *
measure_openness (const FeScene *scene, const float *heights)
{
  gsize n = (gsize)scene->width * scene->height;
  float *open = g_new (float, n);
  g_autofree float *near =
      fe_blur_box (heights, scene->width, scene->height, 0.012F / scene->pixel);
  g_autofree float *wide =
      fe_blur_box (heights, scene->width, scene->height, 0.045F / scene->pixel);

  for (gsize i = 0; i < n; i++) {
    float depth = MAX (near[i] - heights[i], 0) / 0.012F
                  + MAX (wide[i] - heights[i], 0) / 0.045F;

    open[i] = 1 / (1 + 1.1F * depth);
  }
  return open;
}

/* How far along the way to the lamp something can stand in it. */
static float
shadow_reach (const FeLight *self, float relief)
{
  float rise = self->z / fe_length (self->x, self->y);

  return fe_clamp (relief / rise, MIN_SHADOW_REACH, MAX_SHADOW_REACH);
}

/* The share of the main lamp that reaches the pixel. */
static float
trace_shadow (const FeLight *self, const FeScene *scene, const float *heights,
              int column, int row, float reach)
{
  float flat = fe_length (self->x, self->y);
  float rise = self->z / flat;
  float own = heights[(gsize)row * scene->width + column];
  float blocked = 0;

  for (int i = 1; i <= SHADOW_STEPS; i++) {
    float t = (float)i / SHADOW_STEPS;
    float distance = MAX (reach * t * t, 1.2F * scene->pixel);
    float pixels = distance / scene->pixel / flat;
    int x = fe_floor ((float)column + self->x * pixels + 0.5F);
    int y = fe_floor ((float)row + self->y * pixels + 0.5F);

    if (x < 0 || y < 0 || x >= scene->width || y >= scene->height)
      break;
    blocked = MAX (
        blocked, (heights[(gsize)y * scene->width + x] - own - distance * rise)
                     / (self->softness * distance + scene->pixel * 0.7F));
  }
  return 1 - fe_clamp (blocked, 0, 1);
}

/* What a mirror sees that throws the look in the direction (@x, @y). */
static float
mirror_room (const FeLight *self, float x, float y)
{
  float along = x * cosf (self->box_angle) + y * sinf (self->box_angle);
  float edge = fabsf (along - self->box_offset) - self->box_width;
  float toward = x * self->x + y * self->y;
  float lamp = fe_length (x - self->x, y - self->y);

  return self->room_level * (1 + 0.7F * toward)
         + self->box_level * fe_smooth (0.18F, -0.18F, edge) * 0.6F
         + self->key * 1.2F * expf (-lamp * lamp * 4);
}

/* Which way the surface looks, from the heights beside the pixel. */
static void
find_normal (const FeScene *scene, const float *heights, int column, int row,
             float normal[3])
{
  int left = MAX (column - 1, 0);
  int right = MIN (column + 1, scene->width - 1);
  int above = MAX (row - 1, 0);
  int below = MIN (row + 1, scene->height - 1);
  const float *line = heights + (gsize)row * scene->width;
  float dx = (line[right] - line[left])
             / (scene->pixel * (float)MAX (right - left, 1));
  float dy = (heights[(gsize)below * scene->width + column]
              - heights[(gsize)above * scene->width + column])
             / (scene->pixel * (float)MAX (below - above, 1));
  float scale = 1 / sqrtf (1 + dx * dx + dy * dy);

  normal[0] = -dx * scale;
  normal[1] = -dy * scale;
  normal[2] = scale;
}

static float
falloff (const FeLight *self, FePoint p)
{
  float dx = (p.x - self->spot_x) / self->spot_size;
  float dy = (p.y - self->spot_y) / self->spot_size;
  float spot = self->spot * expf (-dx * dx - dy * dy);

  return MAX (1 + self->slope_x * p.x + self->slope_y * p.y + spot, 0.1F);
}

/* The lamp's own reflection in varnish, glass or metal. */
static float
highlight (const FeLight *self, const FeTexel *texel, const float normal[3])
{
  float half_z = self->z + 1;
  float scale =
      1 / sqrtf (self->x * self->x + self->y * self->y + half_z * half_z);
  float facing =
      (normal[0] * self->x + normal[1] * self->y + normal[2] * half_z) * scale;
  float exponent = 6 * expf (3.6F * texel->shine);

  return facing > 0
             ? texel->gloss * (0.25F + texel->shine) * powf (facing, exponent)
             : 0;
}

static FeColor
shade_texel (const FeLight *self, const FeTexel *texel, const float normal[3],
             float lit, float open)
{
  float facing =
      normal[0] * self->x + normal[1] * self->y + normal[2] * self->z;
  float from_lamp = self->key * MAX (facing, 0) * lit;
  float from_room =
      self->ambient * open
      + self->fill * open * fe_clamp (normal[2], 0, 1)
            * (1 - 0.5F * (normal[0] * self->x + normal[1] * self->y));
  float spark = self->key * lit * highlight (self, texel, normal);
  FeColor matte = fe_color_scale (texel->albedo, from_lamp + from_room);
  FeColor color = matte;

  if (texel->metal > 0.01F) {
    float seen =
        mirror_room (self, 2 * normal[2] * normal[0], 2 * normal[2] * normal[1])
        * (0.35F + 0.65F * lit) * (0.3F + 0.7F * open);

    color = fe_color_mix (matte, fe_color_scale (texel->albedo, seen),
                          texel->metal);
  }
  color = fe_color_multiply (color, self->color);
  return (FeColor){color.red + spark, color.green + spark, color.blue + spark};
}

FeColor *
fe_light_shade (const FeLight *self, const FeScene *scene, float relief)
{
  FeColor *image = g_new (FeColor, (gsize)scene->width * scene->height);
  g_autofree float *heights = copy_heights (scene);
  g_autofree float *open = measure_openness (scene, heights);
  float reach = shadow_reach (self, relief);

  for (int row = 0; row < scene->height; row++) {
    for (int column = 0; column < scene->width; column++) {
      gsize i = (gsize)row * scene->width + column;
      float light = falloff (self, fe_scene_point (scene, column, row));
      float lit = trace_shadow (self, scene, heights, column, row, reach);
      float normal[3];

      find_normal (scene, heights, column, row, normal);
      image[i] = fe_color_scale (
          shade_texel (self, &scene->texels[i], normal, lit, open[i]), light);
    }
  }
  return image;
}
