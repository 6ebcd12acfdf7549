/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "reproduce/protocol.h"

G_BEGIN_DECLS

/* One data set evaluated with the adapters of one seed. */
typedef struct {
  FeBenchmark benchmark;
  FeBenchmark teacher;
  int seed;
  double figures[FE_N_FIGURES]; /* from 0 to 1, NaN where not defined */
  guint n_problems;             /* images and masks that failed */
} FeVerdict;

/* Reads what `feclip eval --json` prints. */
gboolean fe_verdict_read (FeVerdict *self, const char *path, GError **error);

/* FeVerdict entries as a table in percent: mean and standard deviation over
 * seeds, beside what was published. */
char *fe_summary_to_text (const GArray *verdicts, const char *taps);

/* Each verdict, and the means. */
char *fe_summary_to_json (const GArray *verdicts, const char *taps,
                          const char *tap_blocks);

/* One line of CSV per verdict. */
char *fe_summary_to_csv (const GArray *verdicts, const char *taps);

G_END_DECLS
