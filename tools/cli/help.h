/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"
#include "cli/options.h"

G_BEGIN_DECLS

/* What the help of a sub-command says. */
typedef struct {
  const FeCommand *command;
  const FeOptions *options;
  /* NULL where the sub-command takes no model. */
  const GOptionEntry *model_entries;
} FeHelp;

/*
 * One form of the help. All forms are made from the same tables: what a user
 * types at a terminal, the pages of the manual, and the shell's completion.
 */
typedef struct {
  /* The value of --help-form. */
  const char *name;
  char *(*format_program) (void);
  char *(*format_command) (const FeHelp *help);
  /* The program's help is followed by that of each sub-command. */
  gboolean with_commands;
} FeHelpForm;

/* What --help shows: every description under its option, since the model's are
 * sentences and would not fit beside. */
extern const FeHelpForm fe_help_text;

/* The form that --help-form=@name asks for, or NULL. */
const FeHelpForm *fe_help_find_form (const char *name);

/* Options of the program itself, and the one that each sub-command has. */
extern const GOptionEntry fe_help_program_entries[];
extern const GOptionEntry fe_help_command_entries[];

/* What the program is, in one sentence. */
extern const char fe_help_program_summary[];

/* The meanings of the exit statuses from 0 on; the last is NULL. */
extern const char *const fe_help_exit_statuses[];

/*
 * Whether a value is one of the words in @entry's arg_description, which are
 * separated by "|", and not what its capital letters stand for.
 */
gboolean fe_help_has_words (const GOptionEntry *entry);

/* Whether a value of @entry is the name of a file or of a folder. */
gboolean fe_help_takes_file (const GOptionEntry *entry);

G_END_DECLS
