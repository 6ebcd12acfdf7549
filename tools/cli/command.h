/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The exit statuses of the program, on which callers may rely. FAILED: the same
 * command line can succeed after the reported problem is fixed. USAGE: the
 * command line itself is wrong.
 */
enum {
  FE_EXIT_DONE = 0,
  FE_EXIT_FAILED = 1,
  FE_EXIT_USAGE = 2,
};

/* The sub-commands. @argv[0] is the sub-command's own name. */
int fe_command_info (char **argv);
int fe_command_devices (char **argv);
int fe_command_score (char **argv);
int fe_command_bench (char **argv);
int fe_command_calibrate (char **argv);
int fe_command_eval (char **argv);
int fe_command_synth (char **argv);
int fe_command_train (char **argv);
int fe_command_reproduce (char **argv);

typedef struct {
  const char *name;
  /* A few words, as a part of a sentence. */
  const char *summary;
  int (*run) (char **argv);
} FeCommand;

/* All of them in the order of the help. The last has no name. */
extern const FeCommand fe_commands[];

/* A GOptionEntry with a long name alone; @type is the end of G_OPTION_ARG_…,
 * @value stands for the value in the help. */
#define FE_OPTION(name, type, place, text, value) \
  { \
    name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_##type, place, text, value \
  }

G_END_DECLS
