/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/worst_list.h"

static void
clear_shown (gpointer data)
{
  FeShown *shown = data;

  feclip_result_unref (shown->result);
}

void
fe_worst_list_init (FeWorstList *self, guint most)
{
  self->shown = g_array_new (FALSE, FALSE, sizeof (FeShown));
  g_array_set_clear_func (self->shown, clear_shown);
  self->most = most;
}

void
fe_worst_list_clear (FeWorstList *self)
{
  g_clear_pointer (&self->shown, g_array_unref);
}

void
fe_worst_list_add (FeWorstList *self, const FeShown *shown)
{
  FeShown kept = *shown;
  guint place = self->shown->len;

  while (place > 0
         && g_array_index (self->shown, FeShown, place - 1).value
                > shown->value)
    place--;
  if (place == self->most)
    return;
  feclip_result_ref (kept.result);
  g_array_insert_val (self->shown, place, kept);
  if (self->shown->len > self->most)
    g_array_set_size (self->shown, self->most);
}

void
fe_worst_list_empty (FeWorstList *self)
{
  g_array_set_size (self->shown, 0);
}
