/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/overload.h"

GType
gst_feclip_overload_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_FECLIP_OVERLOAD_BLOCK, "Wait until a request is free", "block"},
      {GST_FECLIP_OVERLOAD_SKIP, "Pass the frame on without a result", "skip"},
      {GST_FECLIP_OVERLOAD_REUSE_LAST,
       "Pass the frame on with the latest result", "reuse-last"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
                       g_enum_register_static ("GstFeclipOverload", values));
  return type;
}
