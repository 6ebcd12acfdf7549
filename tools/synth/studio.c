/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/studio.h"

#include <math.h>

#include "synth/blur.h"
#include "synth/color.h"
#include "synth/geometry.h"

#define EDGE 8

typedef float Block[EDGE][EDGE];

/* JPEG's own example tables, ITU T.81 annex K. */
static const guint8 luma_steps[EDGE][EDGE] = {
    {16, 11, 10, 16, 24, 40, 51, 61},     {12, 12, 14, 19, 26, 58, 60, 55},
    {14, 13, 16, 24, 40, 57, 69, 56},     {14, 17, 22, 29, 51, 87, 80, 62},
    {18, 22, 37, 56, 68, 109, 103, 77},   {24, 35, 55, 64, 81, 104, 113, 92},
    {49, 64, 78, 87, 103, 121, 120, 101}, {72, 92, 95, 98, 112, 100, 103, 99}};

static void
make_basis (Block basis)
{
  for (int k = 0; k < EDGE; k++)
    for (int i = 0; i < EDGE; i++)
      basis[k][i] = cosf ((float)((2 * i + 1) * k) * (float)G_PI / (2 * EDGE))
                    * (k == 0 ? sqrtf (1.F / EDGE) : sqrtf (2.F / EDGE));
}

/* out = left × in × leftᵀ, or with left transposed where @back. */
static void
transform (Block basis, Block block, gboolean back)
{
  Block half;

  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      half[i][j] = 0;
      for (int k = 0; k < EDGE; k++)
        half[i][j] += (back ? basis[k][i] : basis[i][k]) * block[k][j];
    }
  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      block[i][j] = 0;
      for (int k = 0; k < EDGE; k++)
        block[i][j] += half[i][k] * (back ? basis[k][j] : basis[j][k]);
    }
}

static void
quantize (Block block, float scale, gboolean chroma)
{
  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      float step =
          (chroma ? MIN (luma_steps[i][j] * 1.6F, 99) : luma_steps[i][j])
          * scale / 255;

      step = MAX (step, 1 / 255.F);
      block[i][j] = rintf (block[i][j] / step) * step;
    }
}

static FeColor
to_luma (FeColor c)
{
  float luma = 0.299F * c.red + 0.587F * c.green + 0.114F * c.blue;

  return (FeColor){luma, (c.blue - luma) / 1.772F, (c.red - luma) / 1.402F};
}

static FeColor
from_luma (FeColor c)
{
  float red = c.red + 1.402F * c.blue;
  float blue = c.red + 1.772F * c.green;

  return (FeColor){red, (c.red - 0.299F * red - 0.114F * blue) / 0.587F, blue};
}

/* One 8×8 block; pixels at the border are repeated beyond it. */
static void
compress_block (FeColor *image, int width, int height, int left, int top,
                Block basis, float scale)
{
  Block planes[3];

  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      FeColor c = to_luma (image[(gsize)MIN (top + i, height - 1) * width
                                 + MIN (left + j, width - 1)]);

      planes[0][i][j] = c.red;
      planes[1][i][j] = c.green;
      planes[2][i][j] = c.blue;
    }
  for (int i = 0; i < 3; i++) {
    transform (basis, planes[i], FALSE);
    quantize (planes[i], scale, i > 0);
    transform (basis, planes[i], TRUE);
  }
  for (int i = 0; i < EDGE && top + i < height; i++)
    for (int j = 0; j < EDGE && left + j < width; j++)
      image[(gsize)(top + i) * width + left + j] = from_luma (
          (FeColor){planes[0][i][j], planes[1][i][j], planes[2][i][j]});
}

/*
 * Applies the losses of JPEG with quality @quality (1 to 100), in place: 8×8
 * blocks of luma and of two chroma channels, without subsampling.
 */
