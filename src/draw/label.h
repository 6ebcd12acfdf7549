/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Short texts on a background plate. */
#pragma once

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/**
 * FeLabel:
 * @area: the plate, in pixels of the frame
 * @plate_color: colour of the plate, 0xAARRGGBB
 * @text_color: colour of the text, 0xAARRGGBB
 */
typedef struct {
  cairo_rectangle_int_t area;
  guint32 plate_color;
  guint32 text_color;
  int padding;
  PangoLayout *layout;
} FeLabel;

/* Context to lay out texts with. Uses greyscale antialiasing regardless of the
 * desktop's settings, since the text may be on a transparent surface. */
PangoContext *fe_label_new_context (void);

/* Lays out a text at the origin, @size pixels high. The caller sets the
 * colours. */
FeLabel *fe_label_new (PangoContext *context, const char *text, double size);

void fe_label_free (FeLabel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeLabel, fe_label_free)

/* Moves the label next to @box: above, below or inside, wherever it is inside
 * @frame and overlaps none of @others (FeLabel). FALSE if there is no such
 * position. */
gboolean fe_label_place (FeLabel *self, const cairo_rectangle_int_t *box,
                         const cairo_rectangle_int_t *frame,
                         const GPtrArray *others);

void fe_label_draw (const FeLabel *self, cairo_t *cr);

G_END_DECLS
