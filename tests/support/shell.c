/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/shell.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

static char *dir;

Shell *
shell_run (const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  Shell *self = g_new0 (Shell, 1);
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                  | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, "/bin/sh", "-c", line, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &self->out, &self->err,
                                 &error);
  g_assert_no_error (error);
  self->status = g_subprocess_get_if_exited (process)
                     ? g_subprocess_get_exit_status (process)
                     : -1;
  return self;
}

void
shell_free (Shell *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

char *
shell_dir (const char *name)
{
  return g_build_filename (dir, name, NULL);
}

char *
shell_data (const char *name)
{
  return g_build_filename (FECLIP_TEST_DATA, "golden", name, NULL);
}

char *
shell_read (const char *name, gsize *size)
{
  g_autofree char *path = shell_dir (name);
  g_autoptr (GError) error = NULL;
  char *content = NULL;

  g_file_get_contents (path, &content, size, &error);
  g_assert_no_error (error);
  return content;
}

void
shell_check_failures (const char *command, const ShellFailure *failures,
                      gsize n)
{
  for (gsize i = 0; i < n; i++) {
    g_autoptr (Shell) run =
        shell_run ("cd \"$DIR\"; %s %s", command, failures[i].arguments);

    g_test_message ("%s %s", command, failures[i].arguments);
    assert_status (run, failures[i].status);
    assert_contains (run->err, failures[i].message);
    if (failures[i].status == 2)
      assert_contains (run->err, "--help\"");
    g_assert_cmpstr (run->out, ==, "");
  }
}

void
shell_init (int *argc, char ***argv)
{
  g_autofree char *data = shell_data (NULL);
  g_autoptr (GError) error = NULL;

  g_test_init (argc, argv, NULL);
  dir = g_dir_make_tmp ("feclip-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("FECLIP", FECLIP_COMMAND, TRUE);
  g_setenv ("EXAMPLES", FECLIP_EXAMPLES, TRUE);
  g_setenv ("DATA", data, TRUE);
  g_setenv ("DIR", dir, TRUE);
  /* Messages are compared as they stand in the source. */
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_unsetenv ("LANGUAGE");
}

int
shell_test (void)
{
  int status = g_test_run ();

  shell_free (shell_run ("rm -rf \"$DIR\""));
  g_free (dir);
  return status;
}
