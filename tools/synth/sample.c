/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/sample.h"

#include "synth/dust.h"

#define MAX_ATTEMPTS 10

FeScene *
fe_sample_make_scene (const FeSampleRequest *request)
{
  FeScene *scene = fe_scene_new (request->width, request->height,
                                 request->design, request->item);

  request->surface->render (scene);
  fe_dust_settle (scene, fe_random_seed (request->item, "dust", 0));
  return scene;
}

/* One try, plainer and larger than the one before. */
static FeDamage
attempt (const FeSampleRequest *request, const FeStudio *studio,
         const FeScene *scene, const FeColor *good, guint number)
{
  const FeDefectKind *kind = fe_defect_kind (request->defect);
  FeDefect defect = fe_defect_make (
      scene, fe_random_seed (request->defect_seed, "defect", number),
      request->severity, request->extent);
  FeDamage self = {.scene = fe_scene_copy (scene)};

  defect.severity = MIN (defect.severity + 0.1F * (float)number, 1);
  defect.extent = MIN (defect.extent + 0.08F * (float)number, 1);
  self.severity = defect.severity;
  kind->apply (self.scene, &defect);
  self.image = fe_studio_take (studio, self.scene);
  self.mask = fe_mask_make (good, self.image, request->width, request->height,
                            !kind->line);
  return self;
}

/* Whether somebody who looks for it finds it. */
static gboolean
is_visible (const FeMask *mask, const FeSampleRequest *request)
{
  float n = (float)request->width * (float)request->height;
  float area = (float)mask->area;

  return area >= MAX (5, 0.0005F * n) && area <= 0.4F * n
         && mask->contrast >= 0.05F + 0.7F * mask->texture;
}

FeDamage
fe_damage_make (const FeSampleRequest *request, const FeStudio *studio,
                const FeScene *scene, const FeColor *good)
{
  FeDamage best = attempt (request, studio, scene, good, 0);

  for (guint i = 1; i < MAX_ATTEMPTS && !is_visible (&best.mask, request);
       i++) {
    FeDamage next = attempt (request, studio, scene, good, i);
    gboolean better = is_visible (&next.mask, request)
                      || next.mask.contrast > best.mask.contrast;
    FeDamage *worse = better ? &best : &next;

    fe_damage_clear (worse);
    if (better)
      best = next;
  }
  return best;
}

void
fe_damage_clear (FeDamage *self)
{
  g_clear_pointer (&self->scene, fe_scene_free);
  g_clear_pointer (&self->image, g_free);
  fe_mask_clear (&self->mask);
}

static guint8 *
read_out (const FeSampleRequest *request, const FeStudio *studio,
          const FeColor *image, guint exposure)
{
  return fe_camera_read (&studio->camera, image, request->width,
                         request->height,
                         fe_random_seed (request->item, "noise", exposure));
}

FeSample *
fe_sample_new (const FeSampleRequest *request)
{
  FeSample *self = g_new0 (FeSample, 1);
  g_autoptr (FeScene) scene = fe_sample_make_scene (request);
  FeStudio studio = fe_studio_make (request->design, request->item);
  g_autofree FeColor *good = fe_studio_meter (&studio, scene);

  self->request = *request;
  if (request->defect == FE_SAMPLE_GOOD) {
    self->pixels = read_out (request, &studio, good, 0);
    self->mask.pixels =
        g_new0 (guint8, (gsize)request->width * request->height);
  } else {
    FeDamage damage = fe_damage_make (request, &studio, scene, good);

    self->pixels = read_out (request, &studio, damage.image, 0);
    self->mask = damage.mask;
    damage.mask = (FeMask){0};
    self->severity = damage.severity;
    fe_damage_clear (&damage);
  }
  if (request->pair)
    self->good_pixels = read_out (request, &studio, good, 1);
  return self;
}

void
fe_sample_free (FeSample *self)
{
  if (!self)
    return;
  fe_mask_clear (&self->mask);
  g_free (self->pixels);
  g_free (self->good_pixels);
  g_free (self);
}
