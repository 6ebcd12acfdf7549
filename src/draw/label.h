/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Short texts on a plate. */
#pragma once

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/**
 * FeLabel:
 * @area: the plate, in pixels
 * @plate_color: 0xAARRGGBB
 * @text_color: 0xAARRGGBB
 */
typedef struct {
  cairo_rectangle_int_t area;
  guint32 plate_color;
  guint32 text_color;
  int padding;
  PangoLayout *layout;
} FeLabel;

/* What texts are laid out with: plain antialiasing, whatever the desktop has
 * set, as the text may lie on a transparent surface. */
PangoContext *fe_label_new_context (void);

/* Lays out a text at the origin, @size pixels high. Colours are the caller's to
 * set. */
FeLabel *fe_label_new (PangoContext *context, const char *text, double size);

void fe_label_free (FeLabel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeLabel, fe_label_free)

/* Moves the label beside @box: above, below or inside of it, wherever it lies
 * in @frame and overlaps none of @others (FeLabel). FALSE if there is no such
 * place. */
gboolean fe_label_place (FeLabel *self, const cairo_rectangle_int_t *box,
                         const cairo_rectangle_int_t *frame,
                         const GPtrArray *others);

void fe_label_draw (const FeLabel *self, cairo_t *cr);

G_END_DECLS
