/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/blob.h"

#include "synth/noise.h"

FeBlob
fe_blob_make (FeRandom *random, float x, float y, float radius)
{
  return (FeBlob){
      .pose = fe_pose_make (x, y, fe_random_angle (random), radius),
      .stretch = fe_random_log_range (random, 1, 2.2F),
      .uneven = fe_random_range (random, 0.15F, 0.7F),
      .soft = fe_random_range (random, 0.1F, 0.6F),
      .seed = fe_random_bits (random),
  };
}

float
fe_blob_distance (const FeBlob *self, FePoint p)
{
  FePoint q = fe_pose_enter (&self->pose, p);
  float root = sqrtf (self->stretch);
  float x = q.x / root;
  float y = q.y * root;

  return fe_length (x, y) - 1
         + self->uneven * fe_noise_octaves (q, 1.1F, 4, self->seed);
}

float
fe_blob_share (const FeBlob *self, FePoint p)
{
  float soft = MAX (self->soft, p.pixel / self->pose.scale);

  return fe_smooth (soft, -soft, fe_blob_distance (self, p));
}

FeArea
fe_blob_area (const FeBlob *self, float radii)
{
  float reach = self->pose.scale * radii * sqrtf (self->stretch);

  return fe_area_around (self->pose.x, self->pose.y, reach);
}
