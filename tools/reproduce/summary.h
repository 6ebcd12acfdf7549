/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "reproduce/protocol.h"

G_BEGIN_DECLS

/* One data set evaluated with the adapters of one seed. */
typedef struct {
  FeBenchmark benchmark;
  FeBenchmark trained_on;
  int seed;
  double figures[FE_N_FIGURES]; /* from 0 to 1, NaN where not defined */
  guint n_problems;             /* images and masks that failed */
} FeBenchmarkResult;

/* Reads what `feclip eval --json` prints. */
gboolean fe_benchmark_result_read (FeBenchmarkResult *self, const char *path,
                                   GError **error);

/* FeBenchmarkResult entries as a table in percent: mean and standard deviation
 * over seeds, beside what was published. */
char *fe_summary_to_text (const GArray *results, const char *taps);

/* Each result, and the means. */
char *fe_summary_to_json (const GArray *results, const char *taps,
                          const char *tap_blocks);

/* One line of CSV per result. */
char *fe_summary_to_csv (const GArray *results, const char *taps);

G_END_DECLS
