/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/sample.h"

G_BEGIN_DECLS

/* An item's square as a share of the frame's height. */
#define FE_CARRIED_SQUARE 0.78F
/* The distance of the left edges of two squares, in squares. */
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

/* Renders the item of @request; @studio lights it to check that the defect is
 * visible. */
void fe_carried_init (FeCarried *self, const FeSampleRequest *request,
                      const FeStudio *studio);

void fe_carried_clear (FeCarried *self);

/* Draws the item into @frame with the left edge of its square at @left. */
void fe_carried_lay (const FeCarried *self, FeScene *frame, float left);

G_END_DECLS
