/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <feclip/feclip.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/message.h"
#include "cli/output.h"

const FeCommand fe_commands[] = {
    {"score", "scores images and shows where they look defective",
     fe_command_score},
    {"calibrate", "finds thresholds from images or video of normal items",
     fe_command_calibrate},
    {"info", "says what weight files are and what they lack", fe_command_info},
    {"devices", "lists the Vulkan devices of this machine", fe_command_devices},
    {"bench", "measures seconds per frame and memory", fe_command_bench},
    {"eval", "measures how well a data set's defects are found",
     fe_command_eval},
    {"train", "makes adapters from a data set whose defects are known",
     fe_command_train},
    {"reproduce", "repeats the paper's experiment, prints its table",
     fe_command_reproduce},
    {"synth", "makes inspection images with known defects", fe_command_synth},
    {NULL, NULL, NULL},
};

static int
show_help (const FeHelpForm *form)
{
  g_autofree char *text = form->format_program ();
  g_autofree char *option = g_strconcat ("--help-form=", form->name, NULL);
  int status = fe_output_print (text);

  if (!form->with_commands)
    return status;
  for (const FeCommand *command = fe_commands;
       command->name && status == FE_EXIT_DONE; command++) {
    g_autofree char *name = g_strdup (command->name);
    char *argv[] = {name, option, NULL};

    status = command->run (argv);
  }
  return status;
}

/* The form that @argument asks for, NULL if it is another argument. */
static const FeHelpForm *
find_help_form (const char *argument)
{
  static const char option[] = "--help-form=";

  if (g_str_equal (argument, "--help") || g_str_equal (argument, "-h"))
    return &fe_help_text;
  if (g_str_has_prefix (argument, option))
    return fe_help_find_form (argument + strlen (option));
  return NULL;
}

static int
show_version (void)
{
  g_autofree char *text = g_strdup_printf ("feclip %s\n", feclip_version ());

  return fe_output_print (text);
}

/*
 * A standard stream that the caller closed would otherwise be the number of the
 * next file that is opened, a driver's for instance. Opened the wrong way
 * round, so that using it is still an error.
 */
static void
occupy_closed_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      (void)!open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void
prepare_process (void)
{
  occupy_closed_streams ();
  /* A reader that went away is reported like any other failed write. */
  signal (SIGPIPE, SIG_IGN);
  setlocale (LC_ALL, "");
  /* Numbers are read and written for programs as well as for people. */
  setlocale (LC_NUMERIC, "C");
  g_set_prgname ("feclip");
  fe_message_catch_warnings ();
}

int
main (int argc, char **argv)
{
  const FeHelpForm *help;

  prepare_process ();
  if (argc < 2)
    return fe_message_usage ("a command is missing");
  help = find_help_form (argv[1]);
  if (help)
    return show_help (help);
  if (g_str_equal (argv[1], "--version"))
    return show_version ();

  for (const FeCommand *command = fe_commands; command->name; command++) {
    if (g_str_equal (argv[1], command->name)) {
      g_autofree char *name = g_strconcat ("feclip ", argv[1], NULL);

      g_set_prgname (name);
      return command->run (argv + 1);
    }
  }
  return fe_message_usage ("there is no command \"%s\"", argv[1]);
}
