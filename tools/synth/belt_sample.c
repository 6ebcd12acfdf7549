/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/belt_sample.h"

#include "synth/belt.h"
#include "synth/carried.h"

/* How far from the middle an item may lie, in squares. */
#define SHIFT 0.35F

/* A belt with the items on it. */
typedef struct {
  FeBelt *belt;
  float moved;
  FeCarried good;
  FeCarried defective;
  FeCarried neighbor;
} Line;

static void
line_init (Line *self, const FeSampleRequest *request, const FeStudio *studio)
{
  FeRandom random = fe_random_make (fe_random_seed (request->item, "belt", 0));
  const int edge = (int)(FE_CARRIED_SQUARE * (float)request->height);
  const float room = (float)(request->height - edge);
  const float side = fe_random_unit (&random) < 0.5F ? -1 : 1;
  FeSampleRequest own = *request;

  self->belt = fe_belt_new (request->width, request->height,
                            fe_random_seed (request->design, "belt", 0));
  self->moved = fe_random_range (&random, 0, 1000);
  own.width = own.height = edge;
  fe_carried_init (&self->defective, &own, studio);
  own.defect = FE_SAMPLE_GOOD;
  fe_carried_init (&self->good, &own, studio);
  own.item = fe_random_seed (request->item, "neighbor", 0);
  fe_carried_init (&self->neighbor, &own, studio);

  self->good.left = (float)(request->width - edge) / 2
                    + fe_random_range (&random, -SHIFT, SHIFT) * (float)edge;
  self->good.top =
      (int)(room * (0.5F + fe_random_range (&random, -0.2F, 0.2F)));
  self->defective.left = self->good.left;
  self->defective.top = self->good.top;
  self->neighbor.left =
      self->good.left + side * FE_CARRIED_SPACING * (float)edge;
  self->neighbor.top =
      (int)(room * (0.5F + fe_random_range (&random, -0.2F, 0.2F)));
}

static void
line_clear (Line *self)
{
  fe_belt_free (self->belt);
  fe_carried_clear (&self->good);
  fe_carried_clear (&self->defective);
  fe_carried_clear (&self->neighbor);
}

static FeScene *
compose (const Line *self, const FeSampleRequest *request,
         const FeCarried *item)
{
  FeScene *scene = fe_scene_new (request->width, request->height, 0, 0);

  fe_belt_lay (self->belt, scene, self->moved);
  fe_carried_lay (&self->neighbor, scene, self->neighbor.left);
  fe_carried_lay (item, scene, item->left);
  return scene;
}

FeSample *
fe_belt_sample_new (const FeSampleRequest *request)
{
  const gboolean fill = !fe_defect_kind (request->defect)->line;
  FeSample *self = g_new0 (FeSample, 1);
  FeStudio studio = fe_studio_make (request->design, request->item);
  g_autoptr (FeScene) good_scene = NULL;
  g_autoptr (FeScene) scene = NULL;
  g_autofree FeColor *good = NULL;
  g_autofree FeColor *image = NULL;
  Line line;

  line_init (&line, request, &studio);
  good_scene = compose (&line, request, &line.good);
  scene = compose (&line, request, &line.defective);
  good = fe_studio_meter (&studio, good_scene);
  image = fe_studio_take (&studio, scene);

  self->request = *request;
  self->severity = line.defective.severity;
  self->mask =
      fe_defect_mask_make (good, image, request->width, request->height, fill);
  self->pixels =
      fe_studio_read (&studio, image, request->width, request->height,
                      fe_random_seed (request->item, "noise", 0));
  self->good_pixels =
      fe_studio_read (&studio, good, request->width, request->height,
                      fe_random_seed (request->item, "noise", 1));
  line_clear (&line);
  return self;
}
