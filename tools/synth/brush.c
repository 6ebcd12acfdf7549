/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A toothbrush's head from the front. */
#include "synth/backdrop.h"
#include "synth/noise.h"
#include "synth/surface.h"

#define MAX_ROWS 12
#define COLUMNS 4

typedef struct {
  FePose pose;
  FeColor plastic;
  FeColor bristles[2];
  guint32 seed;
  float half_width;
  float half_length;
  float pitch;
  float radius;
  int rows;
  int pattern;
} Brush;

static void
paint_head (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Brush *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float head = fe_box_distance (q.x, q.y, self->half_width, self->half_length,
                                self->half_width * 0.85F);
  float neck = fe_box_distance (q.x, q.y - self->half_length - 0.3F,
                                self->half_width * 0.33F, 0.5F, 0.05F);
  float edge = MIN (head, neck);
  const FeTexel plastic = {
      .albedo = self->plastic,
      .height = 0.12F * fe_dome (edge, 0.09F) * self->pose.scale,
      .gloss = 0.5F,
      .shine = 0.7F,
      .cover = 1,
  };

  fe_texel_cover (texel, &plastic, fe_coverage (edge, q.pixel));
}

/* One tuft, cut flat, whose bristles spread a little. */
typedef struct {
  const Brush *brush;
  float x;
  float y;
  float lean_x;
  float lean_y;
  FeColor color;
} Tuft;

static void
paint_tuft (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Tuft *self = data;
  const Brush *brush = self->brush;
  FePoint q = fe_pose_enter (&brush->pose, p);
  float dx = q.x - self->x - self->lean_x;
  float dy = q.y - self->y - self->lean_y;
  float radius = fe_length (dx, dy);
  float spread = fe_noise_octaves (q, 13, 2, brush->seed);
  FeNoiseCells bristle = fe_noise_cells (q.x * 46, q.y * 46, brush->seed + 2);
  float edge = radius - brush->radius * (1 + 0.22F * spread);
  float tip = fe_smooth (0.6F, 0.1F, bristle.nearest);
  float sharp = fe_clamp (2 - 46 * q.pixel * 2.2F, 0.25F, 1);
  float rim = fe_smooth (0, -0.05F, edge);
  const FeTexel tuft = {
      .albedo = fe_color_scale (
          self->color,
          (0.4F + 0.6F * rim)
              * fe_mix (0.8F, 0.45F + 0.55F * tip + 0.25F * (bristle.id - 0.5F),
                        sharp)),
      .height =
          (0.3F + 0.05F * bristle.id - 0.12F * (1 - rim)) * brush->pose.scale,
      .gloss = 0.1F,
      .shine = 0.3F,
      .cover = 1,
  };

  fe_texel_cover (texel, &tuft, fe_coverage (edge, MAX (q.pixel, 0.02F)));
}

static void
plant_tufts (FeScene *scene, const Brush *brush)
{
  for (int row = 0; row < brush->rows; row++) {
    for (int column = 0; column < COLUMNS; column++) {
      gboolean second =
          (brush->pattern == 1 && row % 3 == 0)
          || (brush->pattern == 2 && (column == 0 || column == COLUMNS - 1));
      Tuft tuft = {
          .brush = brush,
          .x = ((float)column - 0.5F * (COLUMNS - 1)) * brush->pitch,
          .y = ((float)row - 0.5F * (float)(brush->rows - 1)) * brush->pitch,
          .lean_x = 0.012F * fe_random_normal (&scene->item),
          .lean_y = 0.012F * fe_random_normal (&scene->item),
          .color = brush->bristles[second],
      };
      FePoint place;
      FeArea area;

      /* The head's corners are round. */
      if ((row == 0 || row == brush->rows - 1)
          && (column == 0 || column == COLUMNS - 1))
        continue;
      place = fe_pose_leave (&brush->pose, tuft.x, tuft.y);
      area = fe_area_around (place.x, place.y,
                             1.5F * brush->radius * brush->pose.scale
                                 + scene->pixel);
      fe_scene_paint (scene, &area, paint_tuft, &tuft);
      fe_scene_add_part (scene, place.x, place.y,
                         1.3F * brush->radius * brush->pose.scale);
    }
  }
}

void
fe_surface_toothbrush (FeScene *scene)
{
  FeRandom *design = &scene->design;
  Brush brush = {
      .plastic = fe_color_any (design),
      .bristles = {fe_random_chance (design, 0.6F) ? fe_color_gray (0.75F)
                                                   : fe_color_any (design),
                   fe_color_any (design)},
      .half_width = fe_random_range (design, 0.42F, 0.48F),
      .rows = fe_random_int (design, 7, 10),
      .pattern = fe_random_int (design, 0, 2),
  };

  brush.pitch = brush.half_width * 1.75F / COLUMNS;
  brush.radius = brush.pitch * fe_random_range (design, 0.4F, 0.47F);
  brush.half_length = brush.pitch * (float)(brush.rows + 0.4F) / 2;
  fe_backdrop_paint (scene);
  brush.pose = fe_backdrop_place (scene, brush.half_length * 1.05F, 0.08F);
  if (fe_random_chance (design, 0.4F))
    brush.pose =
        fe_pose_make (brush.pose.x, brush.pose.y,
                      scene->grain_angle + (float)G_PI_2, brush.pose.scale);
  brush.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_head, &brush);
  fe_scene_begin_object (scene);
  plant_tufts (scene, &brush);
}
