/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/conveyor.h"

#include <string.h>

#include "synth/belt.h"
#include "synth/carried.h"

/* The share of the time between two frames in which the shutter is open. */
#define SHUTTER 0.12F

struct _FeConveyor {
  FePlan plan;
  FeConveyorShow show;
  FeStudio studio;
  FeBelt *belt;
  /* Of FeCarried. */
  GArray *items;
  /* Pixels per frame. */
  float speed;
};

gboolean
fe_conveyor_can_carry (const FeSurfaceKind *kind)
{
  /* Kinds that extend beyond the image or are not one object. */
  static const char *const no[] = {"zipper", "toothbrush", "label"};

  for (gsize i = 0; i < G_N_ELEMENTS (no); i++)
    if (g_str_equal (no[i], kind->name))
      return FALSE;
  return TRUE;
}

static void
clear_item (gpointer data)
{
  fe_carried_clear (data);
}

static int
choose_defect (const FeConveyor *self, const FeSurfaceKind *kind,
               FeRandom *random)
{
  guint defects = kind->defects & self->plan.defects;
  int defect = fe_random_int (random, 0, FE_N_DEFECTS - 1);

  if (defects == 0)
    return FE_SAMPLE_GOOD;
  while (!(defects & 1u << defect))
    defect = (defect + 1) % FE_N_DEFECTS;
  return defect;
}

/* Chooses exactly the requested share of defective items, in random order. */
static gboolean *
draw_lots (const FeConveyor *self, FeRandom *random)
{
  guint n = self->show.items;
  guint n_bad = (guint)(self->show.defective * n + 0.5);
  gboolean *bad = g_new0 (gboolean, n);

  for (guint i = 0; i < n_bad; i++)
    bad[i] = TRUE;
  for (guint i = n; i > 1; i--) {
    guint other = (guint)fe_random_int (random, 0, (int)i - 1);
    gboolean swapped = bad[i - 1];

    bad[i - 1] = bad[other];
    bad[other] = swapped;
  }
  return bad;
}

static void
add_items (FeConveyor *self)
{
  FeRandom random =
      fe_random_make (fe_random_seed (self->plan.seed, "conveyor", 0));
  g_autofree gboolean *bad = draw_lots (self, &random);
  int edge = (int)(FE_CARRIED_SQUARE * (float)self->plan.height);
  int room = self->plan.height - edge;

  for (guint i = 0; i < self->show.items; i++) {
    int place = fe_random_int (&random, 0, (int)self->plan.kinds->len - 1);
    const FeSurfaceKind *kind = g_ptr_array_index (self->plan.kinds, place);
    FeSampleRequest request = fe_plan_request (
        &self->plan, kind,
        bad[i] ? choose_defect (self, kind, &random) : FE_SAMPLE_GOOD, "video",
        i);
    FeCarried item;

    request.width = request.height = edge;
    fe_carried_init (&item, &request, &self->studio);
    item.left = -(float)edge * (1 + FE_CARRIED_SPACING * (float)i)
                - fe_random_range (&random, 0, 0.08F) * (float)edge;
    item.top =
        room / 2 + (int)(fe_random_range (&random, -0.2F, 0.2F) * (float)room);
    g_array_append_val (self->items, item);
  }
}

/* The speed at which all items pass during the video. */
static float
find_speed (const FeConveyor *self)
{
  float edge = FE_CARRIED_SQUARE * (float)self->plan.height;
  float way =
      (float)self->plan.width
      + edge * (1.1F + FE_CARRIED_SPACING * (float)(self->show.items - 1));

  return way / (float)MAX (self->show.frames, 1);
}

static void
compose (const FeConveyor *self, FeScene *scene, float moved)
{
  fe_belt_lay (self->belt, scene, moved);
  for (guint i = 0; i < self->items->len; i++) {
    const FeCarried *item = &g_array_index (self->items, FeCarried, i);
    float left = item->left + moved;

    if (left > -(float)item->request.width - 1 && left < (float)scene->width)
      fe_carried_lay (item, scene, left);
  }
}

FeConveyor *
fe_conveyor_new (const FePlan *plan, const FeConveyorShow *show)
{
  FeConveyor *self = g_new0 (FeConveyor, 1);
  guint64 design = fe_random_seed (plan->seed, "conveyor", 1);
  FeScene *scene = fe_scene_new (plan->width, plan->height, 0, 0);
  float edge = FE_CARRIED_SQUARE * (float)plan->height;

  self->plan = *plan;
  self->show = *show;
  self->studio = fe_studio_make (design, design);
  /* The line is set up so that every item is visible. */
  self->studio.camera.target = MAX (self->studio.camera.target, 0.45F);
  self->belt = fe_belt_new (plan->width, plan->height, plan->seed);
  self->items = g_array_new (FALSE, FALSE, sizeof (FeCarried));
  g_array_set_clear_func (self->items, clear_item);
  add_items (self);
  self->speed = find_speed (self);
  /* The exposure is set with an item in the middle and then kept. */
  compose (self, scene, edge + 0.5F * ((float)plan->width - edge));
  g_free (fe_studio_meter (&self->studio, scene));
  fe_scene_free (scene);
  return self;
}

