/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/help.h"

#include "cli/completion.h"
#include "cli/manual.h"

#define LINE_WIDTH 79

const char fe_help_program_summary[] =
    "Zero-shot anomaly detection in images with FE-CLIP on Vulkan.";

const GOptionEntry fe_help_program_entries[] = {
    {.long_name = "help",
     .description = "Print the commands; after a command, its options."},
    {.long_name = "version", .description = "Print the program's version."},
    G_OPTION_ENTRY_NULL,
};

const GOptionEntry fe_help_command_entries[] = {
    {.long_name = "help",
     .description = "Print the options and what they mean."},
    G_OPTION_ENTRY_NULL,
};

const char *const fe_help_exit_statuses[] = {
    [FE_EXIT_DONE] = "done",
    [FE_EXIT_FAILED] = "something that was named failed",
    [FE_EXIT_USAGE] = "wrong usage",
    NULL,
};

gboolean
fe_help_has_words (const GOptionEntry *entry)
{
  g_auto (GStrv) words = g_strsplit (
      entry->arg_description ? entry->arg_description : "", "|", -1);

  for (guint i = 0; words[i]; i++) {
    g_autofree char *upper = g_utf8_strup (words[i], -1);

    if (g_str_equal (words[i], upper))
      return FALSE;
  }
  return g_strv_length (words) > 1;
}

gboolean
fe_help_takes_file (const GOptionEntry *entry)
{
  return entry->arg == G_OPTION_ARG_FILENAME
         || (entry->flags & G_OPTION_FLAG_FILENAME) != 0;
}

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

static char *
format_command (const FeHelp *help)
{
  const FeOptions *options = help->options;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Usage:\n  %s [OPTION…]%s%s\n\n",
                          g_get_prgname (), options->arguments ? " " : "",
                          options->arguments ? options->arguments : "");
  append_wrapped (text, 0, options->summary);
  g_string_append (text, "\nOptions:\n");
  append_entries (text, options->entries);
  append_entries (text, fe_help_command_entries);
  if (help->model_entries) {
    g_string_append (text, "\nModel options:\n");
    append_entries (text, help->model_entries);
  }
  return g_string_free (text, FALSE);
}

static char *
format_program (void)
{
  GString *text =
      g_string_new ("Usage:\n  feclip COMMAND [OPTION…] [ARGUMENT…]\n\n");

  g_string_append_printf (text, "%s\n\nCommands:\n", fe_help_program_summary);
  for (const FeCommand *command = fe_commands; command->name; command++)
    g_string_append_printf (text, "  %-10s %s\n", command->name,
                            command->summary);
  g_string_append (text, "\nOptions:\n");
  append_entries (text, fe_help_program_entries);
  g_string_append (text, "\nExit status:");
  for (guint i = 0; fe_help_exit_statuses[i]; i++)
    g_string_append_printf (text, "%s %u %s", i > 0 ? "," : "", i,
                            fe_help_exit_statuses[i]);
  g_string_append (text, ".\n");
  return g_string_free (text, FALSE);
}

const FeHelpForm fe_help_text = {
    .name = "text",
    .format_program = format_program,
    .format_command = format_command,
};

const FeHelpForm *
fe_help_find_form (const char *name)
{
  static const FeHelpForm *const forms[] = {&fe_help_text, &fe_manual,
                                            &fe_completion};

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i]->name, name))
      return forms[i];
  return NULL;
}
