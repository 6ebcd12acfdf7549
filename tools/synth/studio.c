/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/studio.h"

FeStudio
fe_studio_make (guint64 design, guint64 item)
{
  FeRandom of_design = fe_random_make (fe_random_seed (design, "studio", 0));
  FeRandom of_item = fe_random_make (fe_random_seed (item, "studio", 0));

  return (FeStudio){
      .light = fe_light_make (&of_design, &of_item),
      .camera = fe_camera_make (&of_design, &of_item),
  };
}

FeColor *
fe_studio_meter (FeStudio *self, const FeScene *scene)
{
  FeColor *image;

  self->relief = fe_light_relief (scene);
  image = fe_light_shade (&self->light, scene, self->relief);
  self->exposure = fe_camera_meter (&self->camera, image,
                                    (gsize)scene->width * scene->height);
  fe_camera_expose (&self->camera, image, scene->width, scene->height,
                    self->exposure);
  return image;
}

FeColor *
fe_studio_take (const FeStudio *self, const FeScene *scene)
{
  FeColor *image = fe_light_shade (&self->light, scene, self->relief);

  fe_camera_expose (&self->camera, image, scene->width, scene->height,
                    self->exposure);
  return image;
}
