/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/draw.h>

#include <math.h>

#include "draw/contour.h"
#include "result/map_resample.h"
#include "draw/heatmap.h"
#include "draw/label.h"
#include "draw/stroke.h"
#include "base/rectangle.h"

/* More would hide the image and take long to draw. */
#define MAX_BOXES 256
#define MAX_LABELS 32
#define MAX_CONTOUR_POINTS 100000

/* Smaller text, in pixels, cannot be read. */
#define MIN_TEXT_SIZE 7

#define ANOMALOUS_COLOR 0xffd5281e
#define NORMAL_COLOR 0xff1b7f3b
#define PLATE_ALPHA 0.72

struct _FeclipDrawing {
  FeclipDrawOptions options;
  cairo_rectangle_int_t frame;
  FeStroke pen;
  FeclipResult *result;
  FeResampledMap *map; /* of @result; NULL if there is no map to draw */
  cairo_rectangle_int_t defects_area;
  GArray *contours;
  GArray *boxes;
  GPtrArray *labels;
  cairo_rectangle_int_t areas[2];
  guint n_areas;
};

static cairo_rectangle_int_t
defect_area (const FeclipDrawing *self, const FeclipDefect *defect)
{
  return fe_rectangle_between ((int)rint (defect->x_min * self->frame.width),
                               (int)rint (defect->y_min * self->frame.height),
                               (int)rint (defect->x_max * self->frame.width),
                               (int)rint (defect->y_max * self->frame.height));
}

/* Prepares heatmap, contours and boxes, which depend on the map. */
static void
add_map (FeclipDrawing *self)
{
  self->map = g_new (FeResampledMap, 1);
  if (fe_resampled_map_init (self->map, self->result, self->frame.width,
                             self->frame.height, self->options.pixel_threshold)
      && self->options.contours)
    self->contours = fe_contour_trace (self->map, MAX_CONTOUR_POINTS);
}

static gboolean
has_heatmap (const FeclipDrawing *self)
{
  return self->map && self->options.heatmap && self->options.alpha > 0;
}

static void
add_boxes (FeclipDrawing *self, const GArray *defects)
{
  const guint n = MIN (defects->len, MAX_BOXES);
  guint i;

  self->boxes =
      g_array_sized_new (FALSE, FALSE, sizeof (cairo_rectangle_int_t), n);
  for (i = 0; i < n; i++) {
    const cairo_rectangle_int_t defect =
        defect_area (self, &g_array_index (defects, FeclipDefect, i));
    const cairo_rectangle_int_t box =
        fe_stroke_around (&self->pen, &defect, &self->frame);

    g_array_append_val (self->boxes, box);
  }
}

static void
format_number (char *buffer, gsize size, double value)
{
  if (isfinite (value))
    g_ascii_formatd (buffer, size, "%.2f", value);
  else
    g_strlcpy (buffer, "–", size);
}

/* Places the verdict in the top left corner. FALSE if the frame is too small.
 */
static gboolean
add_verdict (FeclipDrawing *self, PangoContext *context, double score,
             double size)
{
  const gboolean anomalous = score >= self->options.threshold;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *text = NULL;
  g_autoptr (FeLabel) label = NULL;

  format_number (number, sizeof (number), score);
  text = g_strdup_printf ("%s %s", anomalous ? "Anomaly" : "Normal", number);
  label = fe_label_new (context, text, size);
  label->plate_color = anomalous ? ANOMALOUS_COLOR : NORMAL_COLOR;
  label->text_color = self->options.label_color;
  label->area.x = label->area.y = (int)(size / 3);
  if (!fe_rectangle_contains (&self->frame, &label->area))
    return FALSE;
  g_ptr_array_add (self->labels, g_steal_pointer (&label));
  return TRUE;
}

static void
add_confidences (FeclipDrawing *self, PangoContext *context,
                 const GArray *defects, double size)
{
  const guint n = MIN (defects->len, MAX_LABELS);
  guint i;

  for (i = 0; i < n; i++) {
    const FeclipDefect *defect = &g_array_index (defects, FeclipDefect, i);
    const cairo_rectangle_int_t area = defect_area (self, defect);
    const cairo_rectangle_int_t box =
        fe_stroke_around (&self->pen, &area, &self->frame);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_autoptr (FeLabel) label = NULL;

    format_number (number, sizeof (number), defect->confidence);
    label = fe_label_new (context, number, size);
    label->text_color = self->options.label_color;
    label->plate_color =
        fe_stroke_contrast (self->options.label_color, PLATE_ALPHA);
    if (fe_label_place (label, &box, &self->frame, self->labels))
      g_ptr_array_add (self->labels, g_steal_pointer (&label));
  }
}

static void
add_labels (FeclipDrawing *self, double score, const GArray *defects)
{
  const int side = MIN (self->frame.width, self->frame.height);
  PangoContext *context;
  double size = MAX (MIN (12, side / 8.0), side / 26.0);

  /* Text is made smaller, or omitted, if it would cover too much. */
  if (size < MIN_TEXT_SIZE)
    return;
  context = fe_label_new_context ();
  while (size >= MIN_TEXT_SIZE && !add_verdict (self, context, score, size))
    size *= 0.8;
  if (size >= MIN_TEXT_SIZE)
    add_confidences (self, context, defects, MAX (size * 0.75, MIN_TEXT_SIZE));
  g_object_unref (context);
}

