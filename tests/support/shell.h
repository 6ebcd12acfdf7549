/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* How one command line ended. */
typedef struct {
  int status;
  char *out;
  char *err;
} Shell;

/*
 * Runs a command line of sh, in which $FECLIP is the command under test,
 * $EXAMPLES the example programs' folder, $DATA the golden data and $DIR a
 * folder of this run of the tests, which is empty at first.
 */
Shell *shell_run (const char *format, ...) G_GNUC_PRINTF (1, 2);

void shell_free (Shell *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shell, shell_free)

/* A path below $DIR or $DATA. */
char *shell_dir (const char *name);
char *shell_data (const char *name);

/* The content of a file below $DIR, which must exist. Free it. */
char *shell_read (const char *name, gsize *size);

/* A command line that must fail. */
typedef struct {
  const char *arguments;
  int status;
  /* A part of what it prints to standard error. */
  const char *message;
} ShellFailure;

/*
 * Runs "@command ARGUMENTS" in $DIR for each of @n failures. Checks the status,
 * the message, that status 2 comes with a pointer to the help, and that nothing
 * is printed to standard output.
 */
void shell_check_failures (const char *command, const ShellFailure *failures,
                           gsize n);

/* In place of g_test_init() and g_test_run(). */
void shell_init (int *argc, char ***argv);
int shell_test (void);

#define assert_status(shell, expected) \
  G_STMT_START \
  { \
    if ((shell)->status != (expected)) \
      g_test_message ("%.400s\n%.4000s", (shell)->out, (shell)->err); \
    g_assert_cmpint ((shell)->status, ==, (expected)); \
  } \
  G_STMT_END

#define assert_contains(text, part) \
  G_STMT_START \
  { \
    if (!strstr ((text), (part))) \
      g_test_message ("\"%s\" is not in: %s", (part), (text)); \
    g_assert_true (strstr ((text), (part))); \
  } \
  G_STMT_END

G_END_DECLS
