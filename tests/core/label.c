/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where labels find room. */
#include "draw/label.h"

#include "base/rectangle.h"

static const cairo_rectangle_int_t frame = {0, 0, 400, 300};

static FeLabel *
label_new (void)
{
  PangoContext *context = fe_label_new_context ();
  FeLabel *label = fe_label_new (context, "0.87", 12);

  g_object_unref (context);
  return label;
}

/* Above the box, else below, else inside; never over the frame's edge. */
static void
test_places (void)
{
  static const cairo_rectangle_int_t boxes[] = {
      {100, 100, 50, 50},
      {100, 0, 50, 50},
      {100, 0, 50, 300},
      {380, 100, 20, 20},
  };
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (boxes); i++) {
    g_autoptr (FeLabel) label = label_new ();

    g_assert_true (fe_label_place (label, &boxes[i], &frame, none));
    g_assert_true (fe_rectangle_contains (&frame, &label->area));
    if (i == 0)
      g_assert_cmpint (label->area.y + label->area.height, ==, 100);
    if (i == 1)
      g_assert_cmpint (label->area.y, ==, 50);
    if (i == 2)
      g_assert_cmpint (label->area.y, ==, 0);
    if (i == 3)
      g_assert_cmpint (label->area.x + label->area.width, ==, 400);
  }
}

/* Labels of the same box lie side by side until there is no room. */
static void
test_apart (void)
{
  static const cairo_rectangle_int_t box = {100, 100, 50, 200};
  g_autoptr (GPtrArray) placed =
      g_ptr_array_new_with_free_func ((GDestroyNotify)fe_label_free);
  guint i, j;

  for (i = 0; i < 4; i++) {
    g_autoptr (FeLabel) label = label_new ();

    /* There is no room below. */
    g_assert_cmpint (fe_label_place (label, &box, &frame, placed), ==, i < 3);
    if (i < 3)
      g_ptr_array_add (placed, g_steal_pointer (&label));
  }
  for (i = 0; i < placed->len; i++) {
    const FeLabel *one = g_ptr_array_index (placed, i);

    for (j = 0; j < i; j++) {
      const FeLabel *other = g_ptr_array_index (placed, j);

      g_assert_false (fe_rectangle_overlaps (&one->area, &other->area));
    }
  }
}

static void
test_no_room (void)
{
  static const cairo_rectangle_int_t tiny = {0, 0, 8, 8};
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (FeLabel) label = label_new ();

  g_assert_false (fe_label_place (label, &tiny, &tiny, none));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/label/places", test_places);
  g_test_add_func ("/label/apart", test_apart);
  g_test_add_func ("/label/no-room", test_no_room);
  return g_test_run ();
}
