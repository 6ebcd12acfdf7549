/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "publish/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _GstFeclipLineFile {
  char *name; /* for messages */
  int fd;
  gboolean owned;
};

static void
set_error (GError **error, const char *what, const char *name, int code)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "Could not %s %s: %s.", what, name, g_strerror (code));
}

GstFeclipLineFile *
gst_feclip_line_file_open (const char *path, gboolean append, GError **error)
{
  GstFeclipLineFile *self = NULL;
  gboolean standard = path == NULL || strcmp (path, "-") == 0;
  int fd = STDOUT_FILENO;

  /* Appending, each line lands at the end even if others write there too. */
  if (!standard)
    fd = open (path,
               O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND
                   | (append ? 0 : O_TRUNC),
               0666);
  if (fd < 0) {
    set_error (error, "open", path, errno);
    return NULL;
  }
  self = g_new (GstFeclipLineFile, 1);
  *self = (GstFeclipLineFile){
      .name = g_strdup (standard ? "standard output" : path),
      .fd = fd,
      .owned = !standard,
  };
  return self;
}

/* Takes the last @size bytes off a plain file: the begin of a line whose rest
 * did not fit. */
static void
take_back (GstFeclipLineFile *self, gsize size)
{
  struct stat info;

  if (size > 0 && fstat (self->fd, &info) == 0 && S_ISREG (info.st_mode)
      && info.st_size >= (off_t)size
      && ftruncate (self->fd, info.st_size - (off_t)size) != 0)
    g_warning ("%s ends in an incomplete line: %s", self->name,
               g_strerror (errno));
}

gboolean
gst_feclip_line_file_write (GstFeclipLineFile *self, const char *line,
                            GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize size = strlen (text), done = 0;

  while (done < size) {
    gssize n = write (self->fd, text + done, size - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      set_error (error, "write to", self->name, errno);
      take_back (self, done);
      return FALSE;
    }
    done += n;
  }
  return TRUE;
}

gboolean
gst_feclip_line_file_close (GstFeclipLineFile *self, GError **error)
{
  gboolean ok = !self->owned || close (self->fd) == 0;

  if (!ok)
    set_error (error, "finish writing to", self->name, errno);
  g_free (self->name);
  g_free (self);
  return ok;
}
