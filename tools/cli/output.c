/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/output.h"

#include <errno.h>
#include <feclip/error.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/progress.h"

struct _FeOutput {
  char *name;
  FILE *file;
};

static void
set_error (FeOutput *self, int code, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s cannot be written: %s", self->name, g_strerror (code));
}

FeOutput *
fe_output_new (const char *path, GError **error)
{
  g_autoptr (FeOutput) self = g_new0 (FeOutput, 1);

  if (!path || g_str_equal (path, "-")) {
    self->name = g_strdup ("standard output");
    self->file = stdout;
    return g_steal_pointer (&self);
  }
  self->name = g_filename_display_name (path);
  self->file = fopen (path, "we");
  if (!self->file) {
    set_error (self, errno, error);
    return NULL;
  }
  return g_steal_pointer (&self);
}

gboolean
fe_output_write (FeOutput *self, const char *text, GError **error)
{
  /* Progress may be on the same terminal. */
  fe_progress_hide ();
  if (fputs (text, self->file) == EOF || fflush (self->file) == EOF) {
    set_error (self, errno, error);
    return FALSE;
  }
  return TRUE;
}

void
fe_output_free (FeOutput *self)
{
  if (!self)
    return;
  if (self->file && self->file != stdout)
    fclose (self->file);
  g_free (self->name);
  g_free (self);
}

int
fe_output_print (const char *text)
{
  g_autoptr (FeOutput) output = fe_output_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (!fe_output_write (output, text, &error)) {
    fe_message_error ("%s", error->message);
    return FE_EXIT_FAILED;
  }
  return FE_EXIT_DONE;
}
