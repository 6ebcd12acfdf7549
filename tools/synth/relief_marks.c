/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects of shape: hole, dent, chip and foreign body. */
#include "synth/blob.h"
#include "synth/defect.h"
#include "synth/noise.h"

typedef struct {
  FeBlob blob;
  float severity;
  float depth;
  FeColor inside;
  FeColor edge;
  float facets;
  const FeScene *scene;
} Mark;

/* What lies below the object at @p, or NULL. */
static const FeTexel *
find_under (const FeScene *scene, FePoint p)
{
  const FeTexel *texel = fe_scene_texel (scene, p.x, p.y);

  return scene->under ? &scene->under[texel - scene->texels] : NULL;
}

static void
paint_hole (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Mark *self = data;
  float soft = MAX (self->blob.soft * 0.3F, p.pixel / self->blob.pose.scale);
  float distance = fe_blob_distance (&self->blob, p);
  float open = fe_smooth (soft, -soft, distance) * texel->cover;
  float torn = fe_smooth (0.35F, 0, fabsf (distance - 0.05F)) * texel->cover;
  const FeTexel *under = find_under (self->scene, p);
  float rough = fe_noise_octaves (p, 30, 3, self->blob.seed + 9);
  FeTexel inside = {
      .albedo = fe_color_scale (self->inside, 1 + 0.3F * rough),
      .height = texel->height - self->depth,
      .cover = 1,
  };

  if (under && under->cover < 0.5F)
    inside = *under;
  texel->albedo =
      fe_color_mix (texel->albedo, self->edge, 0.4F * self->severity * torn);
  texel->height += 0.15F * self->depth * torn * (1 + rough);
  *texel =
      fe_texel_mix (texel, &inside, open * fe_mix (0.6F, 1, self->severity));
}

void
fe_defect_hole (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.014F, 0.16F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  Mark mark = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .severity = defect->severity,
      .depth = MIN (radius, 0.05F) * fe_mix (0.5F, 1.2F, defect->severity),
      .inside = fe_color_scale (around, fe_mix (0.4F, 0.05F, defect->severity)),
      .edge = fe_color_scale (around,
                              fe_random_chance (random, 0.5F) ? 0.5F : 1.5F),
      .scene = scene,
  };
  FeArea area;

  mark.blob.uneven *= 0.6F;
  area = fe_blob_area (&mark.blob, 2);
  fe_scene_paint (scene, &area, paint_hole, &mark);
}

static void
paint_dent (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Mark *self = data;
  float distance = MAX (fe_blob_distance (&self->blob, p) + 1, 0);
  float bowl = expf (-2.2F * distance * distance) * texel->cover;
  float rim = expf (-6 * (distance - 1.1F) * (distance - 1.1F)) * texel->cover;
  float scuff = fe_noise_octaves (p, 50, 3, self->blob.seed + 4);

  texel->height += self->depth * (0.15F * rim - bowl);
  texel->albedo = fe_color_mix (
      texel->albedo, fe_color_scale (self->edge, 1 + 0.2F * scuff),
      0.3F * self->severity * fe_smooth (0.5F, 0.9F, bowl));
}

void
fe_defect_dent (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.022F, 0.2F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  Mark mark = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .severity = defect->severity,
      .depth = radius * fe_mix (0.15F, 0.6F, defect->severity)
               * (fe_random_chance (random, 0.8F) ? 1 : -1),
      .edge = fe_color_scale (around, fe_random_range (random, 0.5F, 1.3F)),
      .scene = scene,
  };
  FeArea area;

  mark.blob.uneven *= 0.25F;
  area = fe_blob_area (&mark.blob, 2.4F);
  fe_scene_paint (scene, &area, paint_dent, &mark);
}