void
fe_conveyor_free (FeConveyor *self)
{
  if (!self)
    return;
  fe_belt_free (self->belt);
  g_array_unref (self->items);
  g_free (self);
}

/* Adds motion blur. */
static void
blur_motion (FeColor *image, int width, int height, int pixels)
{
  g_autofree FeColor *line = g_new (FeColor, (gsize)width);

  for (int row = 0; pixels > 1 && row < height; row++) {
    FeColor *at = image + (gsize)row * width;

    memcpy (line, at, sizeof *line * (gsize)width);
    for (int column = 0; column < width; column++) {
      FeColor sum = {0};

      for (int i = 0; i < pixels; i++) {
        const FeColor *from = &line[MAX (column - i, 0)];

        sum.red += from->red;
        sum.green += from->green;
        sum.blue += from->blue;
      }
      at[column] = fe_color_scale (sum, 1 / (float)pixels);
    }
  }
}

guint8 *
fe_conveyor_render (const FeConveyor *self, guint frame)
{
  int width = self->plan.width;
  int height = self->plan.height;
  g_autoptr (FeScene) scene = fe_scene_new (width, height, 0, 0);
  g_autofree FeColor *image = NULL;

  compose (self, scene, self->speed * (float)frame);
  image = fe_studio_take (&self->studio, scene);
  blur_motion (image, width, height, (int)(SHUTTER * self->speed + 0.5F));
  return fe_studio_read (&self->studio, image, width, height,
                         fe_random_seed (self->plan.seed, "frame", frame));
}

/* A box of the item, clipped to the frame. FALSE if it is not visible. */
static gboolean
find_in_frame (const FeConveyor *self, const FeCarried *item,
               const FePixels *box, guint frame, FePixels *found)
{
  int left = fe_floor (item->left + self->speed * (float)frame + 0.5F);

  *found = (FePixels){CLAMP (left + box->left, 0, self->plan.width),
                      CLAMP (item->top + box->top, 0, self->plan.height),
                      CLAMP (left + box->right, 0, self->plan.width),
                      CLAMP (item->top + box->bottom, 0, self->plan.height)};
  return found->right > found->left && found->bottom > found->top;
}

static void
append_box (GString *text, const char *name, const FePixels *box)
{
  g_string_append_printf (text, ",\"%s\":[%d,%d,%d,%d]", name, box->left,
                          box->top, box->right - box->left,
                          box->bottom - box->top);
}

static void
append_items (const FeConveyor *self, GString *text)
{
  for (guint i = 0; i < self->items->len; i++) {
    const FeCarried *item = &g_array_index (self->items, FeCarried, i);
    gboolean good = item->request.defect == FE_SAMPLE_GOOD;
    char severity[G_ASCII_DTOSTR_BUF_SIZE] = "null";

    if (!good)
      g_ascii_formatd (severity, sizeof severity, "%.3f",
                       (double)item->severity);
    g_string_append_printf (
        text,
        "%s{\"id\":%u,\"kind\":\"%s\",\"defective\":%s,"
        "\"defect\":%s%s%s,\"severity\":%s}",
        i > 0 ? ",\n" : "\n", i, item->request.surface->name,
        good ? "false" : "true", good ? "" : "\"",
        good ? "null" : fe_defect_kind (item->request.defect)->name,
        good ? "" : "\"", severity);
  }
}

static void
append_frame (const FeConveyor *self, guint frame, GString *text)
{
  gboolean first = TRUE;

  g_string_append_printf (text, "%s{\"frame\":%u,\"items\":[",
                          frame > 0 ? ",\n" : "\n", frame);
  for (guint i = 0; i < self->items->len; i++) {
    const FeCarried *item = &g_array_index (self->items, FeCarried, i);
    char visible[G_ASCII_DTOSTR_BUF_SIZE];
    FePixels box;

    if (!find_in_frame (self, item, &item->box, frame, &box))
      continue;
    g_ascii_formatd (visible, sizeof visible, "%.3f",
                     (double)(box.right - box.left)
                         / (item->box.right - item->box.left));
    g_string_append_printf (text, "%s{\"id\":%u,\"visible\":%s",
                            first ? "" : ",", i, visible);
    append_box (text, "box", &box);
    if (find_in_frame (self, item, &item->defect_box, frame, &box))
      append_box (text, "defect_box", &box);
    g_string_append_c (text, '}');
    first = FALSE;
  }
  g_string_append (text, "]}");
}

char *
fe_conveyor_to_json (const FeConveyor *self, const char *file)
{
  GString *text = g_string_new (NULL);
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *escaped = g_strescape (name, NULL);

  g_string_append_printf (
      text,
      "{\"file\":\"%s\",\"width\":%d,\"height\":%d,\"fps\":%u,"
      "\"frame_count\":%u,\n\"items\":[",
      escaped, self->plan.width, self->plan.height, self->show.fps,
      self->show.frames);
  append_items (self, text);
  g_string_append (text, "],\n\"frames\":[");
  for (guint i = 0; i < self->show.frames; i++)
    append_frame (self, i, text);
  g_string_append (text, "]}\n");
  return g_string_free (text, FALSE);
}