static void
compress_image (FeColor *image, int width, int height, int quality)
{
  float percent =
      quality < 50 ? 5000.F / (float)quality : 200 - 2 * (float)quality;
  Block basis;

  make_basis (basis);
  for (int top = 0; top < height; top += EDGE)
    for (int left = 0; left < width; left += EDGE)
      compress_block (image, width, height, left, top, basis, percent / 100);
}

/* Samples on the way to the lamp. */
#define SHADOW_STEPS 10
#define MIN_SHADOW_REACH 0.03F
#define MAX_SHADOW_REACH 0.3F

/* @design places the lamps, @item moves them a little. */
static FeLight
light_make (FeRandom *design, FeRandom *item)
{
  float azimuth = fe_random_angle (design) + 0.05F * fe_random_normal (item);
  float elevation = fe_random_range (design, 0.6F, 1.25F);
  float slope = fe_random_range (design, 0, 0.55F);
  float warmth = 0.05F * fe_random_normal (design);
  float toward = fe_random_angle (design);

  return (FeLight){
      .x = cosf (azimuth) * cosf (elevation),
      .y = sinf (azimuth) * cosf (elevation),
      .z = sinf (elevation),
      .color = {1 + warmth, 1, 1 - warmth},
      .key = fe_random_range (design, 0.55F, 1)
             * (1 + 0.03F * fe_random_normal (item)),
      .fill = fe_random_range (design, 0.05F, 0.3F),
      .ambient = fe_random_range (design, 0.15F, 0.45F),
      .slope_x = slope * cosf (toward) + 0.02F * fe_random_normal (item),
      .slope_y = slope * sinf (toward) + 0.02F * fe_random_normal (item),
      .spot_x = fe_random_range (design, -0.5F, 0.5F),
      .spot_y = fe_random_range (design, -0.5F, 0.5F),
      .spot_size = fe_random_range (design, 0.25F, 0.7F),
      .spot = fe_random_chance (design, 0.5F)
                  ? fe_random_range (design, 0, 0.45F)
                  : 0,
      .softness = fe_random_range (design, 0.1F, 0.6F),
      .box_angle = fe_random_angle (design),
      .box_offset = fe_random_range (design, 0, 0.7F),
      .box_width = fe_random_range (design, 0.15F, 0.6F),
      .box_level = fe_random_range (design, 0.5F, 1.4F),
      .room_level = fe_random_range (design, 0.25F, 0.55F),
  };
}

static float *
copy_heights (const FeScene *scene)
{
  gsize n = (gsize)scene->width * scene->height;
  float *heights = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    heights[i] = scene->texels[i].height;
  return heights;
}

/* The height difference between the highest and the lowest place of @scene. */
static float
light_relief (const FeScene *scene)
{
  gsize n = (gsize)scene->width * scene->height;
  float low = G_MAXFLOAT;
  float high = -G_MAXFLOAT;

  for (gsize i = 0; i < n; i++) {
    low = MIN (low, scene->texels[i].height);
    high = MAX (high, scene->texels[i].height);
  }
  return high - low;
}

/*
 * Ambient occlusion: pixels below the mean height around them get less of the
 * light that comes from everywhere.
 */
static float *
measure_openness (const FeScene *scene, const float *heights)
{
  gsize n = (gsize)scene->width * scene->height;
  float *open = g_new (float, n);
  g_autofree float *near =
      fe_blur_box (heights, scene->width, scene->height, 0.012F / scene->pixel);
  g_autofree float *wide =
      fe_blur_box (heights, scene->width, scene->height, 0.045F / scene->pixel);

  for (gsize i = 0; i < n; i++) {
    float depth = MAX (near[i] - heights[i], 0) / 0.012F
                  + MAX (wide[i] - heights[i], 0) / 0.045F;

    open[i] = 1 / (1 + 1.1F * depth);
  }
  return open;
}

/* The distance on the way to the lamp up to which something can cast a shadow.
 */
static float
shadow_reach (const FeLight *self, float relief)
{
  float rise = self->z / fe_length (self->x, self->y);

  return fe_clamp (relief / rise, MIN_SHADOW_REACH, MAX_SHADOW_REACH);
}

