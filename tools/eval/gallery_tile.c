/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/gallery_tile.h"

#include <feclip/draw.h>
#include <math.h>

#include "eval/style.h"
#include "eval/mask_file.h"
#include "cli/image_surface.h"

#define OUTLINE_COLOR 0xff2bd6u
#define OUTLINE_WIDTH 2

static const struct {
  const char *title;
  const char *summary;
} kinds[FE_N_WORST] = {
    [FE_WORST_ALARMS] = {"False alarms",
                         "Good images with the highest scores, measured from "
                         "the threshold of their category."},
    [FE_WORST_MISSED] = {"Missed defects",
                         "Defective images with the lowest scores, measured "
                         "from the threshold of their category."},
    [FE_WORST_LOCATED] = {"Defects in the wrong place",
                          "Defective images whose map tells their defective "
                          "pixels from the others worst."},
    [FE_WORST_SUSPECTS] = {"Highest scores",
                           "Images of which nothing is known."},
};

const char *
fe_gallery_tile_get_title (FeWorstKind kind)
{
  return kinds[kind].title;
}

const char *
fe_gallery_tile_get_summary (FeWorstKind kind)
{
  return kinds[kind].summary;
}

static gboolean
is_anomalous (const FeShown *shown)
{
  return shown->result->score >= shown->threshold;
}

gboolean
fe_gallery_tile_is_wrong (const FeShown *shown)
{
  return (shown->item->truth == FE_TRUTH_GOOD && is_anomalous (shown))
         || (shown->item->truth == FE_TRUTH_DEFECTIVE && !is_anomalous (shown));
}

char *
fe_gallery_tile_get_name (const FeShown *shown)
{
  return g_strdup_printf ("%s: %s", shown->category->name, shown->item->name);
}

char *
fe_gallery_tile_get_verdict (const FeShown *shown, FeWorstKind kind)
{
  g_autofree char *verdict = g_strdup_printf (
      "score %.4f, %s %.4f", shown->result->score,
      is_anomalous (shown) ? "not below" : "below", shown->threshold);

  if (kind != FE_WORST_LOCATED)
    return g_steal_pointer (&verdict);
  return g_strdup_printf ("pixel AUROC %.2f %%, %s", 100 * shown->value,
                          verdict);
}

/* The surface shrunk or enlarged so that its longer edge is @edge. */
static cairo_surface_t *
resize (cairo_surface_t *surface, int edge)
{
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  double scale = (double)edge / MAX (width, height);
  int to_width = MAX ((int)lround (width * scale), 1);
  int to_height = MAX ((int)lround (height * scale), 1);
  cairo_t *cr;
  cairo_surface_t *resized = fe_style_new_surface (to_width, to_height, &cr);

  cairo_scale (cr, (double)to_width / width, (double)to_height / height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_BEST);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_destroy (cr);
  return resized;
}

static gboolean
is_marked (const FeMask *mask, int column, int row, int width, int height)
{
  gsize x = (gsize)CLAMP (column, 0, width - 1) * mask->width / (gsize)width;
  gsize y = (gsize)CLAMP (row, 0, height - 1) * mask->height / (gsize)height;

  return mask->pixels[y * mask->width + x];
}

/* Paints the pixels around the marked ones, so that nothing of them is
 * covered. */
static void
draw_outline (cairo_t *cr, const FeMask *mask, int width, int height)
{
  fe_style_set_color (cr, OUTLINE_COLOR);
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      gboolean near_one = FALSE;

      if (is_marked (mask, column, row, width, height))
        continue;
      for (int i = -OUTLINE_WIDTH; i <= OUTLINE_WIDTH && !near_one; i++)
        near_one = is_marked (mask, column + i, row, width, height)
                   || is_marked (mask, column, row + i, width, height);
      if (near_one)
        cairo_rectangle (cr, column, row, 1, 1);
    }
  }
  cairo_fill (cr);
}

static void
draw_pair (cairo_t *cr, cairo_surface_t *small, const FeMask *mask,
           const FeShown *shown)
{
  int width = cairo_image_surface_get_width (small);
  int height = cairo_image_surface_get_height (small);
  FeclipDrawOptions options = FECLIP_DRAW_OPTIONS_INIT;

  options.alpha = 0.6;
  options.boxes = options.labels = FALSE;
  options.threshold = shown->threshold;
  options.pixel_threshold = shown->pixel_threshold;
  for (int i = 0; i < 2; i++) {
    cairo_save (cr);
    cairo_translate (cr,
                     i * (FE_GALLERY_TILE_EDGE + FE_GALLERY_TILE_GAP)
                         + (FE_GALLERY_TILE_EDGE - width) / 2,
                     0);
    cairo_set_source_surface (cr, small, 0, 0);
    cairo_paint (cr);
    if (i == 1)
      feclip_draw_result (cr, shown->result, (guint)width, (guint)height,
                          &options);
    else if (mask)
      draw_outline (cr, mask, width, height);
    cairo_restore (cr);
  }
}

cairo_surface_t *
fe_gallery_tile_draw (const FeShown *shown, GError **error)
{
  g_autoptr (FeStillImage) image =
      fe_still_image_new (shown->item->path, error);
  cairo_surface_t *whole =
      image ? fe_still_image_create_surface (image, error) : NULL;
  g_autoptr (FeMask) mask = NULL;
  cairo_surface_t *small, *card;
  cairo_t *cr;

  if (!whole)
    return NULL;
  /* One that cannot be used was named when it was read first. */
  if (shown->item->mask_path)
    mask = fe_mask_file_read (shown->item->mask_path,
                              fe_still_image_get_frame (image), NULL);
  small = resize (whole, FE_GALLERY_TILE_EDGE);
  cairo_surface_destroy (whole);
  card = fe_style_new_surface (FE_GALLERY_TILE_WIDTH,
                               cairo_image_surface_get_height (small), &cr);
  draw_pair (cr, small, mask, shown);
  cairo_destroy (cr);
  cairo_surface_destroy (small);
  return card;
}
