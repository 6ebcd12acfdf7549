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

/* The place, size and strength of one defect. */
typedef struct {
  FeRandom random;
  /* From 0, hard to see, to 1. */
  float severity;
  /* From 0, a few pixels, to 1, a large part of the image. */
  float extent;
  float x;
  float y;
} FeDefect;

typedef struct {
  const char *name;
  /* Its name in captions, after "a" or "an" and an adjective. */
  const char *phrase;
  /* Whether it is a line, without an inside. */
  gboolean line;
  /* Applies the defect to a finished scene, before light. */
  void (*apply) (FeScene *scene, FeDefect *defect);
} FeDefectKind;

/* One of FE_N_DEFECTS kinds, in the order of FeDefectId. */
const FeDefectKind *fe_defect_kind (FeDefectId id);

/* -1 if no defect has this name. */
int fe_defect_find (const char *name);

/* A defect somewhere on the object. */
FeDefect fe_defect_make (const FeScene *scene, guint64 seed, float severity,
                         float extent);

/* The radius for the defect's extent, at least about a pixel. */
float fe_defect_radius (const FeDefect *defect, const FeScene *scene, float low,
                        float high);

/* Half the width of a line for the defect's extent. */
float fe_defect_width (FeDefect *defect, const FeScene *scene, float low,
                       float high);

/* Moves the defect to the edge of the object, where pieces break off. */
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