/* The share of the main lamp that reaches the pixel. */
static float
trace_shadow (const FeLight *self, const FeScene *scene, const float *heights,
              int column, int row, float reach)
{
  float flat = fe_length (self->x, self->y);
  float rise = self->z / flat;
  float own = heights[(gsize)row * scene->width + column];
  float blocked = 0;

  for (int i = 1; i <= SHADOW_STEPS; i++) {
    float t = (float)i / SHADOW_STEPS;
    float distance = MAX (reach * t * t, 1.2F * scene->pixel);
    float pixels = distance / scene->pixel / flat;
    int x = fe_floor ((float)column + self->x * pixels + 0.5F);
    int y = fe_floor ((float)row + self->y * pixels + 0.5F);

    if (x < 0 || y < 0 || x >= scene->width || y >= scene->height)
      break;
    blocked = MAX (
        blocked, (heights[(gsize)y * scene->width + x] - own - distance * rise)
                     / (self->softness * distance + scene->pixel * 0.7F));
  }
  return 1 - fe_clamp (blocked, 0, 1);
}

/* The light that a mirror reflects from the direction (@x, @y). */
static float
mirror_room (const FeLight *self, float x, float y)
{
  float along = x * cosf (self->box_angle) + y * sinf (self->box_angle);
  float edge = fabsf (along - self->box_offset) - self->box_width;
  float toward = x * self->x + y * self->y;
  float lamp = fe_length (x - self->x, y - self->y);

  return self->room_level * (1 + 0.7F * toward)
         + self->box_level * fe_smooth (0.18F, -0.18F, edge) * 0.6F
         + self->key * 1.2F * expf (-lamp * lamp * 4);
}

/* The surface normal, from the heights of the neighboring pixels. */
static void
find_normal (const FeScene *scene, const float *heights, int column, int row,
             float normal[3])
{
  int left = MAX (column - 1, 0);
  int right = MIN (column + 1, scene->width - 1);
  int above = MAX (row - 1, 0);
  int below = MIN (row + 1, scene->height - 1);
  const float *line = heights + (gsize)row * scene->width;
  float dx = (line[right] - line[left])
             / (scene->pixel * (float)MAX (right - left, 1));
  float dy = (heights[(gsize)below * scene->width + column]
              - heights[(gsize)above * scene->width + column])
             / (scene->pixel * (float)MAX (below - above, 1));
  float scale = 1 / sqrtf (1 + dx * dx + dy * dy);

  normal[0] = -dx * scale;
  normal[1] = -dy * scale;
  normal[2] = scale;
}

static float
falloff (const FeLight *self, FePoint p)
{
  float dx = (p.x - self->spot_x) / self->spot_size;
  float dy = (p.y - self->spot_y) / self->spot_size;
  float spot = self->spot * expf (-dx * dx - dy * dy);

  return MAX (1 + self->slope_x * p.x + self->slope_y * p.y + spot, 0.1F);
}

/* The lamp's own reflection in varnish, glass or metal. */
static float
highlight (const FeLight *self, const FeTexel *texel, const float normal[3])
{
  float half_z = self->z + 1;
  float scale =
      1 / sqrtf (self->x * self->x + self->y * self->y + half_z * half_z);
  float facing =
      (normal[0] * self->x + normal[1] * self->y + normal[2] * half_z) * scale;
  float exponent = 6 * expf (3.6F * texel->shine);

  return facing > 0
             ? texel->gloss * (0.25F + texel->shine) * powf (facing, exponent)
             : 0;
}

