/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* A spot with an uneven edge. */
typedef struct {
  FePose pose;
  /* Half its length over half its width. */
  float stretch;
  /* The amplitude of the edge's unevenness, as a share of the radius. */
  float uneven;
  /* How wide the edge is, as a share of the radius. */
  float soft;
  guint32 seed;
} FeBlob;

FeBlob fe_blob_make (FeRandom *random, float x, float y, float radius);

/*
 * The distance to the edge in radii, about -1 in the middle and 0 at the edge,
 * unevenness included.
 */
float fe_blob_distance (const FeBlob *self, FePoint p);

/* 1 inside, 0 outside, and in between at the edge. */
float fe_blob_share (const FeBlob *self, FePoint p);

/* The square that reaches @radii radii to each side of the blob. */
FeArea fe_blob_area (const FeBlob *self, float radii);

G_END_DECLS
