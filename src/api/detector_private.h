/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A detector's fields, and what the files that implement it share: detector.c,
 * detector_network.c (recording the network), detector_references.c,
 * detector_profile.c and batch.c. */
#pragma once

#include <feclip/detector.h>

#include "api/model.h"
#include "base/stopwatch.h"
#include "image/preprocess.h"
#include "image/tile_merge.h"
#include "network/activations.h"
#include "references/few_shot.h"

G_BEGIN_DECLS

struct _FeclipDetector {
  GObject parent;

  FeclipModel *model;
  FeConfig config;
  float *text; /* [2][padded E] of its prompts, normalised */

  FeActivations *images; /* its own, or those of a batch */
  gboolean in_batch;
  FeFewShot few_shot;

  FePreprocess *preprocess;
  FeStopwatch watch;
  FeclipStageTimes times;

  /* The fields below are for frames like the last one. */

  /* Without tiles the whole analysis; with tiles what follows their patches. */
  FeCommands *commands;
  /* FeCommands that fill the patches of each tile; NULL without tiles. */
  GPtrArray *tiles;
  /* FeCommands that fill the patches of a batch item, by its index; NULL where
   * not recorded. */
  GPtrArray *places;
  FeTileMerge merge;
};

FeDevice *fe_detector_get_device (const FeclipDetector *self);

/* Whether there is a map at all. */
gboolean fe_detector_has_map (const FeclipDetector *self);

/* Index of the first number of the image's map among the values. */
guint fe_detector_get_map_first (const FeclipDetector *self, guint image);

/* Cells along the edge of the map that the network computes, 0 without a
 * map. */
guint fe_detector_get_map_edge (const FeclipDetector *self);

/* Records everything from the first image's patches to the features that
 * references are made of, or to the result. */
void fe_detector_record_features (FeclipDetector *self, FeCommands *commands);
void fe_detector_record_result (FeclipDetector *self, FeCommands *commands);

/* Records everything from the patches of n images to their results, without
 * references. */
void fe_activations_record_results (const FeActivations *self, guint n,
                                    FeCommands *commands);

/* The functions below need the lock of self->images. */

/* Frees the recorded commands, because what they were recorded for changes. */
void fe_detector_forget_frames (FeclipDetector *self);

/* Prepares for a frame and uploads it: plans its tiles and how their results
 * are merged. */
gboolean fe_detector_take_frame (FeclipDetector *self, const FeclipFrame *frame,
                                 GError **error);

/* Whether the prepared frame is one image that is compared with prompts alone,
 * so that a batch can take it. */
gboolean fe_detector_is_plain (const FeclipDetector *self);

/* Runs the network on the prepared frame. */
FeclipResult *fe_detector_run (FeclipDetector *self, GError **error);

/* Makes the prepared frame, a plain one, the batch item `image`. Returns: the
 * commands that fill its patches, to run before the network; owned by the
 * detector */
FeCommands *fe_detector_place (FeclipDetector *self, guint image,
                               GError **error);

/* Reads the result of that batch item. */
FeclipResult *fe_detector_read_place (FeclipDetector *self, guint image,
                                      GError **error);

/* Makes a detector with the activations of a batch, or with its own for
 * NULL. */
FeclipDetector *fe_detector_new (FeclipModel *model, FeclipSettings *settings,
                                 FeActivations *images, GError **error);

G_END_DECLS
