/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/sample.h"

#include <math.h>
#include <string.h>

#include "synth/blur.h"
#include "synth/geometry.h"
#include "synth/scene.h"

/* Differences that nobody sees, and that everybody sees, as shares of full
 * scale. */
#define LEAST_VISIBLE 0.028F
#define SURELY_VISIBLE 0.07F
/* Differences below this share of the largest one belong to the fringe of the
 * defect. */
#define FRINGE 0.15F
/* Smaller regions are dropped. */
#define MIN_REGION 3

static float *
measure_difference (const FeColor *a, const FeColor *b, gsize n)
{
  float *out = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    out[i] =
        MAX (MAX (fabsf (a[i].red - b[i].red), fabsf (a[i].green - b[i].green)),
             fabsf (a[i].blue - b[i].blue));
  return out;
}

static float
find_threshold (const float *difference, gsize n)
{
  float peak = 0;

  for (gsize i = 0; i < n; i++)
    peak = MAX (peak, difference[i]);
  return fe_clamp (FRINGE * peak, LEAST_VISIBLE, SURELY_VISIBLE);
}

/* Sets each pixel to the largest or the smallest of its 3×3 neighborhood. */
static void
spread (guint8 *mask, int width, int height, gboolean grow)
{
  g_autofree guint8 *before = g_memdup2 (mask, (gsize)width * height);
  guint8 wanted = grow ? 255 : 0;

  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++)
      for (int i = MAX (row - 1, 0); i <= MIN (row + 1, height - 1); i++)
        for (int j = MAX (column - 1, 0); j <= MIN (column + 1, width - 1); j++)
          if (before[(gsize)i * width + j] == wanted)
            mask[(gsize)row * width + column] = wanted;
}

/*
 * Gives the value @to to all pixels of value @from that are connected with
 * @start, and returns how many; @queue has room for all pixels.
 */
static guint
flood (guint8 *mask, int width, int height, guint start, guint8 from, guint8 to,
       guint *queue)
{
  guint n = 0;

  queue[n++] = start;
  mask[start] = to;
  for (guint i = 0; i < n; i++) {
    int column = (int)(queue[i] % (guint)width);
    int row = (int)(queue[i] / (guint)width);
    const int next[4][2] = {{column - 1, row},
                            {column + 1, row},
                            {column, row - 1},
                            {column, row + 1}};

    for (int k = 0; k < 4; k++) {
      guint place = (guint)(next[k][1] * width + next[k][0]);

      if (next[k][0] < 0 || next[k][1] < 0 || next[k][0] >= width
          || next[k][1] >= height || mask[place] != from)
        continue;
      mask[place] = to;
      queue[n++] = place;
    }
  }
  return n;
}

/* Fills background that is not connected with the border. */
static void
fill_holes (guint8 *mask, int width, int height, guint *queue)
{
  gsize n = (gsize)width * height;

  for (gsize i = 0; i < n; i++) {
    int column = (int)(i % (gsize)width);
    int row = (int)(i / (gsize)width);
    gboolean border =
        column == 0 || row == 0 || column == width - 1 || row == height - 1;

    if (border && mask[i] == 0)
      flood (mask, width, height, (guint)i, 0, 1, queue);
  }
  for (gsize i = 0; i < n; i++)
    mask[i] = mask[i] == 1 ? 0 : 255;
}

static void
drop_specks (guint8 *mask, int width, int height, guint *queue)
{
  gsize n = (gsize)width * height;

  for (gsize i = 0; i < n; i++) {
    guint size;

    if (mask[i] != 255)
      continue;
    size = flood (mask, width, height, (guint)i, 255, 254, queue);
    for (guint j = 0; size < MIN_REGION && j < size; j++)
      mask[queue[j]] = 0;
  }
  for (gsize i = 0; i < n; i++)
    mask[i] = mask[i] ? 255 : 0;
}

static void
measure (FeDefectMask *self, const FeColor *good, const float *difference,
         int width, int height)
{
  double sum = 0;
  double texture = 0;

  self->box = (FePixels){width, height, 0, 0};
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      gsize i = (gsize)row * width + column;

      if (!self->pixels[i])
        continue;
      self->area++;
      sum += difference[i];
      texture += fabsf (
          fe_color_luminance (good[i])
          - fe_color_luminance (good[column > 0 ? i - 1 : i + (width > 1)]));
      self->box.left = MIN (self->box.left, column);
      self->box.top = MIN (self->box.top, row);
      self->box.right = MAX (self->box.right, column + 1);
      self->box.bottom = MAX (self->box.bottom, row + 1);
    }
  }
  if (self->area == 0) {
    self->box = (FePixels){0};
    return;
  }
  self->contrast = (float)(sum / self->area);
  self->texture = (float)(texture / self->area);
}

