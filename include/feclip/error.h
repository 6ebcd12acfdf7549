/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * FECLIP_API: (skip)
 *
 * Marks a symbol that the shared library exports; all others are hidden.
 */
#define FECLIP_API __attribute__ ((visibility ("default")))

/**
 * FeclipError:
 * @FECLIP_ERROR_FILE: a file is missing or cannot be read or written: check its
 *   path and permissions
 * @FECLIP_ERROR_FORMAT: a file is damaged or of the wrong kind: use another
 *   file
 * @FECLIP_ERROR_DEVICE: Vulkan or the device failed: check the driver, choose
 *   another device, or free memory
 * @FECLIP_ERROR_INPUT: a setting, prompt or frame is invalid: correct it
 *
 * Error codes, grouped by what the caller can do about an error.
 */
typedef enum {
  FECLIP_ERROR_FILE,
  FECLIP_ERROR_FORMAT,
  FECLIP_ERROR_DEVICE,
  FECLIP_ERROR_INPUT,
} FeclipError;

/**
 * FECLIP_ERROR:
 *
 * Domain of the errors of this library; the codes are #FeclipError.
 */
#define FECLIP_ERROR (feclip_error_quark ())

FECLIP_API
GQuark feclip_error_quark (void);

/**
 * feclip_version:
 *
 * Returns: (transfer none): the library's version, such as "0.1.0"
 */
FECLIP_API
const char *feclip_version (void);

G_END_DECLS
