/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/gallery.h"

#include <feclip/draw.h>
#include <math.h>

#include "cli/interrupt.h"
#include "eval/mask.h"
#include "eval/style.h"
#include "image_io/cairo_image.h"

#define N_COLUMNS 3
#define MARGIN 24
#define GAP 16
#define CAPTION_HEIGHT 40
#define HEAD_HEIGHT 64
/* Viewers have lower limits than cairo. */
#define MAX_HEIGHT 30000
/* A tile's size in pixels. */
#define TILE_EDGE 256
#define TILE_GAP 4
#define TILE_WIDTH (2 * TILE_EDGE + TILE_GAP)

#define OUTLINE_COLOR 0xff2bd6u
#define OUTLINE_WIDTH 2

static const struct {
  const char *title;
  const char *summary;
} kinds[FE_N_WORST] = {
    [FE_WORST_ALARMS] = {"False alarms",
                         "Good images with the highest scores relative to the "
                         "threshold of their category."},
    [FE_WORST_MISSED] = {"Missed defects",
                         "Defective images with the lowest scores relative to "
                         "the threshold of their category."},
    [FE_WORST_LOCATED] = {"Defects in the wrong place",
                          "Defective images whose map separates defective from "
                          "normal pixels worst."},
    [FE_WORST_SUSPECTS] = {"Highest scores",
                           "Images without a label, by their score."},
};

const char *
fe_gallery_get_title (FeWorstKind kind)
{
  return kinds[kind].title;
}

const char *
fe_gallery_get_summary (FeWorstKind kind)
{
  return kinds[kind].summary;
}

static gboolean
is_anomalous (const FeWorstImage *image)
{
  return image->result->score >= image->threshold;
}

static gboolean
is_wrong (const FeWorstImage *image)
{
  return (image->item->truth == FE_TRUTH_GOOD && is_anomalous (image))
         || (image->item->truth == FE_TRUTH_DEFECTIVE && !is_anomalous (image));
}

static char *
format_name (const FeWorstImage *image)
{
  return g_strdup_printf ("%s: %s", image->category->name, image->item->name);
}

static char *
format_verdict (const FeWorstImage *image, FeWorstKind kind)
{
  g_autofree char *verdict = g_strdup_printf (
      "score %.4f, %s %.4f", image->result->score,
      is_anomalous (image) ? "not below" : "below", image->threshold);

  if (kind != FE_WORST_LOCATED)
    return g_steal_pointer (&verdict);
  return g_strdup_printf ("pixel AUROC %.2f %%, %s", 100 * image->value,
                          verdict);
}

/* A copy of the surface whose longer edge is @edge. */
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

/* Paints the pixels around the marked ones, so that the defect stays visible.
 */
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
           const FeWorstImage *image)
{
  int width = cairo_image_surface_get_width (small);
  int height = cairo_image_surface_get_height (small);
  FeclipDrawOptions options = FECLIP_DRAW_OPTIONS_INIT;

  options.alpha = 0.6;
  options.boxes = options.labels = FALSE;
  options.threshold = image->threshold;
  options.pixel_threshold = image->pixel_threshold;
  for (int i = 0; i < 2; i++) {
    cairo_save (cr);
    cairo_translate (cr, i * (TILE_EDGE + TILE_GAP) + (TILE_EDGE - width) / 2,
                     0);
    cairo_set_source_surface (cr, small, 0, 0);
    cairo_paint (cr);
    if (i == 1)
      feclip_draw_result (cr, image->result, (guint)width, (guint)height,
                          &options);
    else if (mask)
      draw_outline (cr, mask, width, height);
    cairo_restore (cr);
  }
}

/* At most TILE_EDGE high. NULL where the image cannot be read. */
static cairo_surface_t *
draw_tile (const FeWorstImage *image)
{
  g_autoptr (FeStillImage) file = fe_still_image_new (image->item->path, NULL);
  cairo_surface_t *whole = file ? fe_cairo_image_new (file, NULL) : NULL;
  g_autoptr (FeMask) mask = NULL;
  cairo_surface_t *small, *tile;
  cairo_t *cr;

  if (!whole)
    return NULL;
  /* The session named a mask that cannot be read. */
  if (image->item->mask_path)
    mask = fe_mask_read (image->item->mask_path,
                         fe_still_image_get_frame (file), NULL);
  small = resize (whole, TILE_EDGE);
  cairo_surface_destroy (whole);
  tile = fe_style_new_surface (TILE_WIDTH,
                               cairo_image_surface_get_height (small), &cr);
  draw_pair (cr, small, mask, image);
  cairo_destroy (cr);
  cairo_surface_destroy (small);
  return tile;
}