FeDefectMask
fe_defect_mask_make (const FeColor *good, const FeColor *defective, int width,
                     int height, gboolean solid)
{
  gsize n = (gsize)width * height;
  g_autofree float *difference = measure_difference (good, defective, n);
  float threshold = find_threshold (difference, n);
  g_autofree guint *queue = g_new (guint, n);
  FeDefectMask self = {.pixels = g_new0 (guint8, n)};

  for (gsize i = 0; i < n; i++)
    self.pixels[i] = difference[i] >= threshold ? 255 : 0;
  /* Closes gaps that the pattern of the surface causes. */
  spread (self.pixels, width, height, TRUE);
  if (solid)
    fill_holes (self.pixels, width, height, queue);
  spread (self.pixels, width, height, FALSE);
  drop_specks (self.pixels, width, height, queue);
  measure (&self, good, difference, width, height);
  return self;
}

void
fe_defect_mask_clear (FeDefectMask *self)
{
  g_clear_pointer (&self->pixels, g_free);
}

#define MAX_SPECKS 28

typedef struct {
  float x;
  float y;
  float radius;
  FeColor color;
  float share;
} Speck;

static void
paint_speck (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Speck *self = data;
  float distance = fe_length (p.x - self->x, p.y - self->y) - self->radius;

  texel->albedo = fe_color_mix (texel->albedo, self->color,
                                self->share * fe_coverage (distance, p.pixel));
}

/* Paints the speck below the object, too, where it shows if the object is
 * moved. */
static void
settle_under (FeScene *scene, const FeArea *area, const Speck *speck)
{
  FeTexel *top = scene->texels;

  scene->texels = scene->under;
  fe_scene_paint (scene, area, paint_speck, speck);
  scene->texels = top;
}

/* Dust as on everything in a factory; it is no defect. */
static void
settle_dust (FeScene *scene, guint64 seed)
{
  FeRandom random = fe_random_make (seed);
  float half_width = (float)scene->width * scene->pixel / 2;
  float half_height = (float)scene->height * scene->pixel / 2;
  int n = fe_random_chance (&random, 0.6F)
              ? fe_random_int (&random, 0, MAX_SPECKS)
              : 0;

  for (int i = 0; i < n; i++) {
    Speck speck = {
        .x = fe_random_range (&random, -half_width, half_width),
        .y = fe_random_range (&random, -half_height, half_height),
        .radius = fe_random_log_range (&random, 0.0008F, 0.0035F),
        .color =
            fe_color_gray (fe_random_chance (&random, 0.6F) ? 0.7F : 0.03F),
        .share = fe_random_range (&random, 0.08F, 0.4F),
    };
    FeArea area =
        fe_area_around (speck.x, speck.y, speck.radius + 2 * scene->pixel);

    fe_scene_paint (scene, &area, paint_speck, &speck);
    if (scene->under)
      settle_under (scene, &area, &speck);
  }
}

#define MAX_ATTEMPTS 10

FeScene *
fe_sample_make_scene (const FeSampleRequest *request)
{
  FeScene *scene = fe_scene_new (request->width, request->height,
                                 request->design, request->item);

  request->surface->render (scene);
  settle_dust (scene, fe_random_seed (request->item, "dust", 0));
  return scene;
}

/* Attempt @number; the defect is stronger and larger each time. */
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
  self.mask = fe_defect_mask_make (good, self.image, request->width,
                                   request->height, !kind->line);
  return self;
}

/* Whether a person who looks for the defect finds it. */
static gboolean
is_visible (const FeDefectMask *mask, const FeSampleRequest *request)
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
  fe_defect_mask_clear (&self->mask);
}

static guint8 *
read_out (const FeSampleRequest *request, const FeStudio *studio,
          const FeColor *image, guint exposure)
{
  return fe_studio_read (studio, image, request->width, request->height,
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
    damage.mask = (FeDefectMask){0};
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
  fe_defect_mask_clear (&self->mask);
  g_free (self->pixels);
  g_free (self->good_pixels);
  g_free (self);
}
