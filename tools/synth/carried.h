/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/sample.h"

G_BEGIN_DECLS

/* An item's square as a share of the frame's height. */
#define FE_CARRIED_SQUARE 0.78F
/* From one square's left edge to the next one's, in squares. */
#define FE_CARRIED_SPACING 1.12F

/* One item on a belt. */
typedef struct {
  FeSampleRequest request;
  /* The item and its defect on a square of its own. */
  FeScene *scene;
  /* Within the square, in pixels; the defect's is empty where there is none. */
  FePixels box;
  FePixels defect_box;
  float severity;
  /* The square's left edge before the belt moves, and its top. */
  float left;
  int top;
} FeCarried;

/* Makes the item that @request stands for, lit for checking by @studio. */
void fe_carried_init (FeCarried *self, const FeSampleRequest *request,
                      const FeStudio *studio);

void fe_carried_clear (FeCarried *self);

/* Lays the item on @frame with its square's left edge at @left. */
void fe_carried_lay (const FeCarried *self, FeScene *frame, float left);

G_END_DECLS