static void
tile_free (gpointer data)
{
  FeGalleryTile *tile = data;

  cairo_surface_destroy (tile->surface);
  g_free (tile->name);
  g_free (tile->verdict);
  g_free (tile);
}

static void
add_tile (GPtrArray *tiles, const FeWorstImage *image, FeWorstKind kind)
{
  cairo_surface_t *surface = draw_tile (image);
  FeGalleryTile *tile;

  if (!surface)
    return;
  tile = g_new0 (FeGalleryTile, 1);
  tile->kind = kind;
  tile->surface = surface;
  tile->name = format_name (image);
  tile->verdict = format_verdict (image, kind);
  tile->wrong = is_wrong (image);
  g_ptr_array_add (tiles, tile);
}

GPtrArray *
fe_gallery_new (FeEvaluation *evaluation)
{
  GPtrArray *tiles = g_ptr_array_new_with_free_func (tile_free);

  for (guint kind = 0; kind < FE_N_WORST; kind++) {
    const GArray *worst = fe_evaluation_get_worst (evaluation, kind);

    for (guint i = 0; i < worst->len && !fe_interrupt_is_pending (); i++)
      add_tile (tiles, &g_array_index (worst, FeWorstImage, i), kind);
  }
  return tiles;
}

/* Places tiles line by line; draws them if @cr is not NULL. */
typedef struct {
  cairo_t *cr;
  int y;
  int column;
  int line_height;
} Flow;

static void
end_line (Flow *flow)
{
  if (flow->column > 0)
    flow->y += flow->line_height + CAPTION_HEIGHT + GAP;
  flow->column = flow->line_height = 0;
}

static void
put_head (Flow *flow, FeWorstKind kind)
{
  end_line (flow);
  if (flow->cr) {
    fe_style_set_color (flow->cr, FE_STYLE_TEXT);
    fe_style_draw_text (flow->cr, MARGIN, flow->y + 26, 22, FE_STYLE_LEFT, 0,
                        fe_gallery_get_title (kind));
    fe_style_set_color (flow->cr, FE_STYLE_FAINT);
    fe_style_draw_text (flow->cr, MARGIN, flow->y + 48, 14, FE_STYLE_LEFT, 0,
                        fe_gallery_get_summary (kind));
  }
  flow->y += HEAD_HEIGHT;
}

static void
put_tile (Flow *flow, const FeGalleryTile *tile)
{
  int x = MARGIN + flow->column * (TILE_WIDTH + GAP);
  int height = cairo_image_surface_get_height (tile->surface);

  if (flow->cr) {
    cairo_set_source_surface (flow->cr, tile->surface, x, flow->y);
    cairo_paint (flow->cr);
    fe_style_set_color (flow->cr, FE_STYLE_TEXT);
    fe_style_draw_text (flow->cr, x, flow->y + height + 17, 14, FE_STYLE_LEFT,
                        TILE_WIDTH, tile->name);
    fe_style_set_color (flow->cr,
                        tile->wrong ? FE_STYLE_WRONG : FE_STYLE_FAINT);
    fe_style_draw_text (flow->cr, x, flow->y + height + 34, 13, FE_STYLE_LEFT,
                        TILE_WIDTH, tile->verdict);
  }
  flow->line_height = MAX (flow->line_height, height);
  if (++flow->column == N_COLUMNS)
    end_line (flow);
}

/* Returns the height of the tiles that fit. */
static int
put_tiles (GPtrArray *tiles, cairo_t *cr)
{
  Flow flow = {.cr = cr, .y = MARGIN};
  int kind = -1;

  for (guint i = 0; i < tiles->len; i++) {
    const FeGalleryTile *tile = g_ptr_array_index (tiles, i);

    if (flow.y > MAX_HEIGHT)
      break;
    if ((int)tile->kind != kind)
      put_head (&flow, tile->kind);
    kind = (int)tile->kind;
    put_tile (&flow, tile);
  }
  end_line (&flow);
  return flow.y + MARGIN;
}

cairo_surface_t *
fe_gallery_draw (GPtrArray *tiles)
{
  int width = 2 * MARGIN + N_COLUMNS * (TILE_WIDTH + GAP) - GAP;
  cairo_surface_t *surface;
  cairo_t *cr;

  if (tiles->len == 0)
    return NULL;
  surface = fe_style_new_surface (width, put_tiles (tiles, NULL), &cr);
  put_tiles (tiles, cr);
  cairo_destroy (cr);
  return surface;
}
