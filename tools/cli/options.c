/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/message.h"
#include "cli/output.h"

/* Numbers are the same in every locale, unlike GOption's own. */
static gboolean
parse_double (const char *text, GParamSpec *pspec, GValue *value,
              char **expected)
{
  GParamSpecDouble *spec = G_PARAM_SPEC_DOUBLE (pspec);
  char *end = NULL;
  double number = g_ascii_strtod (text, &end);

  if (end != text && *end == '\0' && number >= spec->minimum
      && number <= spec->maximum) {
    g_value_set_double (value, number);
    return TRUE;
  }
  *expected =
      g_strdup_printf ("a number from %g to %g", spec->minimum, spec->maximum);
  return FALSE;
}

static gboolean
parse_uint (const char *text, GParamSpec *pspec, GValue *value, char **expected)
{
  GParamSpecUInt *spec = G_PARAM_SPEC_UINT (pspec);
  guint64 number;

  if (g_ascii_string_to_unsigned (text, 10, spec->minimum, spec->maximum,
                                  &number, NULL)) {
    g_value_set_uint (value, (guint)number);
    return TRUE;
  }
  *expected = g_strdup_printf ("a whole number from %u to %u", spec->minimum,
                               spec->maximum);
  return FALSE;
}

static gboolean
parse_boolean (const char *text, GValue *value, char **expected)
{
  static const char *const words[][2] = {
      {"false", "true"}, {"no", "yes"}, {"0", "1"}};

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++) {
    for (int truth = 0; truth < 2; truth++) {
      if (g_ascii_strcasecmp (text, words[i][truth]) == 0) {
        g_value_set_boolean (value, truth);
        return TRUE;
      }
    }
  }
  *expected = g_strdup ("true or false");
  return FALSE;
}

/* The nicks of an enumeration, as they are typed. */
static char *
join_nicks (GParamSpec *pspec, const char *separator)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  GString *nicks = g_string_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    g_string_append_printf (nicks, "%s%s", i > 0 ? separator : "",
                            klass->values[i].value_nick);
  return g_string_free (nicks, FALSE);
}

static gboolean
parse_enum (const char *text, GParamSpec *pspec, GValue *value, char **expected)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  const GEnumValue *entry = g_enum_get_value_by_nick (klass, text);

  if (entry) {
    g_value_set_enum (value, entry->value);
    return TRUE;
  }
  *expected = join_nicks (pspec, " or ");
  return FALSE;
}

/* FALSE fills in @expected, what would have been right. */
static gboolean
parse_value (const char *text, GParamSpec *pspec, GValue *value,
             char **expected)
{
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return parse_double (text, pspec, value, expected);
  if (G_IS_PARAM_SPEC_UINT (pspec))
    return parse_uint (text, pspec, value, expected);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return parse_boolean (text, value, expected);
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return parse_enum (text, pspec, value, expected);
  g_value_set_string (value, text);
  return TRUE;
}

static gboolean
set_property (const char *option, const char *text, gpointer data,
              GError **error)
{
  GObject *settings = G_OBJECT (data);
  const char *name = option + strlen ("--");
  GParamSpec *pspec;
  g_autofree char *expected = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  if (g_str_equal (name, "model"))
    name = "model-file";
  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (settings), name);
  g_value_init (&value, pspec->value_type);
  if (!parse_value (text, pspec, &value, &expected)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "%s: \"%s\" is not %s", option, text, expected);
    return FALSE;
  }
  g_object_set_property (settings, name, &value);
  return TRUE;
}

static gboolean
is_file (GParamSpec *pspec)
{
  return g_str_has_suffix (pspec->name, "-file");
}

/* What the help shows after "=". */
static const char *
describe_value (GParamSpec *pspec)
{
  g_autofree char *nicks = NULL;

  if (G_IS_PARAM_SPEC_DOUBLE (pspec) || G_IS_PARAM_SPEC_UINT (pspec))
    return "NUMBER";
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return "true|false";
  if (!G_IS_PARAM_SPEC_ENUM (pspec))
    return is_file (pspec) ? "FILE" : "TEXT";
  nicks = join_nicks (pspec, "|");
  return g_intern_string (nicks);
}

/* The property's own words, with its default. */
static const char *
describe_property (GParamSpec *pspec)
{
  const GValue *value = g_param_spec_get_default_value (pspec);
  const char *blurb = g_param_spec_get_blurb (pspec);
  g_autofree char *text = NULL;

  if (G_IS_PARAM_SPEC_ENUM (pspec)) {
    GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
    int number = g_value_get_enum (value);

    text = g_strdup_printf ("%s. Default: %s.", blurb,
                            g_enum_get_value (klass, number)->value_nick);
  } else if (G_IS_PARAM_SPEC_DOUBLE (pspec)) {
    text =
        g_strdup_printf ("%s. Default: %g.", blurb, g_value_get_double (value));
  } else if (G_IS_PARAM_SPEC_UINT (pspec)) {
    text =
        g_strdup_printf ("%s. Default: %u.", blurb, g_value_get_uint (value));
  } else {
    text = g_strdup_printf ("%s.", blurb);
  }
  return g_intern_string (text);
}

