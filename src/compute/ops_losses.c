/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/ops_losses.h"

#include <math.h>

#include "compute/ops_shapes.h"

/* Decay rates of Adam, as in adam.comp. */
#define MEAN_DECAY 0.9
#define SQUARE_DECAY 0.999

/* Workgroups in x; every device supports at least 65535. */
#define MAX_GROUPS 32768

void
fe_op_score_loss (FeCommands *commands, const FeLosses *losses,
                  FeBuffer *scores, FeBuffer *gradients)
{
  const struct {
    guint32 count, images;
    float scale;
  } push = {losses->n_taps * losses->images, losses->images,
            1.0f / (float)losses->n_taps};

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SCORE_LOSS,
          .use = "loss",
          .buffers = {scores, losses->targets, losses->losses, gradients},
          .push = &push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), push.count)},
      });
}

/* Push constants of map_sums.comp; map_losses_backward.comp has one more. */
typedef struct {
  guint32 edge, columns4, map_step, mask_step, images;
  float alpha, gamma, scale;
} MapPush;

static MapPush
map_push (const FeLosses *losses, const FeMapLosses *maps)
{
  const FeMatrix *map = &maps->maps, *mask = &maps->masks;

  g_assert (map->rows == map->columns && mask->rows == map->rows);
  g_assert (map->batch == losses->n_taps * losses->images
            && mask->batch == losses->images);
  g_assert (is_whole (map) && is_whole (mask));
  return (MapPush){
      .edge = map->rows,
      .columns4 = columns4 (map),
      .map_step = map->batch_stride,
      .mask_step = mask->batch_stride,
      .images = losses->images,
      .alpha = (float)losses->alpha,
      .gamma = (float)losses->gamma,
      .scale = 1.0f / (float)losses->n_taps,
  };
}

void
fe_op_map_losses (FeCommands *commands, const FeLosses *losses,
                  const FeMapLosses *maps)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const MapPush push = map_push (losses, maps);
  const guint32 count_push[] = {maps->maps.batch, push.edge};

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_MAP_SUMS,
          .use = "loss",
          .buffers = {maps->maps.buffer, maps->masks.buffer, maps->sums},
          .push = &push,
          .push_size = offsetof (MapPush, scale),
          .groups = {fe_groups (device, push.edge), 1, count_push[0]},
      });
  fe_commands_dispatch (
      commands, &(FeDispatch){
                    .kernel = FE_KERNEL_MAP_LOSSES,
                    .use = "loss",
                    .buffers = {maps->sums, maps->totals, losses->losses},
                    .push = count_push,
                    .push_size = sizeof count_push,
                    .groups = {fe_groups (device, count_push[0])},
                });
}

void
fe_op_map_losses_backward (FeCommands *commands, const FeLosses *losses,
                           const FeMapLosses *maps, const FeMatrix *gradients)
{
  const MapPush push = map_push (losses, maps);

  g_assert (is_whole (gradients)
            && gradients->batch_stride == maps->maps.batch_stride);
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_MAP_LOSSES_BACKWARD,
          .use = "loss",
          .buffers = {maps->maps.buffer, maps->masks.buffer, maps->totals,
                      losses->targets, gradients->buffer},
          .push = &push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, push.columns4),
                     panels (commands, push.edge), maps->maps.batch},
      });
}

void
fe_op_adam (FeCommands *commands, const FeAdam *adam, FeBuffer *schedule)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const struct {
    guint32 count4, second_rate;
    float scale;
  } push = {(guint32)(adam->weights->size / (4 * sizeof (float))),
            adam->rate == FE_RATE_FC_PATCH, (float)adam->scale};
  guint groups = fe_groups (device, push.count4);

  g_assert (adam->gradient->size == adam->weights->size
            && adam->mean->size == adam->weights->size
            && adam->square->size == adam->weights->size);
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_ADAM,
          .use = "step",
          .buffers = {adam->weights, adam->gradient, adam->mean, adam->square,
                      schedule},
          .push = &push,
          .push_size = sizeof push,
          .groups = {MIN (groups, MAX_GROUPS), divide_up (groups, MAX_GROUPS)},
      });
}

void
fe_adam_schedule (guint64 step, double scale, const double rates[2],
                  float schedule[4])
{
  double correction = 1 - pow (MEAN_DECAY, (double)step);

  schedule[0] = (float)scale;
  schedule[1] = (float)(rates[FE_RATE_ADAPTERS] / correction);
  schedule[2] = (float)(rates[FE_RATE_FC_PATCH] / correction);
  schedule[3] = (float)(1 / sqrt (1 - pow (SQUARE_DECAY, (double)step)));
}
