/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wire mesh and perforated sheet, with something darker behind. */
#include "synth/color.h"
#include "synth/noise.h"
#include "synth/surface.h"

typedef struct {
  FePose pose;
  FeColor metal;
  FeColor behind;
  guint32 seed;
  float cells;
  float wire;
  float metallic;
  float unevenness;
  /* A hole's corners: 0 for a round one. */
  int corners;
  gboolean staggered;
} Sheet;

static void
paint_behind (const Sheet *self, FePoint q, FeTexel *texel)
{
  float broad = fe_noise_octaves (q, 2.5F, 3, self->seed + 30);

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->behind, 1 + 0.2F * broad),
      .height = -0.06F,
      .cover = 1,
  };
}

/* One of two crossing wires: @along runs with it, @offset is beside it. */
static void
lay_wire (const Sheet *self, FePoint q, float along, float offset, float wave,
          FeTexel *texel)
{
  float half = self->wire / self->cells;
  float edge = fabsf (offset) - half;
  float round = fe_dome (edge, half);
  float grain = fe_noise (along * 60, offset * 300, self->seed + 8);
  const FeTexel wire = {
      .albedo = fe_color_scale (self->metal, 1 + 0.06F * grain),
      .height = half * (round + 0.7F * wave),
      .gloss = 0.35F,
      .shine = 0.5F,
      .metal = self->metallic,
      .cover = 1,
  };
  float cover = fe_coverage (edge, q.pixel);

  if (cover > 0 && wire.height > texel->height)
    fe_texel_cover (texel, &wire, cover);
}

static void
paint_mesh (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Sheet *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float x = q.x * self->cells
            + self->unevenness * fe_noise (q.x * 3, q.y * 3, self->seed);
  float y = q.y * self->cells
            + self->unevenness * fe_noise (q.x * 3, q.y * 3, self->seed + 1);
  int column = fe_floor (x);
  int row = fe_floor (y);
  float turn = (float)G_PI;
  float sign_x = column % 2 == 0 ? 1 : -1;
  float sign_y = row % 2 == 0 ? -1 : 1;
  float wave_x = sign_x * cosf (turn * (y - 0.5F));
  float wave_y = sign_y * cosf (turn * (x - 0.5F));

  paint_behind (self, q, texel);
  lay_wire (self, q, q.y, (fe_fraction (x) - 0.5F) / self->cells, wave_x,
            texel);
  lay_wire (self, q, q.x, (fe_fraction (y) - 0.5F) / self->cells, -wave_y,
            texel);
}

static FePose
place (FeScene *scene)
{
  FeRandom *item = &scene->item;
  float angle = fe_random_chance (&scene->design, 0.4F) ? (float)G_PI_4 : 0;

  angle += 0.03F * fe_random_normal (item);
  scene->grain_angle = angle;
  return fe_pose_make (fe_random_range (item, -3, 3),
                       fe_random_range (item, -3, 3), angle, 1);
}

void
fe_surface_metal_grid (FeScene *scene)
{
  FeRandom *design = &scene->design;
  const Sheet mesh = {
      .pose = place (scene),
      .metal = fe_color_metal (design),
      .behind = fe_color_scale (fe_color_any (design), 0.35F),
      .seed = fe_random_bits (&scene->item),
      .cells = fe_random_log_range (design, 6, 18),
      .wire = fe_random_range (design, 0.14F, 0.24F),
      .metallic = fe_random_range (design, 0.3F, 0.9F),
      .unevenness = fe_random_range (design, 0, 0.08F),
  };

  fe_scene_paint (scene, NULL, paint_mesh, &mesh);
}

static float
hole_distance (const Sheet *self, FePoint q)
{
  int row = fe_floor (q.y * self->cells);
  float x = q.x * self->cells + (self->staggered && row % 2 != 0 ? 0.5F : 0);
  float dx = (fe_fraction (x) - 0.5F) / self->cells;
  float dy = (fe_fraction (q.y * self->cells) - 0.5F) / self->cells;
  float radius = self->wire / self->cells;

  if (self->corners == 0)
    return fe_length (dx, dy) - radius;
  if (self->corners == 4)
    return fe_box_distance (dx, dy, radius, radius, radius * 0.2F);
  return fe_polygon_distance (dx, dy, radius, self->corners);
}

static void
paint_perforated (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Sheet *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float edge = hole_distance (self, q);
  float grain = fe_noise_grain (q, 3, 70, 3, self->seed);
  float broad = fe_noise_octaves (q, 2, 3, self->seed + 6);
  const FeTexel sheet = {
      .albedo = fe_color_scale (self->metal, 1 + 0.06F * grain + 0.06F * broad),
      .height = 0.0006F * grain + 0.004F * (fe_dome (-edge, 0.008F) - 1),
      .gloss = 0.25F,
      .shine = 0.45F,
      .metal = self->metallic,
      .cover = 1,
  };

  paint_behind (self, q, texel);
  fe_texel_cover (texel, &sheet, fe_coverage (-edge, q.pixel));
}

void
fe_surface_perforated_sheet (FeScene *scene)
{
  static const int shapes[] = {0, 0, 0, 4, 6};
  FeRandom *design = &scene->design;
  const Sheet sheet = {
      .pose = place (scene),
      .metal = fe_color_metal (design),
      .behind = fe_color_scale (fe_color_any (design), 0.3F),
      .seed = fe_random_bits (&scene->item),
      .cells = fe_random_log_range (design, 5, 14),
      .wire = fe_random_range (design, 0.2F, 0.36F),
      .metallic = fe_random_range (design, 0.3F, 0.9F),
      .corners = shapes[fe_random_int (design, 0, 4)],
      .staggered = fe_random_chance (design, 0.6F),
  };

  fe_scene_paint (scene, NULL, paint_perforated, &sheet);
}
