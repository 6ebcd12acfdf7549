/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/weights_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <feclip/error.h>

/* Longer than any real name; limits the length of messages. */
#define MAX_NAME 512

static void
stored_free (gpointer data)
{
  FeStored *self = data;

  g_free (self->problem);
  g_free (self);
}

static gboolean
fail_errno (const FeWeightsFile *self, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s: %s", self->label,
               g_strerror (errno));
  return FALSE;
}

gboolean
fe_weights_file_map (FeWeightsFile *self, const char *path, GError **error)
{
  struct stat status;
  int fd;

  self->path = g_strdup (path);
  self->label = g_filename_display_name (path);
  self->tensors =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, stored_free);
  self->metadata =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  /* Non-blocking, since opening a pipe would wait for its writer. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return fail_errno (self, error);
  if (fstat (fd, &status) != 0) {
    fail_errno (self, error);
    close (fd);
    return FALSE;
  }
  if (!S_ISREG (status.st_mode)) {
    close (fd);
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: this is not a regular file", self->label);
    return FALSE;
  }
  self->mapped = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  if (self->mapped == NULL)
    fail_errno (self, error);
  close (fd);
  if (self->mapped == NULL)
    return FALSE;
  self->data = (const guint8 *)g_mapped_file_get_contents (self->mapped);
  self->size = g_mapped_file_get_length (self->mapped);
  return TRUE;
}

void
fe_weights_file_clear (FeWeightsFile *self)
{
  g_clear_pointer (&self->tensors, g_hash_table_unref);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_clear_pointer (&self->mapped, g_mapped_file_unref);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->path, g_free);
}

static gboolean
is_showable (const char *name)
{
  if (*name == '\0' || strlen (name) > MAX_NAME
      || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_isprint (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}

gboolean
fe_weights_file_check_name (const FeWeightsFile *self, const char *name,
                            GError **error)
{
  if (!is_showable (name))
    return fe_weights_file_fail (
        self, error,
        "tensor %u has a name that is empty, too long or not printable",
        g_hash_table_size (self->tensors));
  return !g_hash_table_contains (self->tensors, name)
         || fe_weights_file_fail (self, error, "tensor \"%s\" appears twice",
                                  name);
}

void
fe_weights_file_add (FeWeightsFile *self, const char *name, FeStored *stored)
{
  g_hash_table_insert (self->tensors, g_strdup (name),
                       g_memdup2 (stored, sizeof *stored));
  stored->problem = NULL;
}

char *
fe_weights_file_describe_type (const char *type)
{
  return g_strdup_printf ("has %s%s, expected F32, F16 or BF16",
                          type != NULL ? "the type " : "an unknown type",
                          type != NULL ? type : "");
}

/* Converts "[0, 1, 2]" and "(0,1,2)" to "0,1,2". */
static char *
normalize_list (const char *value)
{
  GString *list = g_string_new (NULL);

  for (; *value != '\0'; value++)
    if (strchr ("[]() \t\n", *value) == NULL)
      g_string_append_c (list, *value);
  return g_string_free (list, FALSE);
}

gboolean
fe_weights_file_add_metadata (FeWeightsFile *self, const char *key,
                              const char *value, GError **error)
{
  if (!is_showable (key))
    return fe_weights_file_fail (
        self, error,
        "metadata entry %u has a key that is empty, too long or not printable",
        g_hash_table_size (self->metadata));
  if (g_hash_table_contains (self->metadata, key))
    return fe_weights_file_fail (self, error, "metadata \"%s\" appears twice",
                                 key);
  g_hash_table_insert (self->metadata, g_strdup (key),
                       g_str_equal (key, "tap_indices") ? normalize_list (value)
                                                        : g_strdup (value));
  return TRUE;
}

gboolean
fe_weights_file_fail (const FeWeightsFile *self, GError **error,
                      const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT, "%s: %s", self->label,
               sentence);
  return FALSE;
}
