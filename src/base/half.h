/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conversion to half precision (IEEE 754 binary16) without special
 * instructions. */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Rounds to nearest even; values that are too large become infinite. */
static inline guint16
fe_half_from_float (float value)
{
  guint32 bits, sign, magnitude;

  memcpy (&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) /* infinity or NaN */
    return (guint16)(sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0));
  if (magnitude >= 0x477ff000) /* rounds to 65536 or more */
    return (guint16)(sign | 0x7c00);
  if (magnitude < 0x38800000) { /* below 2^-14: subnormal */
    float scaled;

    memcpy (&scaled, &magnitude, sizeof scaled);
    scaled += 0.5f; /* the addition rounds to multiples of 2^-24 */
    memcpy (&magnitude, &scaled, sizeof magnitude);
    return (guint16)(sign | (magnitude - 0x3f000000));
  }
  /* Rebias the exponent by 127 - 15 and round off the lowest 13 bits. */
  magnitude -= 112u << 23;
  return (guint16)(sign | ((magnitude + 0xfff + (magnitude >> 13 & 1)) >> 13));
}

G_END_DECLS
