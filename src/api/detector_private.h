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

  FeActivations *images; /* its own, or a batch's: */
  gboolean in_batch;
  FeFewShot few_shot;

  FePreprocess *preprocess;
  FeStopwatch watch;
  FeclipStageTimes times;

  /* For the frames that came last. */
  FeCommands *commands; /* all, or what lies behind a tile's pixels */
  GPtrArray *tiles;     /* FeCommands for each tile's pixels; NULL: no tiles */
  GPtrArray *places;    /* FeCommands for the frame's pixels as one of a batch's
                         * images, NULL where not recorded */
  FeTileMerge join;
};

FeDevice *fe_detector_get_device (const FeclipDetector *self);

/* Whether there is a map at all. */
gboolean fe_detector_has_map (const FeclipDetector *self);

/* Where the map that is shown begins among the values. */
guint fe_detector_get_map_first (const FeclipDetector *self, guint image);

/* Cells along a map's edge as the network makes it, 0 if it makes none. */
guint fe_detector_get_map_edge (const FeclipDetector *self);

/* Records everything from the first image's patches to the features that
 * references are made of, or to the result. */
void fe_detector_record_features (FeclipDetector *self, FeCommands *commands);
void fe_detector_record_result (FeclipDetector *self, FeCommands *commands);

/* Records everything from the patches of n images to their results, without
 * references. */
void fe_activations_record_results (const FeActivations *self, guint n,
                                    FeCommands *commands);

/* What follows needs the images' lock. */

/* Forgets what is recorded, for what it was recorded with changes. */
void fe_detector_forget_frames (FeclipDetector *self);

/* Uploads a whole frame and plans its tiles and their joining. */
gboolean fe_detector_take_frame (FeclipDetector *self, const FeclipFrame *frame,
                                 GError **error);

/* Whether the frame taken is one image, compared with prompts alone. */
gboolean fe_detector_is_plain (const FeclipDetector *self);

/* Runs the network on the frame taken. */
FeclipResult *fe_detector_run (FeclipDetector *self, GError **error);

/* Has the frame taken, a plain one, as one of the images. What fills its
 * patches is to be run before the network. */
FeCommands *fe_detector_place (FeclipDetector *self, guint image,
                               GError **error);

/* What the network has found in that image. */
FeclipResult *fe_detector_read_place (FeclipDetector *self, guint image,
                                      GError **error);

/* With `images` of a batch, or NULL for its own. */
FeclipDetector *fe_detector_new (FeclipModel *model, FeclipSettings *settings,
                                 FeActivations *images, GError **error);

G_END_DECLS