/* One area for the verdict and one around all defects, or a single one if these
 * overlap. */
static void
add_areas (FeclipDrawing *self)
{
  const int reach = (self->pen.line + 1) / 2 + self->pen.halo;
  cairo_rectangle_int_t verdict = {0};
  cairo_rectangle_int_t defects = {0};
  guint i;

  if (has_heatmap (self))
    defects = self->defects_area;
  if (self->contours && self->contours->len > 0) {
    const cairo_rectangle_int_t lines =
        fe_rectangle_grow (&self->defects_area, reach);

    defects = fe_rectangle_intersect (&lines, &self->frame);
  }
  for (i = 0; i < self->boxes->len; i++)
    defects = fe_rectangle_unite (
        &defects, &g_array_index (self->boxes, cairo_rectangle_int_t, i));
  for (i = 0; i < self->labels->len; i++) {
    const FeLabel *label = g_ptr_array_index (self->labels, i);

    if (i == 0)
      verdict = label->area;
    else
      defects = fe_rectangle_unite (&defects, &label->area);
  }

  if (fe_rectangle_overlaps (&verdict, &defects)) {
    defects = fe_rectangle_unite (&verdict, &defects);
    verdict.width = 0;
  }
  if (!fe_rectangle_is_empty (&defects))
    self->areas[self->n_areas++] = defects;
  if (!fe_rectangle_is_empty (&verdict))
    self->areas[self->n_areas++] = verdict;
}

FeclipDrawing *
feclip_drawing_new (const FeclipResult *result, guint frame_width,
                    guint frame_height, const FeclipDrawOptions *options)
{
  FeclipDrawing *self;
  g_autoptr (GArray) defects = NULL;
  guint i;

  g_return_val_if_fail (result != NULL, NULL);
  g_return_val_if_fail (frame_width <= FECLIP_DRAW_MAX_SIZE, NULL);
  g_return_val_if_fail (frame_height <= FECLIP_DRAW_MAX_SIZE, NULL);
  g_return_val_if_fail (options != NULL, NULL);

  self = g_new0 (FeclipDrawing, 1);
  self->options = *options;
  self->result = feclip_result_ref ((FeclipResult *)result);
  self->frame.width = frame_width;
  self->frame.height = frame_height;
  self->pen = fe_stroke_for_frame (frame_width, frame_height);
  self->labels = g_ptr_array_new_with_free_func ((GDestroyNotify)fe_label_free);

  defects = feclip_result_find_defects (result, frame_width, frame_height,
                                        options->pixel_threshold);
  for (i = 0; i < defects->len; i++) {
    const cairo_rectangle_int_t area =
        defect_area (self, &g_array_index (defects, FeclipDefect, i));

    self->defects_area = fe_rectangle_unite (&self->defects_area, &area);
  }
  if (defects->len > 0)
    add_map (self);
  feclip_defects_drop_small (defects, frame_width, frame_height,
                             options->min_area);
  if (options->labels)
    add_labels (self, result->score, defects);
  if (!options->boxes)
    g_array_set_size (defects, 0);
  add_boxes (self, defects);
  add_areas (self);
  return self;
}

void
feclip_drawing_free (FeclipDrawing *self)
{
  if (!self)
    return;
  if (self->map)
    fe_resampled_map_clear (self->map);
  g_free (self->map);
  feclip_result_unref (self->result);
  g_clear_pointer (&self->contours, g_array_unref);
  g_array_unref (self->boxes);
  g_ptr_array_unref (self->labels);
  g_free (self);
}

const cairo_rectangle_int_t *
feclip_drawing_get_areas (const FeclipDrawing *self, guint *n_areas)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (n_areas != NULL, NULL);

  *n_areas = self->n_areas;
  return self->areas;
}

void
feclip_drawing_draw (const FeclipDrawing *self, cairo_t *cr)
{
  guint i;

  g_return_if_fail (self != NULL);
  g_return_if_fail (cr != NULL);

  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, self->frame.width, self->frame.height);
  cairo_clip (cr);
  if (has_heatmap (self))
    fe_heatmap_draw (self->map, self->result->map_type, &self->defects_area,
                     self->options.colormap, self->options.alpha, cr);
  if (self->contours) {
    fe_contour_append (self->contours, cr);
    fe_stroke_draw (&self->pen, cr, self->options.contour_color);
  }
  for (i = 0; i < self->boxes->len; i++)
    fe_stroke_draw_frame (
        &self->pen, cr, &g_array_index (self->boxes, cairo_rectangle_int_t, i),
        self->options.box_color);
  for (i = 0; i < self->labels->len; i++)
    fe_label_draw (g_ptr_array_index (self->labels, i), cr);
  cairo_restore (cr);
}

void
feclip_draw_result (cairo_t *cr, const FeclipResult *result, guint frame_width,
                    guint frame_height, const FeclipDrawOptions *options)
{
  g_autoptr (FeclipDrawing) drawing = NULL;

  g_return_if_fail (cr != NULL);

  drawing = feclip_drawing_new (result, frame_width, frame_height, options);
  if (drawing)
    feclip_drawing_draw (drawing, cr);
}
