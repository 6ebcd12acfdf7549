/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/glyphs.h"

#include <string.h>

static const char letters[] = "0123456789ABCEFHKLMNPRSTUX-";

/* Rows from top to bottom, five bits each, the highest on the left. */
static const guint8 rows[][7] = {
    {14, 17, 19, 21, 25, 17, 14}, {4, 12, 4, 4, 4, 4, 14},
    {14, 17, 1, 6, 8, 16, 31},    {30, 1, 1, 14, 1, 1, 30},
    {2, 6, 10, 18, 31, 2, 2},     {31, 16, 30, 1, 1, 17, 14},
    {6, 8, 16, 30, 17, 17, 14},   {31, 1, 2, 4, 8, 8, 8},
    {14, 17, 17, 14, 17, 17, 14}, {14, 17, 17, 15, 1, 2, 12},
    {14, 17, 17, 31, 17, 17, 17}, {30, 17, 17, 30, 17, 17, 30},
    {14, 17, 16, 16, 16, 17, 14}, {31, 16, 16, 30, 16, 16, 31},
    {31, 16, 16, 30, 16, 16, 16}, {17, 17, 17, 31, 17, 17, 17},
    {17, 18, 20, 24, 20, 18, 17}, {16, 16, 16, 16, 16, 16, 31},
    {17, 27, 21, 21, 17, 17, 17}, {17, 25, 21, 19, 17, 17, 17},
    {30, 17, 17, 30, 16, 16, 16}, {30, 17, 17, 30, 20, 18, 17},
    {15, 16, 16, 14, 1, 1, 30},   {31, 4, 4, 4, 4, 4, 4},
    {17, 17, 17, 17, 17, 17, 14}, {17, 17, 10, 4, 10, 17, 17},
    {0, 0, 0, 14, 0, 0, 0}};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == sizeof letters - 1);

FeGlyphs
fe_glyphs_make (FeRandom *random, int length)
{
  FeGlyphs self = {.length = MIN (length, FE_GLYPHS_MAX)};

  for (int i = 0; i < self.length; i++)
    self.text[i] = letters[fe_random_int (random, 0, sizeof letters - 2)];
  return self;
}

float
fe_glyphs_width (const FeGlyphs *self)
{
  return (float)(6 * self->length - 1);
}

static float
dot (const FeGlyphs *self, int column, int row)
{
  int place = column / 6;
  const char *letter;

  if (column < 0 || row < 0 || row > 6 || place >= self->length
      || column % 6 == 5)
    return 0;
  letter = strchr (letters, self->text[place]);
  return (float)(rows[letter - letters][row] >> (4 - column % 6) & 1);
}

float
fe_glyphs_ink (const FeGlyphs *self, float x, float y)
{
  int column = fe_floor (x - 0.5F);
  int row = fe_floor (y - 0.5F);
  float right = x - 0.5F - (float)column;
  float below = y - 0.5F - (float)row;
  float top =
      fe_mix (dot (self, column, row), dot (self, column + 1, row), right);
  float low = fe_mix (dot (self, column, row + 1),
                      dot (self, column + 1, row + 1), right);

  /* Between dots the ink runs together, which rounds the strokes. */
  return fe_smooth (0.3F, 0.6F, fe_mix (top, low, below));
}
