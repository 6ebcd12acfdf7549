/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder of this run of a test program, which is empty at first and removed
 * with all that is in it when the program ends. */
#pragma once

#include <glib.h>

/* A path that leads nowhere, for strings that a compiler joins. */
#define NOWHERE FECLIP_TEST_DATA "/no-such-folder"

/* Returns: (transfer full): the path of @name in the folder, or the folder's
 * own for NULL; nothing is there until the test makes it */
char *scratch_path (const char *name);

/* Writes a file without waiting for the disk, in place of what is there;
 * @length -1 for a string. */
void scratch_write (const char *path, const void *bytes, gssize length);

/* Removes a file, or a folder with all that is in it; nothing there is fine. */
void scratch_remove (const char *path);