static FeColor
shade_texel (const FeLight *self, const FeTexel *texel, const float normal[3],
             float lit, float open)
{
  float facing =
      normal[0] * self->x + normal[1] * self->y + normal[2] * self->z;
  float from_lamp = self->key * MAX (facing, 0) * lit;
  float from_room =
      self->ambient * open
      + self->fill * open * fe_clamp (normal[2], 0, 1)
            * (1 - 0.5F * (normal[0] * self->x + normal[1] * self->y));
  float spark = self->key * lit * highlight (self, texel, normal);
  FeColor matte = fe_color_scale (texel->albedo, from_lamp + from_room);
  FeColor color = matte;

  if (texel->metal > 0.01F) {
    float seen =
        mirror_room (self, 2 * normal[2] * normal[0], 2 * normal[2] * normal[1])
        * (0.35F + 0.65F * lit) * (0.3F + 0.7F * open);

    color = fe_color_mix (matte, fe_color_scale (texel->albedo, seen),
                          texel->metal);
  }
  color = fe_color_multiply (color, self->color);
  return (FeColor){color.red + spark, color.green + spark, color.blue + spark};
}

/*
 * The light that reaches the lens: [height][width], newly allocated. Shadows
 * are traced as far as objects of height @relief cast them; equal numbers give
 * equal shadows where two scenes do not differ.
 */
static FeColor *
light_shade (const FeLight *self, const FeScene *scene, float relief)
{
  FeColor *image = g_new (FeColor, (gsize)scene->width * scene->height);
  g_autofree float *heights = copy_heights (scene);
  g_autofree float *open = measure_openness (scene, heights);
  float reach = shadow_reach (self, relief);

  for (int row = 0; row < scene->height; row++) {
    for (int column = 0; column < scene->width; column++) {
      gsize i = (gsize)row * scene->width + column;
      float light = falloff (self, fe_scene_point (scene, column, row));
      float lit = trace_shadow (self, scene, heights, column, row, reach);
      float normal[3];

      find_normal (scene, heights, column, row, normal);
      image[i] = fe_color_scale (
          shade_texel (self, &scene->texels[i], normal, lit, open[i]), light);
    }
  }
  return image;
}

static FeCamera
camera_make (FeRandom *design, FeRandom *item)
{
  gboolean gray = fe_random_chance (design, 0.15F);

  return (FeCamera){
      .target = fe_random_log_range (design, 0.22F, 0.75F)
                * (1 + 0.02F * fe_random_normal (item)),
      .blur = fe_random_range (design, 0.3F, 0.75F),
      .defocus = fe_random_chance (design, 0.3F)
                     ? fe_random_range (item, 0, 0.004F)
                     : fe_random_range (item, 0, 0.0008F),
      .vignetting = fe_random_range (design, 0, 0.45F),
      .gamma = fe_random_range (design, 0.38F, 0.52F),
      .contrast = fe_random_range (design, 0, 0.45F),
      .black = fe_random_range (design, 0, 0.035F),
      .saturation = gray ? 0 : fe_random_range (design, 0.75F, 1.1F),
      .balance = {1 + 0.04F * fe_random_normal (design), 1,
                  1 + 0.04F * fe_random_normal (design)},
      .shot_noise = fe_random_range (design, 0.003F, 0.02F),
      .read_noise = fe_random_range (design, 0.001F, 0.008F),
      .quality =
          fe_random_chance (design, 0.4F) ? fe_random_int (design, 72, 96) : 0,
  };
}

/* The factor that exposes @image well. */
static float
camera_meter (const FeCamera *self, const FeColor *image, gsize n)
{
  guint counts[512] = {0};
  gsize seen = 0;
  int bin = G_N_ELEMENTS (counts);

  for (gsize i = 0; i < n; i++) {
    float level = fe_color_luminance (image[i]);

    counts[(int)fe_clamp (level * 256, 0, G_N_ELEMENTS (counts) - 1)]++;
  }
  while (bin > 0 && seen <= n / 40)
    seen += counts[--bin];
  /* A dark material stays darker than a bright one. */
  return self->target / (((float)bin + 0.5F) / 256 * 0.85F + 0.06F);
}

