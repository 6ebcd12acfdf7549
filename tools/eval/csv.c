/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/csv.h"

#include <math.h>

#define AT(member) offsetof (FeOutcome, member)

static const FeCsvColumn columns[] = {
    {FALSE, "auroc", "AUROC", AT (image.auroc), FALSE},
    {FALSE, "ap", "AP", AT (image.ap), FALSE},
    {FALSE, "f1_max", "F1-max", AT (image.f1_max), FALSE},
    {FALSE, "threshold", "threshold", AT (threshold), TRUE},
    {TRUE, "auroc", "AUROC", AT (pixel.auroc), FALSE},
    {TRUE, "ap", "AP", AT (pixel.ap), FALSE},
    {TRUE, "pro", "PRO", AT (pixel.pro), FALSE},
    {TRUE, "f1_max", "F1-max", AT (pixel.f1_max), FALSE},
    {TRUE, "threshold", "threshold", AT (pixel_threshold), TRUE},
};

const FeCsvColumn *
fe_csv_columns (guint *n)
{
  *n = G_N_ELEMENTS (columns);
  return columns;
}

double
fe_csv_column_get (const FeCsvColumn *self, const FeOutcome *outcome)
{
  return G_STRUCT_MEMBER (double, outcome, self->offset);
}

char *
fe_csv_column_format (const FeCsvColumn *self, const FeOutcome *outcome)
{
  double number = fe_csv_column_get (self, outcome);

  if (isnan (number))
    return g_strdup ("–");
  return self->score ? g_strdup_printf ("%.4f", number)
                     : g_strdup_printf ("%.2f", 100 * number);
}

GPtrArray *
fe_csv_columns_list_outcomes (FeEvaluation *evaluation)
{
  const GPtrArray *outcomes = fe_evaluation_get_outcomes (evaluation);
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < outcomes->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (outcomes, i));
  if (outcomes->len > 1) {
    g_ptr_array_add (list, (gpointer)fe_evaluation_get_mean (evaluation));
    g_ptr_array_add (list, (gpointer)fe_evaluation_get_pooled (evaluation));
  }
  return list;
}
