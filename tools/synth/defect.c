/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/defect.h"

static const FeDefectKind kinds[FE_N_DEFECTS] = {
    [FE_DEFECT_SCRATCH] = {"scratch", "scratch", TRUE, fe_defect_scratch},
    [FE_DEFECT_CRACK] = {"crack", "crack", TRUE, fe_defect_crack},
    [FE_DEFECT_HOLE] = {"hole", "hole", FALSE, fe_defect_hole},
    [FE_DEFECT_DENT] = {"dent", "dent", FALSE, fe_defect_dent},
    [FE_DEFECT_STAIN] = {"stain", "stain", FALSE, fe_defect_stain},
    [FE_DEFECT_CHIP] = {"chip", "chipped spot", FALSE, fe_defect_chip},
    [FE_DEFECT_MISSING_PART] = {"missing-part", "missing part", FALSE,
                                fe_defect_missing_part},
    [FE_DEFECT_FOREIGN_BODY] = {"foreign-body", "foreign body", FALSE,
                                fe_defect_foreign_body},
    [FE_DEFECT_MISPRINT] = {"misprint", "misprint", FALSE, fe_defect_misprint},
    [FE_DEFECT_THREAD] = {"thread", "loose thread", TRUE, fe_defect_thread},
    [FE_DEFECT_BURN] = {"burn", "burn mark", FALSE, fe_defect_burn},
    [FE_DEFECT_BEND] = {"bend", "bent place", FALSE, fe_defect_bend},
    [FE_DEFECT_SMEAR] = {"smear", "smear", FALSE, fe_defect_smear},
    [FE_DEFECT_RUST] = {"rust", "rust patch", FALSE, fe_defect_rust},
    [FE_DEFECT_CREASE] = {"crease", "crease", TRUE, fe_defect_crease},
    [FE_DEFECT_DISCOLORATION] = {"discoloration", "discolored patch", FALSE,
                                 fe_defect_discoloration},
    [FE_DEFECT_SPLATTER] = {"splatter", "patch of splatter", FALSE,
                            fe_defect_splatter},
};

const FeDefectKind *
fe_defect_kind (FeDefectId id)
{
  return &kinds[id];
}

int
fe_defect_find (const char *name)
{
  for (int i = 0; i < FE_N_DEFECTS; i++)
    if (g_str_equal (kinds[i].name, name))
      return i;
  return -1;
}

/* A place on the object, rarely at the image's border. */
static void
find_place (const FeScene *scene, FeDefect *defect)
{
  float half_width = (float)scene->width * scene->pixel / 2;
  float half_height = (float)scene->height * scene->pixel / 2;

  for (int i = 0; i < 100; i++) {
    float spread = i < 90 ? 0.93F : 1;

    defect->x =
        spread * fe_random_range (&defect->random, -half_width, half_width);
    defect->y =
        spread * fe_random_range (&defect->random, -half_height, half_height);
    if (fe_scene_texel (scene, defect->x, defect->y)->cover > 0.9F)
      return;
  }
}

FeDefect
fe_defect_make (const FeScene *scene, guint64 seed, float severity,
                float extent)
{
  FeDefect defect = {
      .random = fe_random_make (seed), .severity = severity, .extent = extent};

  find_place (scene, &defect);
  return defect;
}

float
fe_defect_radius (const FeDefect *defect, const FeScene *scene, float low,
                  float high)
{
  return MAX (low * powf (high / low, defect->extent), 1.3F * scene->pixel);
}

float
fe_defect_width (FeDefect *defect, const FeScene *scene, float low, float high)
{
  float width = fe_random_log_range (&defect->random, low, high);

  return MAX (width, 0.6F * scene->pixel);
}

void
fe_defect_move_to_edge (FeDefect *defect, const FeScene *scene)
{
  float angle = fe_random_angle (&defect->random);

  if (!scene->under)
    return;
  for (int i = 0; i < 200; i++) {
    float x = defect->x + 0.005F * cosf (angle);
    float y = defect->y + 0.005F * sinf (angle);

    if (fabsf (x) > 0.6F || fabsf (y) > 0.6F
        || fe_scene_texel (scene, x, y)->cover < 0.5F)
      return;
    defect->x = x;
    defect->y = y;
  }
}
