/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/error.h>
#include <feclip/version.h>

GQuark
feclip_error_quark (void)
{
  return g_quark_from_static_string ("feclip-error-quark");
}

const char *
feclip_version (void)
{
  return FECLIP_VERSION;
}
