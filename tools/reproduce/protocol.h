/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The data sets of the paper. */
typedef enum {
  FE_BENCHMARK_MVTEC,
  FE_BENCHMARK_VISA,
  FE_BENCHMARK_BTAD,
  FE_N_BENCHMARKS,
} FeBenchmark;

/* The numbers of its tables, means over categories. */
typedef enum {
  FE_FIGURE_IMAGE_AUROC,
  FE_FIGURE_IMAGE_AP,
  FE_FIGURE_PIXEL_AUROC,
  FE_FIGURE_PRO,
  FE_N_FIGURES,
} FeFigure;

/* In percent; 0 where nothing was published. */
typedef struct {
  double mean;
  double deviation;
} FePublished;

/* On the command line and in files, such as "mvtec". */
const char *fe_benchmark_get_name (FeBenchmark self);

/* For people, such as "MVTec AD". */
const char *fe_benchmark_get_title (FeBenchmark self);

/* Returns FE_N_BENCHMARKS where none has this name. */
FeBenchmark fe_benchmark_find (const char *name);

/* The data set that the paper trains the adapters on to evaluate this one. */
FeBenchmark fe_benchmark_get_trained_on (FeBenchmark self);

/* In JSON and CSV, such as "image_auroc". */
const char *fe_figure_get_key (FeFigure self);

/* Above a table's column. */
const char *fe_figure_get_title (FeFigure self);

/* The paper's number for ViT-L/14@336 with adapters at its last four blocks. */
FePublished fe_published_by_paper (FeBenchmark benchmark, FeFigure figure);

/* The number of the paper's independent reproduction for a set of taps. */
FePublished fe_published_by_reproduction (FeBenchmark benchmark,
                                          const char *taps, FeFigure figure);

/*
 * The value of tap-blocks for @taps, "last4", "spread", "even" or a list such
 * as "3,5", in a model of @n_blocks. The named sets are defined for 24 blocks
 * and scaled in proportion. Returns NULL with an error where they do not fit;
 * free it with g_free().
 */
char *fe_taps_resolve (const char *taps, guint n_blocks, GError **error);

G_END_DECLS
