/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reproduce/protocol.h"

#include <feclip/error.h>
#include <math.h>

#define N_TAPS 4

static const struct {
  const char *name;
  const char *title;
  FeBenchmark trained_on;
  double paper[FE_N_FIGURES];
} benchmarks[FE_N_BENCHMARKS] = {
    [FE_BENCHMARK_MVTEC] = {"mvtec",
                            "MVTec AD",
                            FE_BENCHMARK_VISA,
                            {91.9, 96.5, 92.6, 88.3}},
    [FE_BENCHMARK_VISA] = {"visa",
                           "VisA",
                           FE_BENCHMARK_MVTEC,
                           {84.6, 86.6, 95.9, 92.8}},
    [FE_BENCHMARK_BTAD] = {"btad",
                           "BTAD",
                           FE_BENCHMARK_MVTEC,
                           {90.3, 90.0, 95.6, 80.4}},
};

static const struct {
  const char *key;
  const char *title;
} figures[FE_N_FIGURES] = {
    [FE_FIGURE_IMAGE_AUROC] = {"image_auroc", "image AUROC"},
    [FE_FIGURE_IMAGE_AP] = {"image_ap", "image AP"},
    [FE_FIGURE_PIXEL_AUROC] = {"pixel_auroc", "pixel AUROC"},
    [FE_FIGURE_PRO] = {"pro", "PRO"},
};

static const struct {
  FeBenchmark benchmark;
  const char *taps;
  FeFigure figure;
  FePublished value;
} reproduced[] = {
    {FE_BENCHMARK_MVTEC, "last4", FE_FIGURE_IMAGE_AUROC, {91.1, 0.2}},
    {FE_BENCHMARK_MVTEC, "last4", FE_FIGURE_IMAGE_AP, {96.0, 0}},
    {FE_BENCHMARK_MVTEC, "last4", FE_FIGURE_PIXEL_AUROC, {90.9, 0}},
    {FE_BENCHMARK_VISA, "last4", FE_FIGURE_IMAGE_AUROC, {87.8, 0.1}},
    {FE_BENCHMARK_VISA, "last4", FE_FIGURE_IMAGE_AP, {90.0, 0}},
    {FE_BENCHMARK_VISA, "last4", FE_FIGURE_PIXEL_AUROC, {92.7, 0}},
    {FE_BENCHMARK_VISA, "spread", FE_FIGURE_IMAGE_AUROC, {88.2, 0}},
    {FE_BENCHMARK_VISA, "spread", FE_FIGURE_PIXEL_AUROC, {93.7, 0}},
    {FE_BENCHMARK_VISA, "even", FE_FIGURE_IMAGE_AUROC, {81.2, 0}},
    {FE_BENCHMARK_BTAD, "last4", FE_FIGURE_IMAGE_AUROC, {88.2, 0.2}},
    {FE_BENCHMARK_BTAD, "last4", FE_FIGURE_IMAGE_AP, {94.2, 0}},
    {FE_BENCHMARK_BTAD, "last4", FE_FIGURE_PIXEL_AUROC, {87.5, 0}},
    {FE_BENCHMARK_BTAD, "spread", FE_FIGURE_IMAGE_AUROC, {89.8, 0}},
};

static const struct {
  const char *name;
  guint blocks[N_TAPS]; /* of 24 */
} tap_sets[] = {
    {"last4", {20, 21, 22, 23}},
    {"spread", {15, 18, 21, 23}},
    {"even", {0, 8, 15, 23}},
};

const char *
fe_benchmark_get_name (FeBenchmark self)
{
  return benchmarks[self].name;
}

const char *
fe_benchmark_get_title (FeBenchmark self)
{
  return benchmarks[self].title;
}

FeBenchmark
fe_benchmark_find (const char *name)
{
  guint i = 0;

  while (i < FE_N_BENCHMARKS && !g_str_equal (benchmarks[i].name, name))
    i++;
  return i;
}

FeBenchmark
fe_benchmark_get_trained_on (FeBenchmark self)
{
  return benchmarks[self].trained_on;
}

const char *
fe_figure_get_key (FeFigure self)
{
  return figures[self].key;
}

const char *
fe_figure_get_title (FeFigure self)
{
  return figures[self].title;
}

FePublished
fe_published_by_paper (FeBenchmark benchmark, FeFigure figure)
{
  return (FePublished){benchmarks[benchmark].paper[figure], 0};
}

FePublished
fe_published_by_reproduction (FeBenchmark benchmark, const char *taps,
                              FeFigure figure)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reproduced); i++)
    if (reproduced[i].benchmark == benchmark && reproduced[i].figure == figure
        && g_str_equal (reproduced[i].taps, taps))
      return reproduced[i].value;
  return (FePublished){0};
}

char *
fe_taps_resolve (const char *taps, guint n_blocks, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  gsize set = 0;
  int last = -1;

  while (set < G_N_ELEMENTS (tap_sets)
         && !g_str_equal (tap_sets[set].name, taps))
    set++;
  if (set == G_N_ELEMENTS (tap_sets))
    return g_strdup (taps); /* a list, which the trainer checks */
  for (guint i = 0; i < N_TAPS; i++) {
    /* The last blocks stay next to each other. */
    int block = set == 0 ? (int)n_blocks - N_TAPS + (int)i
                         : (int)lrint (tap_sets[set].blocks[i]
                                       * ((double)n_blocks - 1) / 23);

    if (block <= last) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--taps: \"%s\" does not fit a model of %u blocks", taps,
                   n_blocks);
      return NULL;
    }
    g_string_append_printf (list, "%s%d", i ? "," : "", block);
    last = block;
  }
  return g_strdup (list->str);
}
