/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * plugin-feclip:
 *
 * Zero-shot anomaly detection with FE-CLIP on Vulkan. `feclip` analyses video
 * frames and attaches the results to them, `feclipoverlay` draws the results,
 * `feclippublish` writes them as JSON lines.
 */
#include "plugin.h"

#include <feclip/gst/meta.h>
#include <feclip/version.h>

#include "feclip/gstfeclip.h"
#include "overlay/gstfeclipoverlay.h"
#include "publish/gstfeclippublish.h"

/* GST_PLUGIN_DEFINE uses this name. */
#define PACKAGE "feclip"

/* GStreamer calls this to fill its registry, also on machines without a GPU: it
 * must not open a device. */
static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean ok = TRUE;

  GST_DEBUG_CATEGORY_INIT (gst_feclip_debug, "feclip", 0,
                           "FE-CLIP anomaly detection");
  /* Applications may ask for the meta before the first frame. */
  feclip_meta_get_info ();

  ok &= GST_ELEMENT_REGISTER (feclip, plugin);
  ok &= GST_ELEMENT_REGISTER (feclipoverlay, plugin);
  ok &= GST_ELEMENT_REGISTER (feclippublish, plugin);
  return ok;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, feclip,
                   "Zero-shot anomaly detection with FE-CLIP on Vulkan",
                   plugin_init, FECLIP_VERSION, "LGPL", "feclip",
                   "Unknown package origin")
