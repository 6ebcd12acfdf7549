/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/weights-info.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"

G_GNUC_PRINTF (3, 4)
static void
append_row (GString *text, const char *name, const char *format, ...)
{
  va_list args;

  g_string_append_printf (text, "  %-14s", name);
  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
  g_string_append_c (text, '\n');
}

static void
append_rows (GString *text, const char *name, GStrv lines)
{
  for (guint i = 0; lines && lines[i]; i++)
    append_row (text, i == 0 ? name : "", "%s", lines[i]);
}

static char *
describe (const char *path, const FeclipWeightsInfo *info)
{
  g_autofree char *name = g_filename_display_name (path);
  GString *text = g_string_new (name);

  g_string_append_c (text, '\n');
  append_row (text, "file", "%s, %s", info->container, info->dtypes);
  append_row (text, "layout", "%s", info->layout);
  append_row (text, "tensors", "%u with %.1f million parameters",
              info->n_tensors, info->n_parameters / 1e6);
  if (info->image_size > 0)
    append_row (text, "image tower",
                "%u×%u pixels in %u×%u patches of %u, %u blocks, width %u, "
                "embedding %u",
                info->image_size, info->image_size, info->grid_size,
                info->grid_size, info->patch_size, info->n_blocks, info->width,
                info->embedding);
  if (info->text_width > 0)
    append_row (text, "text tower", "%u blocks, width %u", info->text_blocks,
                info->text_width);
  if (info->n_taps > 0 && info->tap_blocks)
    append_row (text, "adapters", "%u, at blocks %s", info->n_taps,
                info->tap_blocks);
  else if (info->n_taps > 0)
    append_row (text, "adapters", "%u", info->n_taps);
  if (info->has_text_features)
    append_row (text, "text features", "ready in the file");
  append_rows (text, "metadata", info->metadata);
  append_rows (text, "missing", info->missing);
  return g_string_free (text, FALSE);
}

static int
show_files (char *const *paths)
{
  int status = FE_EXIT_DONE;

  for (guint i = 0; paths[i]; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FeclipWeightsInfo) info =
        feclip_weights_info_new (paths[i], &error);
    g_autofree char *text = NULL;

    if (!info) {
      fe_message_error ("%s", error->message);
      status = FE_EXIT_FAILED;
      continue;
    }
    text = describe (paths[i], info);
    if (fe_output_print (text) != FE_EXIT_DONE)
      return FE_EXIT_FAILED;
  }
  return status;
}

int
fe_command_info (char **argv)
{
  g_auto (GStrv) paths = NULL;
  const GOptionEntry entries[] = {
      {G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY,
       &paths, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const FeOptions options = {
      .arguments = "FILE…",
      .summary =
          "Describes weight files and what each lacks for a complete model.",
      .entries = entries,
  };
  int status;

  if (!fe_options_parse (&options, argv, &status))
    return status;
  if (!paths)
    return fe_message_usage ("a weight file is missing");
  return show_files (paths);
}
