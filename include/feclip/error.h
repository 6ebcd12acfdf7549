/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * FECLIP_API: (skip)
 *
 * Marks what the shared library exports; everything else stays inside it.
 */
#define FECLIP_API __attribute__ ((visibility ("default")))

/**
 * FeclipError:
 * @FECLIP_ERROR_FILE: a file is missing or cannot be read or written: check
 *   its path and permissions
 * @FECLIP_ERROR_FORMAT: a file's content is damaged or of the wrong kind: get
 *   another file
 * @FECLIP_ERROR_DEVICE: Vulkan or the device failed: check the driver, choose
 *   another device, free memory
 * @FECLIP_ERROR_INPUT: a setting, prompt or frame cannot be used as given
 *
 * What went wrong, by what the caller can do about it.
 */
typedef enum {
  FECLIP_ERROR_FILE,
  FECLIP_ERROR_FORMAT,
  FECLIP_ERROR_DEVICE,
  FECLIP_ERROR_INPUT,
} FeclipError;

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