static float
tone (const FeCamera *self, float light)
{
  /* Highlights roll off before they clip. */
  float rolled =
      light < 0.7F ? light : 0.7F + 0.3F * tanhf ((light - 0.7F) / 0.3F * 0.8F);
  float shown = powf (MAX (rolled, 0), self->gamma);
  float bent = shown * shown * (3 - 2 * shown);

  return self->black + (1 - self->black) * fe_mix (shown, bent, self->contrast);
}

static FeColor
develop (const FeCamera *self, FeColor color, float exposure)
{
  FeColor balanced =
      fe_color_multiply (fe_color_scale (color, exposure), self->balance);
  float gray = fe_color_luminance (balanced);

  if (self->saturation == 0)
    return fe_color_gray (tone (self, gray));
  balanced = fe_color_mix (fe_color_gray (gray), balanced, self->saturation);
  return (FeColor){tone (self, balanced.red), tone (self, balanced.green),
                   tone (self, balanced.blue)};
}

/*
 * Converts light to the levels of a screen, 0 to 1, in place: everything that
 * the camera does before noise and compression.
 */
static void
camera_expose (const FeCamera *self, FeColor *image, int width, int height,
               float exposure)
{
  float size = (float)MIN (width, height);
  float sigma = fe_length (self->blur, self->defocus * size);

  fe_blur_image (image, width, height, sigma);
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      FeColor *pixel = &image[(gsize)row * width + column];
      float x = ((float)column - (float)width / 2) / (float)width;
      float y = ((float)row - (float)height / 2) / (float)height;

      *pixel = develop (self, *pixel,
                        exposure * (1 - self->vignetting * (x * x + y * y)));
    }
  }
}

static guint8 *
camera_read (const FeCamera *self, const FeColor *image, int width, int height,
             guint64 noise_seed)
{
  FeRandom random = fe_random_make (noise_seed);
  gsize n = (gsize)width * height;
  g_autofree FeColor *noisy = g_new (FeColor, n);

  for (gsize i = 0; i < n; i++) {
    float level = fe_clamp (fe_color_luminance (image[i]), 0, 1);
    float amount = self->read_noise + self->shot_noise * sqrtf (level);
    float common = fe_random_normal (&random);
    float own = self->saturation == 0 ? 0 : 0.6F;

    noisy[i].red =
        image[i].red + amount * (common + own * fe_random_normal (&random));
    noisy[i].green =
        image[i].green + amount * (common + own * fe_random_normal (&random));
    noisy[i].blue =
        image[i].blue + amount * (common + own * fe_random_normal (&random));
  }
  if (self->quality > 0)
    compress_image (noisy, width, height, self->quality);
  return fe_color_to_bytes (noisy, n);
}

FeStudio
fe_studio_make (guint64 design, guint64 item)
{
  FeRandom of_design = fe_random_make (fe_random_seed (design, "studio", 0));
  FeRandom of_item = fe_random_make (fe_random_seed (item, "studio", 0));

  return (FeStudio){
      .light = light_make (&of_design, &of_item),
      .camera = camera_make (&of_design, &of_item),
  };
}

FeColor *
fe_studio_meter (FeStudio *self, const FeScene *scene)
{
  FeColor *image;

  self->relief = light_relief (scene);
  image = light_shade (&self->light, scene, self->relief);
  self->exposure =
      camera_meter (&self->camera, image, (gsize)scene->width * scene->height);
  camera_expose (&self->camera, image, scene->width, scene->height,
                 self->exposure);
  return image;
}

FeColor *
fe_studio_take (const FeStudio *self, const FeScene *scene)
{
  FeColor *image = light_shade (&self->light, scene, self->relief);

  camera_expose (&self->camera, image, scene->width, scene->height,
                 self->exposure);
  return image;
}

guint8 *
fe_studio_read (const FeStudio *self, const FeColor *image, int width,
                int height, guint64 noise_seed)
{
  return camera_read (&self->camera, image, width, height, noise_seed);
}
