/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/thresholds.h"

#include <feclip/calibration.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"

static gboolean
is_given (char *const *argv, const char *option)
{
  const gsize length = strlen (option);

  for (; *argv && !g_str_equal (*argv, "--"); argv++)
    if (strncmp (*argv, option, length) == 0
        && ((*argv)[length] == '=' || (*argv)[length] == '\0'))
      return TRUE;
  return FALSE;
}

gboolean
fe_thresholds_load (FeclipSettings *settings, const char *path,
                    char *const *argv, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipCalibration) calibration =
      feclip_calibration_load (path, &error);
  gboolean use_pixels = !is_given (argv, "--pixel-threshold");
  FeclipMapType map_type;

  if (!calibration) {
    fe_message_error ("%s", error->message);
    *status = FE_EXIT_FAILED;
    return FALSE;
  }
  g_object_get (settings, "map-type", &map_type, NULL);
  /* With normal references, probabilities become few-shot maps. */
  if (calibration->map_type == FECLIP_MAP_TYPE_FEW_SHOT
      && map_type == FECLIP_MAP_TYPE_PROBABILITY)
    map_type = FECLIP_MAP_TYPE_FEW_SHOT;
  if (use_pixels && calibration->has_map && calibration->map_type != map_type) {
    *status = fe_message_usage ("%s was made with another --map-type: its "
                                "pixel threshold does not fit",
                                path);
    return FALSE;
  }
  if (!is_given (argv, "--threshold"))
    g_object_set (settings, "threshold", calibration->threshold, NULL);
  if (use_pixels && calibration->has_map)
    g_object_set (settings, "pixel-threshold", calibration->pixel_threshold,
                  NULL);
  return TRUE;
}
