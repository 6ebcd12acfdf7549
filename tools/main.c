/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <feclip/feclip.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"

static const struct {
  const char *name;
  const char *summary;
  int (*run) (char **argv);
} commands[] = {
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
};

static int
show_help (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append (text, "Usage:\n  feclip COMMAND [OPTION…] [ARGUMENT…]\n\n"
                         "Zero-shot anomaly detection in images with FE-CLIP "
                         "on Vulkan.\n\nCommands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-10s %s\n", commands[i].name,
                            commands[i].summary);
  g_string_append (text,
                   "\nOptions:\n"
                   "  --help     this text, or after a command its own help\n"
                   "  --version  the program's version\n\n"
                   "Exit status: 0 done, 1 something that was named failed, "
                   "2 wrong usage.\n");
  return fe_output_print (text->str);
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
  prepare_process ();
  if (argc < 2)
    return fe_message_usage ("a command is missing");
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    return show_help ();
  if (g_str_equal (argv[1], "--version"))
    return show_version ();

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (g_str_equal (argv[1], commands[i].name)) {
      g_autofree char *name = g_strconcat ("feclip ", argv[1], NULL);

      g_set_prgname (name);
      return commands[i].run (argv + 1);
    }
  }
  return fe_message_usage ("there is no command \"%s\"", argv[1]);
}
