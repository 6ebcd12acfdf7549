/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A printed circuit board: traces, pads and vias, then parts and print. */
#include "synth/glyphs.h"
#include "synth/noise.h"
#include "synth/surface.h"

/* Traces run on a lattice of this many lines. */
#define LINES 26
#define MAX_PARTS 26

/* The directions of the traces at each crossing of the lattice. */
enum {
  EAST = 1,
  SOUTH = 2,
  SOUTH_EAST = 4,
  SOUTH_WEST = 8,
  VIA = 16,
};

typedef struct {
  FePose pose;
  FeColor mask;
  FeColor pad;
  FeColor print;
  guint32 seed;
  float spacing;
  float trace;
  guint8 ways[LINES][LINES];
} Board;

static float
segment_distance (float x, float y, float to_x, float to_y)
{
  float t =
      fe_clamp ((x * to_x + y * to_y) / (to_x * to_x + to_y * to_y), 0, 1);

  return fe_length (x - to_x * t, y - to_y * t);
}

/* The distance to the nearest trace in lattice units; @via to the next hole. */
static float
trace_distance (const Board *self, float x, float y, float *via)
{
  static const float ends[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
  int column = fe_floor (x);
  int row = fe_floor (y);
  float nearest = 9;

  *via = 9;
  for (int j = row - 1; j <= row + 1; j++) {
    for (int i = column - 1; i <= column + 2; i++) {
      float dx = x - (float)i;
      float dy = y - (float)j;
      guint8 ways;

      if (i < 0 || j < 0 || i >= LINES || j >= LINES)
        continue;
      ways = self->ways[j][i];
      for (int k = 0; k < 4; k++)
        if (ways & (1 << k))
          nearest =
              MIN (nearest, segment_distance (dx, dy, ends[k][0], ends[k][1]));
      if (ways & VIA)
        *via = MIN (*via, fe_length (dx, dy));
    }
  }
  return nearest;
}

static void
paint_board (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Board *self = data;
  FePoint q = fe_pose_enter (&self->pose, p);
  float via;
  float x = q.x / self->spacing + LINES / 2;
  float y = q.y / self->spacing + LINES / 2;
  float trace =
      (trace_distance (self, x, y, &via) - self->trace) * self->spacing;
  float copper = fe_coverage (trace, q.pixel);
  float ring = fe_coverage ((via - 0.36F) * self->spacing, q.pixel);
  float hole = fe_coverage ((via - 0.17F) * self->spacing, q.pixel);
  float broad = fe_noise_octaves (q, 2, 2, self->seed);
  float glass = fe_noise_grain (q, 60, 60, 1, self->seed + 3);
  const FeTexel pad = {.albedo = self->pad,
                       .height = 0.002F,
                       .gloss = 0.4F,
                       .shine = 0.5F,
                       .metal = 0.6F,
                       .cover = 1};
  const FeTexel drilled = {
      .albedo = {0.01F, 0.01F, 0.01F}, .height = -0.01F, .cover = 1};

  *texel = (FeTexel){
      .albedo = fe_color_scale (self->mask, (1 + 0.06F * broad + 0.04F * glass)
                                                * (1 + 0.75F * copper)),
      .height = 0.0025F * fe_smooth (0.003F, -0.003F, trace),
      .gloss = 0.3F,
      .shine = 0.5F,
      .cover = 1,
  };
  fe_texel_cover (texel, &pad, ring);
  fe_texel_cover (texel, &drilled, hole);
}

/* Random walks that keep their direction and do not touch each other. */
static void
route_traces (Board *self, FeRandom *design)
{
  gboolean taken[LINES][LINES] = {0};

  for (int n = 0; n < 70; n++) {
    static const int steps[8][2] = {{1, 0},  {1, 1},   {0, 1},  {-1, 1},
                                    {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};
    int x = fe_random_int (design, 0, LINES - 1);
    int y = fe_random_int (design, 0, LINES - 1);
    int way = 2 * fe_random_int (design, 0, 3);
    int length = fe_random_int (design, 3, 14);

    if (taken[y][x])
      continue;
    taken[y][x] = TRUE;
    self->ways[y][x] |= VIA;
    for (int i = 0; i < length; i++) {
      int to_x = x + steps[way][0];
      int to_y = y + steps[way][1];

      if (to_x < 0 || to_y < 0 || to_x >= LINES || to_y >= LINES
          || taken[to_y][to_x])
        break;
      if (way <= 3)
        self->ways[y][x] |=
            (guint8[]){EAST, SOUTH_EAST, SOUTH, SOUTH_WEST}[way];
      else
        self->ways[to_y][to_x] |=
            (guint8[]){EAST, SOUTH_EAST, SOUTH, SOUTH_WEST}[way - 4];
      x = to_x;
      y = to_y;
      taken[y][x] = TRUE;
      if (fe_random_chance (design, 0.3F))
        way = (way + (fe_random_chance (design, 0.5F) ? 1 : 7)) % 8;
    }
    self->ways[y][x] |= VIA;
  }
}

/* One part on the board, of any kind. */
typedef struct {
  const Board *board;
  float x;
  float y;
  gboolean upright;
  float half_width;
  float half_height;
  float height;
  FeColor body;
  /* Bare metal at both ends, as a share of the length. */
  float ends;
  int pins;
  gboolean round;
  FeGlyphs print;
} Part;

static void
paint_pins (const Part *self, float x, float y, FePoint q, FeTexel *texel)
{
  float pitch = 2 * self->half_width / (float)MAX (self->pins, 1);
  float along = (fe_fraction ((x + self->half_width) / pitch) - 0.5F) * pitch;
  float out = fabsf (y) - self->half_height;
  float edge = MAX (MAX (fabsf (along) - 0.26F * pitch, out - 0.022F),
                    fabsf (x) - self->half_width);
  const FeTexel pin = {.albedo = {0.6F, 0.6F, 0.6F},
                       .height = 0.012F * fe_smooth (0.022F, 0, out) + 0.003F,
                       .gloss = 0.4F,
                       .shine = 0.5F,
                       .metal = 0.7F,
                       .cover = 1};

  if (self->pins > 0)
    fe_texel_cover (texel, &pin, fe_coverage (edge, q.pixel));
}

static void
paint_part (gconstpointer data, FePoint p, FeTexel *texel)
{
  const Part *self = data;
  FePoint q = fe_pose_enter (&self->board->pose, p);
  float x = self->upright ? q.y - self->y : q.x - self->x;
  float y = self->upright ? self->x - q.x : q.y - self->y;
  float edge = self->round ? fe_length (x, y) - self->half_width
                           : fe_box_distance (x, y, self->half_width,
                                              self->half_height, 0.004F);
  float metal = self->ends > 0 ? fe_coverage (
                    (1 - self->ends) * self->half_width - fabsf (x), q.pixel)
                               : 0;
  float grain = fe_noise_octaves (q, 70, 2, self->board->seed + 9);
  float scale =
      2.1F * self->half_width / MAX (fe_glyphs_width (&self->print) * 1.5F, 1);
  float ink = self->print.length > 0 ? fe_glyphs_ink (
                  &self->print, x / scale + fe_glyphs_width (&self->print) / 2,
                  y / scale + 3.5F)
                                     : 0;
  FeTexel top = {
      .albedo = fe_color_scale (self->body, 1 + 0.1F * grain),
      .height = self->height * fe_dome (edge, self->round ? 0.01F : 0.005F),
      .gloss = 0.2F,
      .shine = 0.4F,
      .metal = self->round && self->half_width > 0.03F ? 0.6F : 0,
      .cover = 1,
  };

  top.albedo = fe_color_mix (top.albedo, self->board->print, 0.7F * ink);
  top.albedo = fe_color_mix (top.albedo, fe_color_gray (0.62F), metal);
  top.metal = fe_mix (top.metal, 0.7F, metal);
  paint_pins (self, x, y, q, texel);
  fe_texel_cover (texel, &top, fe_coverage (edge, q.pixel));
}

static Part
choose_part (FeRandom *random)
{
  static const guint32 chips[] = {0x1c1c1e, 0x242426, 0x2e2c2b};
  static const guint32 small[] = {0x1a1a1c, 0xb08d62, 0x8a6f52, 0xd8d2c4};
  Part part = {0};
  float kind = fe_random_unit (random);

  if (kind < 0.3F) {
    part.half_width = fe_random_range (random, 0.05F, 0.12F);
    part.half_height = fe_random_range (random, 0.035F, 0.08F);
    part.height = 0.03F;
    part.body = fe_color_pick_from (random, chips);
    part.pins = fe_random_int (random, 4, 9);
    part.print = fe_glyphs_make (random, fe_random_int (random, 4, 7));
  } else if (kind < 0.85F) {
    part.half_width = fe_random_range (random, 0.022F, 0.038F);
    part.half_height = part.half_width * fe_random_range (random, 0.45F, 0.6F);
    part.height = 0.014F;
    part.body = fe_color_pick_from (random, small);
    part.ends = 0.32F;
  } else {
    part.half_width = fe_random_range (random, 0.035F, 0.065F);
    part.half_height = part.half_width;
    part.height = 0.06F;
    part.body = fe_color_gray (fe_random_range (random, 0.3F, 0.65F));
    part.round = TRUE;
  }
  part.upright = fe_random_chance (random, 0.5F);
  return part;
}

static gboolean
collides (const Part *parts, int n, const Part *part)
{
  for (int i = 0; i < n; i++) {
    float room = MAX (part->half_width, part->half_height)
                 + MAX (parts[i].half_width, parts[i].half_height) + 0.03F;

    if (fabsf (parts[i].x - part->x) < room
        && fabsf (parts[i].y - part->y) < room)
      return TRUE;
  }
  return FALSE;
}

static void
place_parts (FeScene *scene, const Board *board)
{
  FeRandom *design = &scene->design;
  Part parts[MAX_PARTS];
  int wanted = fe_random_int (design, 8, MAX_PARTS);
  int n = 0;

  for (int i = 0; i < 4 * MAX_PARTS && n < wanted; i++) {
    Part part = choose_part (design);

    part.board = board;
    part.x = fe_random_range (design, -0.5F, 0.5F);
    part.y = fe_random_range (design, -0.5F, 0.5F);
    if (collides (parts, n, &part))
      continue;
    /* A machine places it almost exactly. */
    part.x += 0.0015F * fe_random_normal (&scene->item);
    part.y += 0.0015F * fe_random_normal (&scene->item);
    parts[n++] = part;
  }
  for (int i = 0; i < n; i++) {
    float reach = MAX (parts[i].half_width, parts[i].half_height) + 0.03F;
    FePoint place = fe_pose_leave (&board->pose, parts[i].x, parts[i].y);
    FeArea area = fe_area_around (place.x, place.y, reach * 1.2F);

    fe_scene_paint (scene, &area, paint_part, &parts[i]);
    fe_scene_add_part (scene, place.x, place.y, reach);
  }
}

void
fe_surface_circuit_board (FeScene *scene)
{
  static const guint32 masks[] = {0x1f5e35, 0x246b3c, 0x17492c, 0x1d3f78,
                                  0x202225, 0x7a1f22, 0x3f7a3a};
  FeRandom *design = &scene->design;
  FeRandom *item = &scene->item;
  Board board = {
      .mask = fe_color_vary (fe_color_pick_from (design, masks), design, 0.1F),
      .pad = fe_random_chance (design, 0.5F) ? fe_color_hex (0xd8b868)
                                             : fe_color_gray (0.62F),
      .print = fe_color_gray (0.75F),
      .spacing = fe_random_range (design, 0.045F, 0.06F),
      .trace = fe_random_range (design, 0.1F, 0.2F),
  };

  route_traces (&board, design);
  board.pose = fe_pose_make (0.012F * fe_random_normal (item),
                             0.012F * fe_random_normal (item),
                             0.012F * fe_random_normal (item), 1);
  board.seed = fe_random_bits (item);
  fe_scene_paint (scene, NULL, paint_board, &board);
  fe_scene_begin_object (scene);
  place_parts (scene, &board);
}
