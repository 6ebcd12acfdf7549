/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/surface.h"

#include "synth/defect.h"

#define D(name) (1u << FE_DEFECT_##name)

/* Defects that every kind can have. */
#define ANY (D (STAIN) | D (FOREIGN_BODY) | D (THREAD) | D (SPLATTER))
#define METAL (ANY | D (SCRATCH) | D (DENT) | D (SMEAR) | D (RUST))
#define STONE (ANY | D (SCRATCH) | D (CRACK) | D (CHIP) | D (HOLE) | D (SMEAR))
#define CLOTH (ANY | D (HOLE) | D (BURN) | D (CREASE) | D (DISCOLORATION))
#define PRESSED (ANY | D (CRACK) | D (CHIP) | D (DISCOLORATION))

static const FeSurfaceKind kinds[] = {
    {"brushed-metal", "brushed metal", FALSE, fe_surface_brushed_metal,
     METAL | D (DISCOLORATION) | D (BURN)},
    {"rolled-steel", "rolled steel", FALSE, fe_surface_rolled_steel,
     METAL | D (CRACK) | D (DISCOLORATION) | D (HOLE)},
    {"cast-iron", "cast iron", FALSE, fe_surface_cast_iron,
     METAL | D (CRACK) | D (CHIP) | D (HOLE)},
    {"wood", "wood", FALSE, fe_surface_wood,
     ANY | D (SCRATCH) | D (CRACK) | D (HOLE) | D (DENT) | D (BURN) | D (SMEAR)
         | D (CHIP) | D (DISCOLORATION)},
    {"leather", "leather", FALSE, fe_surface_leather,
     CLOTH | D (SCRATCH) | D (SMEAR) | D (DENT)},
    {"woven-fabric", "woven fabric", FALSE, fe_surface_woven_fabric,
     CLOTH | D (BEND)},
    {"carpet", "carpet", FALSE, fe_surface_carpet, CLOTH},
    {"tiles", "ceramic tiles", FALSE, fe_surface_tiles,
     STONE | D (DISCOLORATION)},
    {"bricks", "brickwork", FALSE, fe_surface_bricks,
     STONE | D (DISCOLORATION)},
    {"concrete", "concrete", FALSE, fe_surface_concrete, STONE},
    {"terrazzo", "terrazzo", FALSE, fe_surface_terrazzo, STONE},
    {"metal-grid", "a wire mesh", FALSE, fe_surface_metal_grid,
     ANY | D (BEND) | D (HOLE) | D (RUST) | D (SMEAR)},
    {"perforated-sheet", "perforated sheet metal", FALSE,
     fe_surface_perforated_sheet, METAL | D (BEND)},
    {"solar-cell", "a solar cell", FALSE, fe_surface_solar_cell,
     ANY | D (CRACK) | D (SCRATCH) | D (BURN) | D (SMEAR) | D (DISCOLORATION)},
    {"circuit-board", "a circuit board", FALSE, fe_surface_circuit_board,
     ANY | D (SCRATCH) | D (MISSING_PART) | D (BURN) | D (SMEAR) | D (HOLE)
         | D (DISCOLORATION)},
    {"screw", "a screw", TRUE, fe_surface_screw,
     METAL | D (BEND) | D (MISSING_PART) | D (CHIP)},
    {"nut", "a nut", TRUE, fe_surface_nut,
     METAL | D (CRACK) | D (CHIP) | D (MISSING_PART)},
    {"washer", "a washer", TRUE, fe_surface_washer,
     METAL | D (BEND) | D (CRACK) | D (CHIP) | D (DISCOLORATION)},
    {"gear", "a gear", TRUE, fe_surface_gear,
     METAL | D (MISSING_PART) | D (CRACK) | D (CHIP)},
    {"bottle-cap", "a bottle cap", TRUE, fe_surface_bottle_cap,
     METAL | D (BEND) | D (MISPRINT) | D (DISCOLORATION)},
    {"bottle-bottom", "a bottle from above", TRUE, fe_surface_bottle_bottom,
     ANY | D (CRACK) | D (CHIP) | D (SCRATCH) | D (MISSING_PART)},
    {"glass-pane", "a pane of glass", FALSE, fe_surface_glass_pane,
     ANY | D (CRACK) | D (SCRATCH) | D (CHIP) | D (SMEAR)},
    {"tablet", "a tablet", TRUE, fe_surface_tablet,
     PRESSED | D (SCRATCH) | D (MISSING_PART)},
    {"capsule", "a capsule", TRUE, fe_surface_capsule,
     ANY | D (DENT) | D (CRACK) | D (MISPRINT) | D (SCRATCH) | D (DISCOLORATION)
         | D (BEND)},
    {"biscuit", "a biscuit", TRUE, fe_surface_biscuit,
     PRESSED | D (BURN) | D (MISSING_PART) | D (HOLE)},
    {"cable", "the cut end of a cable", TRUE, fe_surface_cable,
     ANY | D (MISSING_PART) | D (BURN) | D (HOLE) | D (SCRATCH) | D (BEND)},
    {"zipper", "a zipper", TRUE, fe_surface_zipper,
     CLOTH | D (MISSING_PART) | D (BEND)},
    {"toothbrush", "a toothbrush head", TRUE, fe_surface_toothbrush,
     ANY | D (MISSING_PART) | D (BEND) | D (BURN) | D (DISCOLORATION)},
    {"label", "a printed label", TRUE, fe_surface_label,
     ANY | D (MISPRINT) | D (CREASE) | D (SCRATCH) | D (SMEAR) | D (HOLE)
         | D (DISCOLORATION)},
};

const FeSurfaceKind *
fe_surface_kinds (guint *n)
{
  *n = G_N_ELEMENTS (kinds);
  return kinds;
}

const FeSurfaceKind *
fe_surface_kind_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].name, name))
      return &kinds[i];
  return NULL;
}
