/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* A kind of surface or object. */
typedef struct {
  const char *name;
  /* Its name in captions. */
  const char *phrase;
  /* An object on something else, not a surface that fills the image. */
  gboolean object;
  /* Fills an empty scene. */
  void (*render) (FeScene *scene);
  /* The defects it can have: 1 << FeDefectId. */
  guint defects;
} FeSurfaceKind;

const FeSurfaceKind *fe_surface_kinds (guint *n);

/* NULL if no kind has this name. */
const FeSurfaceKind *fe_surface_kind_find (const char *name);

/* metal.c */
void fe_surface_brushed_metal (FeScene *scene);
void fe_surface_rolled_steel (FeScene *scene);
void fe_surface_cast_iron (FeScene *scene);
/* natural.c */
void fe_surface_wood (FeScene *scene);
void fe_surface_leather (FeScene *scene);
/* cloth.c */
void fe_surface_woven_fabric (FeScene *scene);
void fe_surface_carpet (FeScene *scene);
/* masonry.c */
void fe_surface_tiles (FeScene *scene);
void fe_surface_bricks (FeScene *scene);
void fe_surface_concrete (FeScene *scene);
void fe_surface_terrazzo (FeScene *scene);
/* sheet.c */
void fe_surface_metal_grid (FeScene *scene);
void fe_surface_perforated_sheet (FeScene *scene);
/* cell.c */
void fe_surface_solar_cell (FeScene *scene);
/* board.c */
void fe_surface_circuit_board (FeScene *scene);
/* screw.c */
void fe_surface_screw (FeScene *scene);
/* fastener.c */
void fe_surface_nut (FeScene *scene);
void fe_surface_washer (FeScene *scene);
void fe_surface_gear (FeScene *scene);
/* closure.c */
void fe_surface_bottle_cap (FeScene *scene);
/* glass.c */
void fe_surface_bottle_bottom (FeScene *scene);
void fe_surface_glass_pane (FeScene *scene);
/* pill.c */
void fe_surface_tablet (FeScene *scene);
void fe_surface_capsule (FeScene *scene);
/* biscuit.c */
void fe_surface_biscuit (FeScene *scene);
/* cable.c */
void fe_surface_cable (FeScene *scene);
/* zipper.c */
void fe_surface_zipper (FeScene *scene);
/* brush.c */
void fe_surface_toothbrush (FeScene *scene);
/* label.c */
void fe_surface_label (FeScene *scene);

G_END_DECLS
