/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/camera.h"

#include "synth/blur.h"
#include "synth/compression.h"
#include "synth/geometry.h"

FeCamera
fe_camera_make (FeRandom *design, FeRandom *item)
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

float
fe_camera_meter (const FeCamera *self, const FeColor *image, gsize n)
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
  /* What is dark by nature is not made bright altogether. */
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

void
fe_camera_expose (const FeCamera *self, FeColor *image, int width, int height,
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

guint8 *
fe_camera_read (const FeCamera *self, const FeColor *image, int width,
                int height, guint64 noise_seed)
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
    fe_compression_apply (noisy, width, height, self->quality);
  return fe_color_to_bytes (noisy, n);
}
