/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

/* Global, because the process has one terminal. */
static gboolean shown;

static void
show (const char *text)
{
  /* Disables wrapping: a wrapped line cannot be rewritten in place. */
  fprintf (stderr, "\r\033[K\033[?7l%s\033[?7h", text);
  fflush (stderr);
  shown = TRUE;
}

void
fe_progress_show (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!isatty (STDERR_FILENO))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  show (text);
}

void
fe_progress_show_or_print (gboolean due, const char *format, ...)
{
  gboolean terminal = isatty (STDERR_FILENO);
  g_autofree char *text = NULL;
  va_list args;

  if (!terminal && !due)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (terminal)
    show (text);
  else
    fprintf (stderr, "%s\n", text);
}

void
fe_progress_show_count (const char *what, guint done, guint total,
                        gint64 start_us)
{
  double seconds = (g_get_monotonic_time () - start_us) / 1e6;
  double left = done > 0 ? seconds / done * (total - done) : 0;

  if (done == 0)
    fe_progress_show ("%s %u of %u", what, done + 1, total);
  else if (left < 90)
    fe_progress_show ("%s %u of %u, %.0f s left", what, done + 1, total, left);
  else
    fe_progress_show ("%s %u of %u, %.0f min left", what, done + 1, total,
                      left / 60);
}

void
fe_progress_hide (void)
{
  if (!shown)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  shown = FALSE;
}