/* One option per property, and one short name. */
static GOptionEntry *
make_model_entries (FeclipSettings *settings)
{
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (settings), &n);
  GOptionEntry *entries = g_new0 (GOptionEntry, n + 2);

  for (guint i = 0; i < n; i++)
    entries[i] = (GOptionEntry){
        .long_name = pspecs[i]->name,
        .flags =
            is_file (pspecs[i]) ? G_OPTION_FLAG_FILENAME : G_OPTION_FLAG_NONE,
        .arg = G_OPTION_ARG_CALLBACK,
        .arg_data = set_property,
        .description = describe_property (pspecs[i]),
        .arg_description = describe_value (pspecs[i]),
    };
  entries[n] = (GOptionEntry){
      .long_name = "model",
      .flags = G_OPTION_FLAG_FILENAME,
      .arg = G_OPTION_ARG_CALLBACK,
      .arg_data = set_property,
      .description = "Short for --model-file.",
      .arg_description = "FILE",
  };
  return entries;
}

/*
 * A copy of the command line in which "--use-logit-scale" alone has become
 * "--use-logit-scale=true". GOption would take the next argument for the value.
 */
static GStrv
complete_booleans (char **argv, FeclipSettings *settings)
{
  GStrv args = g_strdupv (argv);

  for (guint i = 1; settings && args[i] && !g_str_equal (args[i], "--"); i++) {
    GParamSpec *pspec =
        g_str_has_prefix (args[i], "--") ? g_object_class_find_property (
            G_OBJECT_GET_CLASS (settings), args[i] + strlen ("--"))
                                         : NULL;

    if (pspec && G_IS_PARAM_SPEC_BOOLEAN (pspec)) {
      char *complete = g_strconcat (args[i], "=true", NULL);

      g_free (args[i]);
      args[i] = complete;
    }
  }
  return args;
}

static gboolean
choose_help (const char *option, const char *text, gpointer data,
             GError **error)
{
  const FeHelpForm **form = data;

  *form = text ? fe_help_find_form (text) : &fe_help_text;
  if (*form)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%s: there is no form \"%s\"", option, text);
  return FALSE;
}

/* Those which choose a form of the help; --help-form is for building only. */
static void
add_help_entries (GOptionContext *context, const FeHelpForm **form)
{
  const GOptionEntry entries[] = {
      {"help", 'h', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, choose_help,
       "", NULL},
      {"help-form", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, choose_help,
       "", "FORM"},
      G_OPTION_ENTRY_NULL,
  };
  GOptionGroup *group = g_option_group_new ("help", "", "", form, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_add_group (context, group);
}

static const FeCommand *
find_command (const char *name)
{
  const FeCommand *command = fe_commands;

  while (command->name && !g_str_equal (command->name, name))
    command++;
  return command;
}

static GOptionContext *
make_context (const FeOptions *options, const GOptionEntry *model_entries,
              const FeHelpForm **form)
{
  GOptionContext *context = g_option_context_new (NULL);

  /* GOption's own help goes on when nobody can read it. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, options->entries, NULL);
  add_help_entries (context, form);
  if (model_entries) {
    GOptionGroup *group =
        g_option_group_new ("model", "", "", options->settings, NULL);

    g_option_group_add_entries (group, model_entries);
    g_option_context_add_group (context, group);
  }
  return context;
}

gboolean
fe_options_parse (const FeOptions *options, char **argv, int *status)
{
  const FeHelpForm *form = NULL;
  g_autofree GOptionEntry *model_entries =
      options->settings ? make_model_entries (options->settings) : NULL;
  g_autoptr (GOptionContext) context =
      make_context (options, model_entries, &form);
  g_auto (GStrv) args = complete_booleans (argv, options->settings);
  g_autoptr (GError) error = NULL;

  if (!g_option_context_parse_strv (context, &args, &error)) {
    *status = fe_message_usage ("%s", error->message);
    return FALSE;
  }
  if (form) {
    const FeHelp help = {
        .command = find_command (argv[0]),
        .options = options,
        .model_entries = model_entries,
    };
    g_autofree char *text = form->format_command (&help);

    *status = fe_output_print (text);
    return FALSE;
  }
  if (args[1]) {
    *status = fe_message_usage ("\"%s\" is one argument too many", args[1]);
    return FALSE;
  }
  return TRUE;
}
