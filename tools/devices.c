/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/device.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"

static void
append_device (GString *text, guint index, const FeclipDeviceInfo *info)
{
  g_string_append_printf (text,
                          "%u: %s\n"
                          "  type      %s\n"
                          "  driver    %s\n"
                          "  Vulkan    %s\n"
                          "  memory    %.1f GiB\n"
                          "  subgroup  %u\n"
                          "  UUID      %s\n"
                          "  usable    %s\n",
                          index, info->name, info->type, info->driver,
                          info->api_version, info->memory / 1073741824.0,
                          info->subgroup_size, info->uuid,
                          info->usable ? "yes" : "no");
}

int
fe_command_devices (char **argv)
{
  const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
  const FeOptions options = {
      .summary = "Lists the Vulkan devices of this machine. The option "
                 "--device of the other commands takes an index, a part of "
                 "a name or a UUID.",
      .entries = entries,
  };
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!fe_options_parse (&options, argv, &status))
    return status;
  devices = feclip_list_devices (&error);
  if (!devices) {
    fe_message_error ("%s", error->message);
    return FE_EXIT_FAILED;
  }
  if (devices->len == 0) {
    fe_message_error ("this machine has no Vulkan device");
    return FE_EXIT_FAILED;
  }
  text = g_string_new (NULL);
  for (guint i = 0; i < devices->len; i++)
    append_device (text, i, g_ptr_array_index (devices, i));
  return fe_output_print (text->str);
}
