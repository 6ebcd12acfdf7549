/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/json_scan.h"

#include <string.h>

void
fe_json_scan_init (FeJsonScan *self, const char *text, gsize length)
{
  *self = (FeJsonScan){.start = text, .at = text, .end = text + length};
}

static gboolean
fail (FeJsonScan *self, const char *expected)
{
  if (self->problem == NULL)
    self->problem = expected;
  return FALSE;
}

static void
skip_space (FeJsonScan *self)
{
  while (self->at < self->end && *self->at != '\0'
         && strchr (" \t\r\n", *self->at) != NULL)
    self->at++;
}

/* Consumes `punctuation` if it is the next character. */
static gboolean
take (FeJsonScan *self, char punctuation)
{
  skip_space (self);
  if (self->problem != NULL || self->at == self->end
      || *self->at != punctuation)
    return FALSE;
  self->at++;
  return TRUE;
}

gboolean
fe_json_scan_expect (FeJsonScan *self, char punctuation)
{
  static const struct {
    char punctuation;
    const char *name;
  } names[] = {{'{', "an object"}, {'[', "an array"}, {':', "a colon"}};

  if (take (self, punctuation))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].punctuation == punctuation)
      return fail (self, names[i].name);
  return fail (self, "punctuation");
}

gboolean
fe_json_scan_next (FeJsonScan *self, char close, gboolean first)
{
  if (take (self, close))
    return FALSE;
  if (first || take (self, ','))
    return self->problem == NULL;
  return fail (self, "a comma or a closing bracket");
}

gboolean
fe_json_scan_end (FeJsonScan *self)
{
  skip_space (self);
  if (self->problem == NULL && self->at < self->end)
    return fail (self, "nothing more");
  return self->problem == NULL;
}

static gboolean
scan_hex (FeJsonScan *self, guint32 *value)
{
  *value = 0;
  if (self->end - self->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++, self->at++) {
    if (!g_ascii_isxdigit (*self->at))
      return FALSE;
    *value = *value << 4 | (guint32)g_ascii_xdigit_value (*self->at);
  }
  return TRUE;
}

/* Reads what follows "\u": one UTF-16 code unit, or a surrogate pair. */
static gboolean
scan_utf16 (FeJsonScan *self, GString *value)
{
  guint32 unit, low;

  if (!scan_hex (self, &unit))
    return FALSE;
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (self->end - self->at < 2 || self->at[0] != '\\' || self->at[1] != 'u')
      return FALSE;
    self->at += 2;
    if (!scan_hex (self, &low) || low < 0xdc00 || low > 0xdfff)
      return FALSE;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  } else if (unit == 0 || (unit >= 0xdc00 && unit < 0xe000)) {
    return FALSE;
  }
  g_string_append_unichar (value, unit);
  return TRUE;
}

/* Reads what follows a backslash. */
static gboolean
scan_escape (FeJsonScan *self, GString *value)
{
  static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (self->at == self->end || *self->at == '\0')
    return FALSE;
  if (*self->at == 'u') {
    self->at++;
    return scan_utf16 (self, value);
  }
  found = strchr (escapes, *self->at);
  if (found == NULL)
    return FALSE;
  self->at++;
  g_string_append_c (value, meanings[found - escapes]);
  return TRUE;
}

gboolean
fe_json_scan_string (FeJsonScan *self, GString *value)
{
  g_string_truncate (value, 0);
  if (!take (self, '"'))
    return fail (self, "a string");
  while (self->at < self->end && *self->at != '"') {
    if ((guchar)*self->at < 0x20)
      return fail (self, "no control character");
    if (*self->at != '\\') {
      g_string_append_c (value, *self->at++);
    } else {
      self->at++;
      if (!scan_escape (self, value))
        return fail (self, "an escape sequence");
    }
  }
  if (self->at == self->end)
    return fail (self, "a closing quote");
  self->at++;
  return TRUE;
}

gboolean
fe_json_scan_uint (FeJsonScan *self, guint64 *value)
{
  const char *start;

  skip_space (self);
  start = self->at;
  *value = 0;
  while (self->problem == NULL && self->at < self->end
         && g_ascii_isdigit (*self->at)) {
    if (!g_uint64_checked_mul (value, *value, 10)
        || !g_uint64_checked_add (value, *value, (guint64)(*self->at - '0')))
      return fail (self, "a number below 2^64");
    self->at++;
  }
  if (self->at == start || (*start == '0' && self->at > start + 1))
    return fail (self, "a whole number");
  return TRUE;
}
