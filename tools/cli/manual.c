/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/manual.h"

#include <feclip/feclip.h>
#include <string.h>

/* The width of the source's lines, which mandoc wants to be below 80. */
#define LINE_WIDTH 78

/* Prose on its way into roff. */
typedef struct {
  GString *roff;
  /* Characters of the line so far. */
  gsize column;
  /* Between two backticks, which is shown in bold. */
  gboolean code;
} Prose;

/* A hyphen that is typed as it stands is one of roff's minus signs. Characters
 * beyond ASCII are escaped: mandoc does so before it measures a line. */
static void
append_character (GString *roff, gunichar c, gboolean literal)
{
  if (c == '\\')
    g_string_append (roff, "\\e");
  else if (c == '-' && literal)
    g_string_append (roff, "\\-");
  else if (c > 127)
    g_string_append_printf (roff, "\\[u%04X]", c);
  else
    g_string_append_c (roff, (char)c);
}

static char *
escape_word (Prose *prose, const char *word)
{
  GString *roff = g_string_new (NULL);
  gboolean option = g_str_has_prefix (word, "--");

  for (const char *c = word; *c; c = g_utf8_next_char (c)) {
    if (*c == '`') {
      prose->code = !prose->code;
      g_string_append (roff, prose->code ? "\\fB" : "\\fR");
    } else {
      append_character (roff, g_utf8_get_char (c), option || prose->code);
    }
  }
  return g_string_free (roff, FALSE);
}

/* Each sentence begins on a line of its own, as roff's rules of style ask. */
static void
append_prose (GString *roff, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  Prose prose = {.roff = roff};
  gboolean sentence_ended = FALSE;

  for (guint i = 0; words[i]; i++) {
    g_autofree char *word = escape_word (&prose, words[i]);
    gsize width = strlen (word);

    if (prose.column > 0
        && (sentence_ended || prose.column + 1 + width > LINE_WIDTH)) {
      g_string_append_c (roff, '\n');
      prose.column = 0;
    }
    if (prose.column > 0)
      g_string_append_c (roff, ' ');
    else if (*word == '.' || *word == '\'')
      g_string_append (roff, "\\&");
    g_string_append (roff, word);
    prose.column += width + 1;
    sentence_ended = g_str_has_suffix (words[i], ".");
  }
  g_string_append_c (roff, '\n');
}

/* What is typed as it stands. */
static void
append_literal (GString *roff, const char *text)
{
  for (; *text; text = g_utf8_next_char (text))
    append_character (roff, g_utf8_get_char (text), TRUE);
}

static void
append_entries (GString *roff, const GOptionEntry *entries)
{
  for (; entries && entries->long_name; entries++) {
    if (g_str_equal (entries->long_name, G_OPTION_REMAINING))
      continue;
    g_string_append (roff, ".TP\n\\fB\\-\\-");
    append_literal (roff, entries->long_name);
    g_string_append (roff, "\\fR");
    if (entries->arg_description) {
      g_string_append (roff, fe_help_has_words (entries) ? "=\\fB" : "=\\fI");
      append_literal (roff, entries->arg_description);
      g_string_append (roff, "\\fR");
    }
    g_string_append_c (roff, '\n');
    append_prose (roff, entries->description);
  }
}

/* The head and the section NAME of the page @name. */
static GString *
begin_page (const char *name, const char *summary)
{
  const char *epoch = g_getenv ("SOURCE_DATE_EPOCH");
  g_autoptr (GDateTime) built =
      epoch ? g_date_time_new_from_unix_utc (g_ascii_strtoll (epoch, NULL, 10))
            : NULL;
  g_autoptr (GDateTime) date =
      built ? g_steal_pointer (&built) : g_date_time_new_now_utc ();
  g_autofree char *day = g_date_time_format (date, "%Y-%m-%d");
  g_autofree char *title = g_ascii_strup (name, -1);
  GString *roff = g_string_new (NULL);

  g_string_append_printf (roff, ".TH %s 1 %s \"feclip %s\" feclip\n", title,
                          day, feclip_version ());
  g_string_append (roff, ".SH NAME\n");
  append_literal (roff, name);
  g_string_append_printf (roff, " \\- %s\n", summary);
  return roff;
}

static void
append_exit_statuses (GString *roff)
{
  g_string_append (roff, ".SH EXIT STATUS\n");
  for (guint i = 0; fe_help_exit_statuses[i]; i++) {
    g_string_append_printf (roff, ".TP\n.B %u\n", i);
    append_prose (roff, fe_help_exit_statuses[i]);
  }
}

static char *
format_command (const FeHelp *help)
{
  const FeOptions *options = help->options;
  g_autofree char *name = g_strconcat ("feclip-", help->command->name, NULL);
  GString *roff = begin_page (name, help->command->summary);

  g_string_append_printf (roff, ".SH SYNOPSIS\n.B feclip %s\n",
                          help->command->name);
  g_string_append (roff, "[\\fIOPTION\\fR…]");
  if (options->arguments && *options->arguments) {
    g_string_append (roff, "\n");
    append_literal (roff, options->arguments);
  }
  g_string_append (roff, "\n.SH DESCRIPTION\n");
  append_prose (roff, options->summary);
  g_string_append (roff, ".SH OPTIONS\n");
  append_entries (roff, options->entries);
  append_entries (roff, fe_help_command_entries);
  if (help->model_entries) {
    g_string_append (roff, ".SH MODEL OPTIONS\n");
    append_entries (roff, help->model_entries);
  }
  append_exit_statuses (roff);
  g_string_append (roff, ".SH SEE ALSO\n.BR feclip (1)\n");
  return g_string_free (roff, FALSE);
}

static char *
format_program (void)
{
  GString *roff = begin_page ("feclip", "finds defects in images and video");

  g_string_append (roff, ".SH SYNOPSIS\n.B feclip\n\\fICOMMAND\\fR "
                         "[\\fIOPTION\\fR…] [\\fIARGUMENT\\fR…]\n"
                         ".SH DESCRIPTION\n");
  append_prose (roff, fe_help_program_summary);
  append_prose (roff, "Each command has a page of its own.");
  g_string_append (roff, ".SH COMMANDS\n");
  for (const FeCommand *command = fe_commands; command->name; command++) {
    g_string_append_printf (roff, ".TP\n.BR feclip\\-%s (1)\n", command->name);
    append_prose (roff, command->summary);
  }
  g_string_append (roff, ".SH OPTIONS\n");
  append_entries (roff, fe_help_program_entries);
  append_exit_statuses (roff);
  g_string_append (roff, ".SH SEE ALSO\n.BR gst\\-inspect\\-1.0 (1)\n");
  return g_string_free (roff, FALSE);
}

const FeHelpForm fe_manual = {
    .name = "man",
    .format_program = format_program,
    .format_command = format_command,
};
