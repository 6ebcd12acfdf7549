/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies inside a detector, and the network that it records. */
#pragma once

#include <feclip/detector.h>

#include "config.h"
#include "few_shot.h"
#include "join.h"
#include "model.h"
#include "preprocess.h"
#include "stopwatch.h"

G_BEGIN_DECLS

struct _FeclipDetector {
  GObject parent;

  FeclipModel *model;
  FeConfig config;

  FeArena *arena;
  FeVisionActivations vision;
  FeAdapterActivations adapters; /* empty without adapters */
  FeBuffer *text;                /* [2][padded E], normalised */
  FeBuffer *values;              /* [n_taps] scores, [G·G] map, [G·G] M_few;
                                  * read back */
  FeBuffer *enlarged;            /* [S·S] map, read back; with smoothing */
  FeBuffer *scratch;             /* [S·S] */
  FeBuffer *smoothing;           /* [smoothing_radius + 1] */
  guint smoothing_radius;
  FeFewShot few_shot;

  FePreprocess *preprocess;
  FeStopwatch watch;
  FeclipStageTimes times;

  /* For the frames that came last. */
  FeCommands *commands; /* all, or what lies behind a tile's pixels */
  GPtrArray *tiles;     /* FeCommands for each tile's pixels; NULL: no tiles */
  FeJoin join;
};

/* G·G. */
guint fe_detector_count_patches (const FeclipDetector *self);

/* Whether the prompts make a map, or a share of one. */
gboolean fe_detector_has_prompt_map (const FeclipDetector *self);

/* Whether there is a map at all. */
gboolean fe_detector_has_map (const FeclipDetector *self);

/* Where the map that is shown begins among the values. */
guint fe_detector_get_map_first (const FeclipDetector *self);

/* Cells along a map's edge as the network makes it, 0 if it makes none. */
guint fe_detector_get_map_edge (const FeclipDetector *self);

/* Encodes the prompts to self->text, whose memory is the arena's. */
gboolean fe_detector_prepare_text (FeclipDetector *self,
                                   const FeclipSettings *settings,
                                   GError **error);

/* Has memory for all that is computed. */
void fe_detector_prepare_activations (FeclipDetector *self);

/* Records everything from the patches to the last tap, or to the features that
 * references are made of. */
void fe_detector_record_network (FeclipDetector *self, FeCommands *commands,
                                 gboolean features_only);

/* Records everything from the patches to the result. */
void fe_detector_record_result (FeclipDetector *self, FeCommands *commands);

G_END_DECLS
