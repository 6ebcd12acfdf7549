/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects that are lines: scratch, crack, thread and crease. */
#include "synth/defect.h"
#include "synth/noise.h"
#include "synth/scene.h"

#define STROKE_MAX 64

/* A line of straight pieces. */
typedef struct {
  FePoint points[STROKE_MAX];
  int n;
} Stroke;

/* The course of a random stroke. */
typedef struct {
  float length;
  /* The direction at its start. */
  float angle;
  /* Its steady and its random turning, in turns per length. */
  float curl;
  float jitter;
  int steps;
} StrokeCourse;

/*
 * Changes @texel at @p, which lies at @distance from the stroke, beside the
 * share
 * @along of its length; @side is -1 or 1.
 */
typedef void (*StrokePainter) (gconstpointer data, FePoint p, float distance,
                               float along, float side, FeTexel *texel);

/* Starts at (@x, @y). */
static Stroke
stroke_make (FeRandom *random, float x, float y, const StrokeCourse *course)
{
  Stroke self = {.n = CLAMP (course->steps + 1, 2, STROKE_MAX)};
  float step = course->length / (float)(self.n - 1);
  float angle = course->angle;
  float turn = course->curl / (float)(self.n - 1);

  for (int i = 0; i < self.n; i++) {
    float aside = course->jitter * fe_random_normal (random);

    self.points[i] = (FePoint){x, y, 0};
    x += step * cosf (angle + aside);
    y += step * sinf (angle + aside);
    /* The turning drifts, so that a curl is not a circle. */
    turn +=
        course->curl * 0.25F * fe_random_normal (random) / (float)(self.n - 1);
    angle += turn * 2 * (float)G_PI;
  }
  return self;
}

/* Moves the stroke so that its middle lies where it started. */
static void
stroke_center (Stroke *self)
{
  float dx = self->points[self->n / 2].x - self->points[0].x;
  float dy = self->points[self->n / 2].y - self->points[0].y;

  for (int i = 0; i < self->n; i++) {
    self->points[i].x -= dx;
    self->points[i].y -= dy;
  }
}

/* The position of a pixel relative to the line. */
typedef struct {
  float distance;
  float along;
  float side;
} Near;

