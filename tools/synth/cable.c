/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A cable cut across: sheath, insulated wires, strands of copper. */
#include "synth/backdrop.h"
#include "synth/noise.h"
#include "synth/surface.h"

#define MAX_WIRES 5

typedef struct {
  FePose pose;
  FeColor sheath;
  FeColor filler;
  FeColor copper;
  FeColor insulation[MAX_WIRES];
  FePoint centers[MAX_WIRES];
  float turns[MAX_WIRES];
  guint32 seed;
  int wires;
  float wire;
  float core;
  float strand;
} Cable;

/* Strands packed like honeycomb: the distance to the nearest one's axis. */
static float
strand_distance (float x, float y, float pitch, float *id)
{
  float row_height = pitch * 0.866F;
  int row = fe_floor (y / row_height + 0.5F);
  float best = 9;

  for (int j = row - 1; j <= row + 1; j++) {
    float shift = j % 2 != 0 ? 0.5F : 0;
    int i = fe_floor (x / pitch - shift + 0.5F);
    float distance =
        fe_length (x - ((float)i + shift) * pitch, y - (float)j * row_height);

    if (distance < best) {
      best = distance;
      *id = fe_noise_cell (i, j, 77);
    }
  }
  return best;
}

static void
paint_wire (const Cable *self, int i, FePoint q, FeTexel *texel)
{
  float dx = q.x - self->centers[i].x;
  float dy = q.y - self->centers[i].y;
  float radius = fe_length (dx, dy);
  float turn_x = dx * cosf (self->turns[i]) - dy * sinf (self->turns[i]);
  float turn_y = dx * sinf (self->turns[i]) + dy * cosf (self->turns[i]);
  float id = 0;
  float strand = strand_distance (turn_x, turn_y, self->strand, &id);
  float round = fe_dome (strand - self->strand * 0.5F, self->strand * 0.5F);
  float scuff = fe_noise_grain (q, 14, 50, 2, self->seed + i);
  const FeTexel plastic = {
      .albedo = fe_color_scale (self->insulation[i], 1 + 0.06F * scuff),
      .height = (0.05F + 0.05F * fe_dome (radius - self->wire, 0.05F))
                * self->pose.scale,
      .gloss = 0.25F,
      .shine = 0.4F,
      .cover = 1,
  };
  const FeTexel copper = {
      .albedo = fe_color_scale (self->copper,
                                (0.25F + 0.75F * round) * (0.8F + 0.4F * id)),
      .height = (0.08F + 0.04F * round + 0.03F * id) * self->pose.scale,
      .gloss = 0.35F,
      .shine = 0.5F,
      .metal = 0.7F,
      .cover = 1,
  };

  fe_texel_cover (texel, &plastic, fe_coverage (radius - self->wire, q.pixel));
  fe_texel_cover (texel, &copper, fe_coverage (radius - self->core, q.pixel));
}

static void
paint_cable (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Cable *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float radius = fe_length (q.x, q.y);
  float cut = fe_noise_grain (q, 12, 45, 3, self->seed + 20);
  float inner = radius - 0.82F;
  const FeTexel sheath = {
      .albedo = fe_color_scale (self->sheath, 1 + 0.08F * cut),
      .height = 0.12F * fe_dome (radius - 0.96F, 0.05F) * self->pose.scale,
      .gloss = 0.15F,
      .shine = 0.3F,
      .cover = 1,
  };
  const FeTexel filler = {
      .albedo = fe_color_scale (self->filler, 1 + 0.15F * cut),
      .height = 0.02F * self->pose.scale,
      .cover = 1,
  };

  if (radius > 1.02F)
    return;
  fe_texel_cover (texel, &sheath, fe_coverage (radius - 0.96F, q.pixel));
  fe_texel_cover (texel, &filler, fe_coverage (inner, q.pixel));
}

typedef struct {
  const Cable *cable;
  int index;
} Wire;

static void
paint_one_wire (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Wire *wire = data;

  paint_wire (wire->cable, wire->index, fe_pose_enter (&wire->cable->pose, p),
              texel);
}

static void
lay_wires (FeScene *scene, Cable *cable)
{
  float ring = 0.8F - cable->wire;

  for (int i = 0; i < cable->wires; i++) {
    float angle = 2 * (float)G_PI * (float)i / (float)cable->wires;
    Wire wire = {cable, i};
    FePoint place;
    FeArea area;

    cable->centers[i] = (FePoint){
        ring * cosf (angle) + 0.012F * fe_random_normal (&scene->item),
        ring * sinf (angle) + 0.012F * fe_random_normal (&scene->item), 0};
    cable->turns[i] = fe_random_angle (&scene->item);
    place =
        fe_pose_leave (&cable->pose, cable->centers[i].x, cable->centers[i].y);
    area =
        fe_area_around (place.x, place.y,
                        1.05F * cable->wire * cable->pose.scale + scene->pixel);
    fe_scene_paint (scene, &area, paint_one_wire, &wire);
    fe_scene_add_part (scene, place.x, place.y,
                       1.05F * cable->wire * cable->pose.scale);
  }
}

void
fe_surface_cable (FeScene *scene)
{
  static const guint32 plastics[] = {0x2f6bb0, 0x7a4a2a, 0xc8b832, 0x4a8a3c,
                                     0x8a8d90, 0x202124, 0xb83228, 0xd8d8d4};
  FeRandom *design = &scene->design;
  Cable cable = {
      .sheath = fe_random_chance (design, 0.6F)
                    ? fe_color_gray (fe_random_log_range (design, 0.02F, 0.6F))
                    : fe_color_any (design),
      .copper = fe_random_chance (design, 0.75F)
                    ? (FeColor){0.85F, 0.45F, 0.25F}
                    : (FeColor){0.7F, 0.7F, 0.7F},
      .wires = fe_random_int (design, 2, MAX_WIRES),
      .strand = fe_random_range (design, 0.06F, 0.11F),
  };

  cable.filler = fe_color_vary (
      fe_color_gray (fe_random_range (design, 0.03F, 0.5F)), design, 0.2F);
  cable.wire = (const float[]){0.36F, 0.35F, 0.31F, 0.28F}[cable.wires - 2];
  cable.core = cable.wire * fe_random_range (design, 0.5F, 0.68F);
  for (int i = 0; i < cable.wires; i++)
    cable.insulation[i] = fe_color_pick_from (design, plastics);
  fe_backdrop_paint (scene);
  cable.pose = fe_backdrop_place (scene, 1, (float)G_PI);
  cable.seed = fe_random_bits (&scene->item);
  fe_scene_paint (scene, NULL, paint_cable, &cable);
  fe_scene_begin_object (scene);
  lay_wires (scene, &cable);
}
