/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/stroke.h"

FeStroke
fe_stroke_make (FeRandom *random, float x, float y,
                const FeStrokeCourse *course)
{
  FeStroke self = {.n = CLAMP (course->steps + 1, 2, FE_STROKE_MAX)};
  float step = course->length / (float)(self.n - 1);
  float angle = course->angle;
  float turn = course->curl / (float)(self.n - 1);

  for (int i = 0; i < self.n; i++) {
    float aside = course->jitter * fe_random_normal (random);

    self.points[i] = (FePoint){x, y, 0};
    x += step * cosf (angle + aside);
    y += step * sinf (angle + aside);
    /* The turning itself drifts, so that a curl is no circle. */
    turn +=
        course->curl * 0.25F * fe_random_normal (random) / (float)(self.n - 1);
    angle += turn * 2 * (float)G_PI;
  }
  return self;
}

void
fe_stroke_center (FeStroke *self)
{
  float dx = self->points[self->n / 2].x - self->points[0].x;
  float dy = self->points[self->n / 2].y - self->points[0].y;

  for (int i = 0; i < self->n; i++) {
    self->points[i].x -= dx;
    self->points[i].y -= dy;
  }
}

/* What is known of a pixel near the line. */
typedef struct {
  float distance;
  float along;
  float side;
} Near;

static void
measure_piece (const FeStroke *self, int i, const FeScene *scene, float reach,
               Near *near)
{
  const FePoint *from = &self->points[i];
  const FePoint *to = &self->points[i + 1];
  float dx = to->x - from->x;
  float dy = to->y - from->y;
  float square = MAX (dx * dx + dy * dy, 1e-12F);
  const FeArea area = {
      MIN (from->x, to->x) - reach, MIN (from->y, to->y) - reach,
      MAX (from->x, to->x) + reach, MAX (from->y, to->y) + reach};
  FePixels pixels = fe_scene_pixels (scene, &area);

  for (int row = pixels.top; row < pixels.bottom; row++) {
    for (int column = pixels.left; column < pixels.right; column++) {
      FePoint p = fe_scene_point (scene, column, row);
      float x = p.x - from->x;
      float y = p.y - from->y;
      float t = fe_clamp ((x * dx + y * dy) / square, 0, 1);
      float distance = fe_length (x - t * dx, y - t * dy);
      Near *pixel = &near[(gsize)row * scene->width + column];

      if (distance < pixel->distance)
        *pixel = (Near){distance, ((float)i + t) / (float)(self->n - 1),
                        x * dy - y * dx > 0 ? 1 : -1};
    }
  }
}

void
fe_stroke_paint (const FeStroke *self, FeScene *scene, float reach,
                 FeStrokePainter painter, gconstpointer data)
{
  gsize n = (gsize)scene->width * scene->height;
  g_autofree Near *near = g_new (Near, n);

  for (gsize i = 0; i < n; i++)
    near[i].distance = reach;
  for (int i = 0; i + 1 < self->n; i++)
    measure_piece (self, i, scene, reach, near);
  for (int row = 0; row < scene->height; row++) {
    for (int column = 0; column < scene->width; column++) {
      gsize i = (gsize)row * scene->width + column;

      if (near[i].distance < reach)
        painter (data, fe_scene_point (scene, column, row), near[i].distance,
                 near[i].along, near[i].side, &scene->texels[i]);
    }
  }
}