static void
measure_piece (const Stroke *self, int i, const FeScene *scene, float reach,
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

/* Paints everything within @reach of the line. */
static void
stroke_paint (const Stroke *self, FeScene *scene, float reach,
              StrokePainter painter, gconstpointer data)
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

typedef struct {
  float width;
  float depth;
  float contrast;
  /* The material inside of the cut. */
  FeColor color;
  guint32 seed;
  float gaps;
  gboolean whole_way;
} Cut;

/* Thin at both ends, and of varying strength. */
static float
pressure (const Cut *self, float along)
{
  float ends = self->whole_way
                   ? fe_smooth (1, 0.8F, along)
                   : fe_smooth (0, 0.12F, along) * fe_smooth (1, 0.75F, along);
  float gaps = fe_noise (along * 7, 0.5F, self->seed);

  return ends * fe_clamp (1 - self->gaps * (0.5F - gaps), 0.05F, 1);
}

static void
paint_scratch (gconstpointer data, FePoint p, float distance, float along,
               float side, FeTexel *texel)
{
  const Cut *self = data;
  float press = pressure (self, along);
  float width = self->width * (0.5F + 0.5F * press);
  float soft = MAX (width * 0.5F, p.pixel * 0.7F);
  float groove =
      fe_smooth (width + soft, width - soft, distance) * press * texel->cover;
  /* The material that was pushed aside. */
  float ridge =
      fe_smooth (width * 2.4F, width * 1.2F, distance) * press * texel->cover;
  float rough = fe_noise_octaves (p, 60, 2, self->seed + 3);

  texel->albedo = fe_color_mix (texel->albedo,
                                fe_color_scale (self->color, 1 + 0.25F * rough),
                                self->contrast * groove);
  texel->height += self->depth * (0.35F * ridge - 1.35F * groove);
  texel->gloss = fe_mix (texel->gloss, 0.35F, 0.5F * groove);
}

/* Bare material looks lighter than a worn surface, or dark where it is deep. */
static FeColor
lay_open (const FeScene *scene, FeDefect *defect, float light_chance)
{
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  gboolean light = fe_random_chance (&defect->random, light_chance)
                   && fe_color_luminance (around) < 0.55F;

  if (light)
    return fe_color_mix (around, fe_color_gray (0.85F),
                         fe_random_range (&defect->random, 0.35F, 0.9F));
  return fe_color_scale (around,
                         fe_random_range (&defect->random, 0.1F, 0.45F));
}

void
fe_defect_scratch (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float width = fe_defect_width (defect, scene, 0.0016F, 0.0065F);
  int n = fe_random_chance (random, 0.3F) ? fe_random_int (random, 2, 4) : 1;
  float angle = fe_random_angle (random);
  const StrokeCourse course = {
      .length = fe_defect_radius (defect, scene, 0.1F, 0.75F),
      .angle = angle,
      .curl = 0.12F * fe_random_normal (random),
      .jitter = 0.02F,
      .steps = 20,
  };
  Cut cut = {
      .width = width,
      .depth = width * fe_mix (0.12F, 0.6F, defect->severity),
      .contrast = fe_mix (0.2F, 0.9F, defect->severity),
      .color = lay_open (scene, defect, 0.6F),
      .gaps = fe_random_range (random, 0.2F, 1.2F),
  };

  for (int i = 0; i < n; i++) {
    float aside = i == 0 ? 0 : 0.02F * fe_random_normal (random);
    Stroke stroke = stroke_make (random, defect->x + aside * sinf (angle),
                                 defect->y - aside * cosf (angle), &course);

    stroke_center (&stroke);
    cut.seed = fe_random_bits (random);
    stroke_paint (&stroke, scene, 3 * width + 2 * scene->pixel, paint_scratch,
                  &cut);
  }
}

static void
paint_crack (gconstpointer data, FePoint p, float distance, float along,
             float side, FeTexel *texel)
{
  const Cut *self = data;
  float press = pressure (self, along);
  float uneven = fe_noise_octaves (p, 45, 3, self->seed + 5);
  float width = self->width * press * (1 + 0.5F * uneven);
  float soft = MAX (self->width * 0.3F, p.pixel * 0.6F);
  float open = fe_smooth (width + soft, width - soft, distance)
               * fe_clamp (2 * press, 0, 1) * texel->cover;
  /* One side stands a little higher than the other. */
  float lip = fe_smooth (self->width * 4, 0, distance) * press * texel->cover;

  texel->albedo =
      fe_color_mix (texel->albedo, self->color, self->contrast * open);
  texel->height += self->depth * (0.25F * side * lip - open);
  texel->gloss *= 1 - 0.8F * open;
  texel->metal *= 1 - 0.8F * open;
}

void
fe_defect_crack (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float width = fe_defect_width (defect, scene, 0.0018F, 0.006F);
  FeColor around = fe_scene_texel (scene, defect->x, defect->y)->albedo;
  StrokeCourse course = {
      .length = fe_defect_radius (defect, scene, 0.12F, 0.8F),
      .angle = fe_random_angle (random),
      .curl = 0.15F * fe_random_normal (random),
      .jitter = fe_random_range (random, 0.25F, 0.6F),
      .steps = 26,
  };
  Stroke trunk = stroke_make (random, defect->x, defect->y, &course);
  int n = fe_random_int (random, 0, 3);
  Cut cut = {
      .width = width,
      .depth = width * 2,
      .contrast = fe_mix (0.35F, 0.95F, defect->severity),
      .color = fe_color_scale (around, fe_random_range (random, 0.05F, 0.25F)),
      .gaps = fe_random_range (random, 0, 0.6F),
      .seed = fe_random_bits (random),
  };
  float reach = 5 * width + 2 * scene->pixel;

  stroke_center (&trunk);
  stroke_paint (&trunk, scene, reach, paint_crack, &cut);
  cut.whole_way = TRUE;
  for (int i = 0; i < n; i++) {
    const FePoint *fork =
        &trunk.points[fe_random_int (random, trunk.n / 4, trunk.n * 3 / 4)];
    StrokeCourse branch = course;
    Stroke stroke;

    branch.length *= fe_random_range (random, 0.15F, 0.45F);
    branch.steps = 12;
    branch.angle += fe_random_range (random, 0.4F, 1.2F)
                    * (fe_random_chance (random, 0.5F) ? 1 : -1);
    stroke = stroke_make (random, fork->x, fork->y, &branch);
    cut.width = width * 0.7F;
    stroke_paint (&stroke, scene, reach, paint_crack, &cut);
  }
}

typedef struct {
  FeColor color;
  float width;
  float share;
  float lift;
  guint32 seed;
  float base;
} Fiber;

static void
paint_fiber (gconstpointer data, FePoint p, float distance, float along,
             float side, FeTexel *texel)
{
  const Fiber *self = data;
  float width =
      self->width * (1 + 0.3F * fe_noise (along * 25, 0.5F, self->seed));
  float edge = distance - width;
  float round = fe_dome (edge, width);
  float twist = fe_triangle (along * 45 + 0.4F * side * distance / width);
  const FeTexel fiber = {
      .albedo = fe_color_scale (self->color, 0.75F + 0.25F * twist),
      .height = self->base + self->lift + width * round,
      .gloss = 0.08F,
      .shine = 0.2F,
      .cover = 1,
  };

  fe_texel_cover (texel, &fiber, self->share * fe_coverage (edge, p.pixel));
}

void
fe_defect_thread (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  const FeTexel *around = fe_scene_texel (scene, defect->x, defect->y);
  const StrokeCourse course = {
      .length = fe_defect_radius (defect, scene, 0.15F, 1.1F),
      .angle = fe_random_angle (random),
      .curl = fe_random_range (random, 0.1F, 0.7F)
              * (fe_random_chance (random, 0.5F) ? 1 : -1),
      .jitter = 0.1F,
      .steps = 48,
  };
  Stroke stroke = stroke_make (random, defect->x, defect->y, &course);
  FeColor other =
      fe_random_chance (random, 0.5F)
          ? fe_color_gray (fe_random_chance (random, 0.5F) ? 0.02F : 0.8F)
          : fe_color_any (random);
  const Fiber fiber = {
      .color = fe_color_mix (around->albedo, other,
                             fe_mix (0.45F, 1, defect->severity)),
      .width = fe_defect_width (defect, scene, 0.0028F, 0.008F),
      .share = fe_mix (0.65F, 1, defect->severity),
      .lift = 0.004F,
      .seed = fe_random_bits (random),
      .base = around->height,
  };

  stroke_center (&stroke);
  stroke_paint (&stroke, scene, 2 * fiber.width + 2 * scene->pixel, paint_fiber,
                &fiber);
}

static void
paint_crease (gconstpointer data, FePoint p, float distance, float along,
              float side, FeTexel *texel)
{
  const Cut *self = data;
  float press = pressure (self, along) * texel->cover;
  float uneven = 1 + 0.3F * fe_noise_octaves (p, 14, 3, self->seed + 2);
  float slope = fe_smooth (self->width * 5, 0, distance) * press * uneven;
  float line = fe_smooth (self->width * 1.1F, 0, distance) * press * uneven;

  texel->height += self->depth * slope * slope;
  texel->albedo =
      fe_color_mix (texel->albedo, self->color, self->contrast * line);
  texel->gloss *= 1 - 0.5F * line;
}

void
fe_defect_crease (FeScene *scene, FeDefect *defect)
{
  FeRandom *random = &defect->random;
  float width = fe_defect_width (defect, scene, 0.004F, 0.013F);
  const StrokeCourse course = {
      .length = fe_defect_radius (defect, scene, 0.2F, 0.95F),
      .angle = fe_random_angle (random),
      .curl = 0.12F * fe_random_normal (random),
      .jitter = 0.05F,
      .steps = 20,
  };
  Stroke stroke = stroke_make (random, defect->x, defect->y, &course);
  const Cut cut = {
      .width = width,
      .depth = width * fe_mix (0.8F, 2.8F, defect->severity)
               * (fe_random_chance (random, 0.6F) ? 1 : -1),
      .contrast = fe_mix (0.15F, 0.6F, defect->severity),
      .color = lay_open (scene, defect, 0.6F),
      .gaps = fe_random_range (random, 0, 0.5F),
      .seed = fe_random_bits (random),
  };

  stroke_center (&stroke);
  stroke_paint (&stroke, scene, 5 * width + 2 * scene->pixel, paint_crease,
                &cut);
}