/* A chip: facets, a sharp edge and fresh material. */
static void
paint_chip (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Mark *self = data;
  FePoint q = fe_pose_enter (&self->blob.pose, p);
  FeNoiseCells facet =
      fe_noise_cells (q.x * 1.6F, q.y * 1.6F, self->blob.seed + 2);
  float distance = fe_blob_distance (&self->blob, p) + 0.25F * facet.nearest;
  float soft = MAX (0.06F, p.pixel / self->blob.pose.scale);
  float broken = fe_smooth (soft, -soft, distance) * texel->cover;
  const FeTexel *under = find_under (self->scene, p);
  float slope = facet.dx * (facet.id - 0.5F) + facet.dy * (0.7F - facet.id);
  float grain = fe_noise_octaves (p, 45, 3, self->blob.seed + 7);
  float deep = fe_smooth (0, -0.9F, distance);
  FeTexel inside = *texel;

  inside.albedo = fe_color_scale (self->inside,
                                  1 + 0.2F * grain + 0.3F * (facet.id - 0.5F));
  inside.height -=
      self->depth
      * (0.45F + 0.55F * deep + self->facets * slope + 0.1F * grain);
  inside.metal *= 0.4F;
  inside.gloss *= 0.3F;
  if (under && under->cover < 0.5F && inside.height < under->height)
    inside = *under;
  *texel =
      fe_texel_mix (texel, &inside, broken * fe_mix (0.6F, 1, self->severity));
}

void
fe_defect_chip (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.02F, 0.18F);
  Mark mark;
  FeColor around;
  FeArea area;

  if (fe_random_chance (random, 0.8F))
    fe_defect_move_to_edge (defect, scene);
  around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  mark = (Mark){
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .severity = defect->severity,
      .depth = radius * fe_mix (0.25F, 0.9F, defect->severity),
      .inside =
          fe_random_chance (random, 0.65F)
              ? fe_color_mix (around, fe_color_gray (0.75F),
                              fe_mix (0.15F, 0.6F, defect->severity))
              : fe_color_scale (around, fe_mix (0.75F, 0.4F, defect->severity)),
      .facets = fe_random_range (random, 0.4F, 1.2F),
      .scene = scene,
  };
  mark.blob.uneven = fe_random_range (random, 0.3F, 0.6F);
  area = fe_blob_area (&mark.blob, 2);
  fe_scene_paint (scene, &area, paint_chip, &mark);
}

typedef struct {
  FeBlob blob;
  FeColor color;
  float share;
  float base;
  float thickness;
  float lumps;
  float gloss;
  float metal;
} Body;

static void
paint_body (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Body *self = data;
  FePoint q = fe_pose_enter (&self->blob.pose, p);
  float distance = fe_blob_distance (&self->blob, p);
  float lump = fe_noise_octaves (q, 1.6F, 4, self->blob.seed + 3);
  float grain = fe_noise_octaves (p, 40, 2, self->blob.seed + 8);
  const FeTexel body = {
      .albedo = fe_color_scale (self->color, 1 + 0.25F * lump + 0.1F * grain),
      .height =
          self->base
          + self->thickness * (fe_dome (distance, 0.7F) + self->lumps * lump),
      .gloss = self->gloss,
      .shine = 0.5F,
      .metal = self->metal,
      .cover = 1,
  };

  fe_texel_cover (
      texel, &body,
      self->share * fe_coverage (distance, p.pixel / self->blob.pose.scale));
}

void
fe_defect_foreign_body (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float radius = fe_defect_radius (defect, scene, 0.014F, 0.16F);
  const FeTexel *around = fe_scene_texel (scene, defect->x, defect->y);
  gboolean shaving = fe_random_chance (random, 0.25F);
  FeColor other = shaving ? fe_color_gray (0.7F) : fe_color_any (random);
  Body body = {
      .blob = fe_blob_make (random, defect->x, defect->y, radius),
      .color = fe_color_mix (around->albedo, other,
                             fe_mix (0.4F, 1, defect->severity)),
      .share = fe_mix (0.75F, 1, defect->severity),
      .base = around->height,
      .thickness = radius * fe_random_range (random, 0.25F, 0.8F),
      .lumps = fe_random_range (random, 0, 0.4F),
      .gloss = fe_random_range (random, 0, 0.5F),
      .metal = shaving ? 0.8F : 0,
  };
  FeArea area;

  body.blob.stretch = fe_random_log_range (random, 1, shaving ? 8 : 3);
  body.blob.uneven = fe_random_range (random, 0.1F, 0.5F);
  area = fe_blob_area (&body.blob, 2);
  fe_scene_paint (scene, &area, paint_body, &body);
}
