/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

typedef enum {
  FE_DEFECT_SCRATCH,
  FE_DEFECT_CRACK,
  FE_DEFECT_HOLE,
  FE_DEFECT_DENT,
  FE_DEFECT_STAIN,
  FE_DEFECT_CHIP,
  FE_DEFECT_MISSING_PART,
  FE_DEFECT_FOREIGN_BODY,
  FE_DEFECT_MISPRINT,
  FE_DEFECT_THREAD,
  FE_DEFECT_BURN,
  FE_DEFECT_BEND,
  FE_DEFECT_SMEAR,
  FE_DEFECT_RUST,
  FE_DEFECT_CREASE,
  FE_DEFECT_DISCOLORATION,
  FE_DEFECT_SPLATTER,
  FE_N_DEFECTS,
} FeDefectId;

/* One defect to be: where, how large and how plain. */
typedef struct {
  FeRandom random;
  /* From 0, hard to see, to 1. */
  float severity;
  /* From 0, a few pixels, to 1, a good part of the image. */
  float extent;
  float x;
  float y;
} FeDefect;

typedef struct {
  const char *name;
  /* How a caption names it, after "a" or "an" and an adjective. */
  const char *phrase;
  /* Long rather than large. */
  gboolean line;
  /* Changes a finished scene before it is lit. */
  void (*apply) (FeScene *scene, FeDefect *defect);
} FeDefectKind;

/* Of FE_N_DEFECTS kinds, in the enumeration's order. */
const FeDefectKind *fe_defect_kind (FeDefectId id);

/* -1 where there is none of that name. */
int fe_defect_find (const char *name);

/* A defect somewhere on the object. */
FeDefect fe_defect_make (const FeScene *scene, guint64 seed, float severity,
                         float extent);

/* The radius that the defect's extent stands for, never below a pixel or so. */
float fe_defect_radius (const FeDefect *defect, const FeScene *scene, float low,
                        float high);

/* A stroke's half width, from a hair's to that of a few. */
float fe_defect_width (FeDefect *defect, const FeScene *scene, float low,
                       float high);

/* To the edge of an object, where things break off. */
void fe_defect_move_to_edge (FeDefect *defect, const FeScene *scene);

/* line_marks.c */
void fe_defect_scratch (FeScene *scene, FeDefect *defect);
void fe_defect_crack (FeScene *scene, FeDefect *defect);
void fe_defect_thread (FeScene *scene, FeDefect *defect);
void fe_defect_crease (FeScene *scene, FeDefect *defect);
/* relief_marks.c */
void fe_defect_hole (FeScene *scene, FeDefect *defect);
void fe_defect_dent (FeScene *scene, FeDefect *defect);
void fe_defect_chip (FeScene *scene, FeDefect *defect);
void fe_defect_foreign_body (FeScene *scene, FeDefect *defect);
/* color_marks.c */
void fe_defect_stain (FeScene *scene, FeDefect *defect);
void fe_defect_burn (FeScene *scene, FeDefect *defect);
void fe_defect_smear (FeScene *scene, FeDefect *defect);
void fe_defect_rust (FeScene *scene, FeDefect *defect);
void fe_defect_discoloration (FeScene *scene, FeDefect *defect);
void fe_defect_splatter (FeScene *scene, FeDefect *defect);
/* part_marks.c */
void fe_defect_missing_part (FeScene *scene, FeDefect *defect);
void fe_defect_bend (FeScene *scene, FeDefect *defect);
void fe_defect_misprint (FeScene *scene, FeDefect *defect);

G_END_DECLS
