/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Losses of a training step, their gradients, and the Adam step. */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

/* Floats per image in `targets` and per score and map in `losses`, since
 * kernels read and write them as vec4. */
#define FE_LOSS_FIELDS 4

/* Shared by the losses of all taps. Tables are [n_taps][images], so that the
 * elements of a tap are contiguous. */
typedef struct {
  guint n_taps;
  guint images;
  double alpha; /* of the focal loss */
  double gamma;
  FeBuffer *targets; /* [images][4]: label; weights of cross-entropy, focal and
                      * Dice loss in the gradients */
  FeBuffer *losses;  /* [n_taps][images][4]: the three losses, unweighted */
} FeLosses;

/* Cross-entropy of scores [n_taps][images] against the labels. gradients, of
 * the same shape, are those of the mean over the taps. */
void fe_op_score_loss (FeCommands *commands, const FeLosses *losses,
                       FeBuffer *scores, FeBuffer *gradients);

/* Focal and Dice loss of maps [n_taps · images][edge][edge] against masks
 * [images][edge][edge] of zeros and ones. `sums` [n_taps · images · edge][4]
 * and `totals` [n_taps · images][4] are intermediate results that the gradient
 * needs. */
typedef struct {
  FeMatrix maps;
  FeMatrix masks;
  FeBuffer *sums;
  FeBuffer *totals;
} FeMapLosses;

void fe_op_map_losses (FeCommands *commands, const FeLosses *losses,
                       const FeMapLosses *maps);

/* gradients, of the shape of maps, are those of the mean over the taps. */
void fe_op_map_losses_backward (FeCommands *commands, const FeLosses *losses,
                                const FeMapLosses *maps,
                                const FeMatrix *gradients);

/* Index of a learning rate in the schedule. */
typedef enum {
  FE_RATE_ADAPTERS,
  FE_RATE_FC_PATCH,
} FeRate;

/* One parameter of Adam (Kingma & Ba 2015): weights, gradient, and first and
 * second moment, all four in the same layout. The step sets the gradient to
 * zero. */
typedef struct {
  FeBuffer *weights;
  FeBuffer *gradient;
  FeBuffer *mean;
  FeBuffer *square;
  double scale; /* multiplies the gradient */
  FeRate rate;
} FeAdam;

/* `schedule` is filled by fe_adam_schedule(). */
void fe_op_adam (FeCommands *commands, const FeAdam *adam, FeBuffer *schedule);

/* Fills schedule [4] for a step, counted from 1, with the learning rates and
 * bias corrections; `scale` multiplies all gradients. */
void fe_adam_schedule (guint64 step, double scale, const double rates[2],
                       float schedule[4]);

G_END_DECLS
