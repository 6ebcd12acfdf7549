/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/message.h"

#include <feclip/error.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress.h"

G_GNUC_PRINTF (2, 0)
static void
print_line (const char *kind, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  fe_progress_hide ();
  fprintf (stderr, "%s: %s%s\n", g_get_prgname (), kind, text);
}

void
fe_message_error (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  print_line ("", format, args);
  va_end (args);
}

int
fe_message_usage (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  print_line ("", format, args);
  va_end (args);
  fprintf (stderr, "Try \"%s --help\".\n", g_get_prgname ());
  return FE_EXIT_USAGE;
}

int
fe_message_failure (const GError *error)
{
  if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_INPUT))
    return fe_message_usage ("%s", error->message);
  fe_message_error ("%s", error->message);
  return FE_EXIT_FAILED;
}

void
fe_message_warning (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  print_line ("warning: ", format, args);
  va_end (args);
}

static void
show_warning (const char *domain, GLogLevelFlags level, const char *text,
              gpointer user_data)
{
  fe_message_warning ("%s", text);
}

void
fe_message_catch_warnings (void)
{
  g_log_set_handler ("feclip", G_LOG_LEVEL_WARNING, show_warning, NULL);
}
