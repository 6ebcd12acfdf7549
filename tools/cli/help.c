/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/help.h"

#define LINE_WIDTH 79

static void
append_wrapped (GString *text, guint indent, const char *sentences)
{
  g_auto (GStrv) words = g_strsplit (sentences, " ", -1);
  glong column = 0;

  for (guint i = 0; words[i]; i++) {
    glong width = g_utf8_strlen (words[i], -1);

    if (column > 0 && column + 1 + width <= LINE_WIDTH) {
      g_string_append_printf (text, " %s", words[i]);
      column += 1 + width;
    } else {
      g_string_append_printf (text, "%s%*s%s", column > 0 ? "\n" : "",
                              (int)indent, "", words[i]);
      column = indent + width;
    }
  }
  g_string_append_c (text, '\n');
}

static void
append_entries (GString *text, const GOptionEntry *entries)
{
  for (; entries && entries->long_name; entries++) {
    if (g_str_equal (entries->long_name, G_OPTION_REMAINING))
      continue;
    g_string_append_printf (text, "  --%s", entries->long_name);
    if (entries->arg_description)
      g_string_append_printf (text, "=%s", entries->arg_description);
    g_string_append_c (text, '\n');
    append_wrapped (text, 6, entries->description);
  }
}

char *
fe_help_format (const FeOptions *options, const GOptionEntry *model_entries)
{
  const GOptionEntry help[] = {
      {.long_name = "help", .description = "Show this text."},
      G_OPTION_ENTRY_NULL,
  };
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Usage:\n  %s [OPTION…]%s%s\n\n",
                          g_get_prgname (), options->arguments ? " " : "",
                          options->arguments ? options->arguments : "");
  append_wrapped (text, 0, options->summary);
  g_string_append (text, "\nOptions:\n");
  append_entries (text, options->entries);
  append_entries (text, help);
  if (model_entries) {
    g_string_append (text, "\nModel options:\n");
    append_entries (text, model_entries);
  }
  return g_string_free (text, FALSE);
}
