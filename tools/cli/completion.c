/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/completion.h"

/*
 * _feclip_COMMAND WHAT prints the options, or what the value of the option WHAT
 * may be: words, or "@file" for the name of a file. Bash splits
 * "--option=value" into three words.
 */
static const char program_functions[] =
    "_feclip_offer ()\n"
    "{\n"
    "  if [[ $1 == @file ]]; then\n"
    "    compopt -o filenames\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "  else\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then\n"
    "      compopt -o nospace\n"
    "    fi\n"
    "  fi\n"
    "}\n"
    "\n"
    "_feclip ()\n"
    "{\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]}\n"
    "  local prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  local command=_feclip_${COMP_WORDS[1]}\n"
    "  COMPREPLY=()\n"
    "  if [[ $COMP_CWORD == 1 ]]; then\n"
    "    _feclip_offer \"$(_feclip_words)\"\n"
    "    return\n"
    "  fi\n"
    "  declare -F \"$command\" >/dev/null || return\n"
    "  if [[ $cur == '=' && $prev == --* ]]; then\n"
    "    cur=\n"
    "    _feclip_offer \"$($command \"$prev\")\"\n"
    "  elif [[ $prev == '=' ]]; then\n"
    "    _feclip_offer \"$($command \"${COMP_WORDS[COMP_CWORD - 2]}\")\"\n"
    "  elif [[ $cur == --* ]]; then\n"
    "    _feclip_offer \"$($command options)\"\n"
    "  elif [[ $prev == --* && $($command options) == *\" $prev= \"* &&\n"
    "    $($command \"$prev\") != 'true false' ]]; then\n"
    "    _feclip_offer \"$($command \"$prev\")\"\n"
    "  else\n"
    "    _feclip_offer \"$($command arguments)\"\n"
    "  fi\n"
    "}\n"
    "complete -F _feclip feclip\n";

static gboolean
is_listed (const GOptionEntry *entry)
{
  return !g_str_equal (entry->long_name, G_OPTION_REMAINING);
}

static void
append_options (GString *script, const GOptionEntry *entries)
{
  for (; entries && entries->long_name; entries++)
    if (is_listed (entries))
      g_string_append_printf (script, "--%s%s ", entries->long_name,
                              entries->arg_description ? "=" : "");
}

static void
append_values (GString *script, const GOptionEntry *entries)
{
  for (; entries && entries->long_name; entries++) {
    g_autofree char *words = NULL;

    if (!is_listed (entries))
      continue;
    if (fe_help_takes_file (entries))
      words = g_strdup ("@file");
    else if (fe_help_has_words (entries))
      words = g_strdelimit (g_strdup (entries->arg_description), "|", ' ');
    if (words)
      g_string_append_printf (script, "    --%s) echo '%s' ;;\n",
                              entries->long_name, words);
  }
}

static char *
format_command (const FeHelp *help)
{
  const FeOptions *options = help->options;
  GString *script = g_string_new (NULL);

  g_string_append_printf (script,
                          "\n_feclip_%s ()\n{\n  case $1 in\n"
                          "    options) echo ' ",
                          help->command->name);
  append_options (script, options->entries);
  append_options (script, fe_help_command_entries);
  append_options (script, help->model_entries);
  g_string_append (script, "' ;;\n");
  append_values (script, options->entries);
  append_values (script, help->model_entries);
  if (options->arguments && *options->arguments)
    g_string_append (script, "    arguments) echo @file ;;\n");
  g_string_append (script, "  esac\n}\n");
  return g_string_free (script, FALSE);
}

static char *
format_program (void)
{
  GString *script = g_string_new (
      "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
      "# Completion of feclip's command lines in bash, made by feclip itself.\n"
      "\n_feclip_words ()\n{\n  echo '");

  for (const FeCommand *command = fe_commands; command->name; command++)
    g_string_append_printf (script, "%s ", command->name);
  append_options (script, fe_help_program_entries);
  g_string_append_printf (script, "'\n}\n\n%s", program_functions);
  return g_string_free (script, FALSE);
}

const FeHelpForm fe_completion = {
    .name = "bash",
    .format_program = format_program,
    .format_command = format_command,
    .with_commands = TRUE,
};
