/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/gallery.h"

#include "eval/style.h"
#include "eval/interrupt.h"

#define N_COLUMNS 3
#define MARGIN 24
#define GAP 16
#define CAPTION_HEIGHT 40
#define HEAD_HEIGHT 64
/* cairo's own limit of a surface is higher, that of many viewers is not. */
#define MAX_HEIGHT 30000

static void
card_free (gpointer data)
{
  FeGalleryCard *card = data;

  cairo_surface_destroy (card->surface);
  g_free (card->name);
  g_free (card->verdict);
  g_free (card);
}

static void
add_card (GPtrArray *cards, const FeShown *shown, FeWorstKind kind)
{
  cairo_surface_t *surface = fe_gallery_tile_draw (shown, NULL);
  FeGalleryCard *card;

  if (!surface)
    return;
  card = g_new0 (FeGalleryCard, 1);
  card->kind = kind;
  card->surface = surface;
  card->name = fe_gallery_tile_get_name (shown);
  card->verdict = fe_gallery_tile_get_verdict (shown, kind);
  card->wrong = fe_gallery_tile_is_wrong (shown);
  g_ptr_array_add (cards, card);
}

GPtrArray *
fe_gallery_new (FeEvaluation *evaluation)
{
  GPtrArray *cards = g_ptr_array_new_with_free_func (card_free);

  for (guint kind = 0; kind < FE_N_WORST; kind++) {
    const GArray *worst = fe_evaluation_get_worst (evaluation, kind);

    for (guint i = 0; i < worst->len && !fe_interrupt_is_pending (); i++)
      add_card (cards, &g_array_index (worst, FeShown, i), kind);
  }
  return cards;
}

/* Where cards go, line by line; draws if there is a @cr. */
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
                        fe_gallery_tile_get_title (kind));
    fe_style_set_color (flow->cr, FE_STYLE_FAINT);
    fe_style_draw_text (flow->cr, MARGIN, flow->y + 48, 14, FE_STYLE_LEFT, 0,
                        fe_gallery_tile_get_summary (kind));
  }
  flow->y += HEAD_HEIGHT;
}

static void
put_card (Flow *flow, const FeGalleryCard *card)
{
  int x = MARGIN + flow->column * (FE_GALLERY_TILE_WIDTH + GAP);
  int height = cairo_image_surface_get_height (card->surface);

  if (flow->cr) {
    cairo_set_source_surface (flow->cr, card->surface, x, flow->y);
    cairo_paint (flow->cr);
    fe_style_set_color (flow->cr, FE_STYLE_TEXT);
    fe_style_draw_text (flow->cr, x, flow->y + height + 17, 14, FE_STYLE_LEFT,
                        FE_GALLERY_TILE_WIDTH, card->name);
    fe_style_set_color (flow->cr,
                        card->wrong ? FE_STYLE_WRONG : FE_STYLE_FAINT);
    fe_style_draw_text (flow->cr, x, flow->y + height + 34, 13, FE_STYLE_LEFT,
                        FE_GALLERY_TILE_WIDTH, card->verdict);
  }
  flow->line_height = MAX (flow->line_height, height);
  if (++flow->column == N_COLUMNS)
    end_line (flow);
}

/* Returns the height of all that fits. */
static int
put_cards (GPtrArray *cards, cairo_t *cr)
{
  Flow flow = {.cr = cr, .y = MARGIN};
  int kind = -1;

  for (guint i = 0; i < cards->len; i++) {
    const FeGalleryCard *card = g_ptr_array_index (cards, i);

    if (flow.y > MAX_HEIGHT)
      break;
    if ((int)card->kind != kind)
      put_head (&flow, card->kind);
    kind = (int)card->kind;
    put_card (&flow, card);
  }
  end_line (&flow);
  return flow.y + MARGIN;
}

cairo_surface_t *
fe_gallery_draw (GPtrArray *cards)
{
  int width = 2 * MARGIN + N_COLUMNS * (FE_GALLERY_TILE_WIDTH + GAP) - GAP;
  cairo_surface_t *surface;
  cairo_t *cr;

  if (cards->len == 0)
    return NULL;
  surface = fe_style_new_surface (width, put_cards (cards, NULL), &cr);
  put_cards (cards, cr);
  cairo_destroy (cr);
  return surface;
}
