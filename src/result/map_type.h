/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scale of a map's values. */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

/* The lowest value on the scale of a map type. */
static inline float
fe_map_type_get_floor (FeclipMapType type)
{
  return type == FECLIP_MAP_TYPE_MARGIN ? -5 : 0;
}

G_END_DECLS
