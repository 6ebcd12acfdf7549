/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the directory of a zip archive (also zip64) in memory, from an
 * untrusted file. There is no decompression, since PyTorch stores entries
 * uncompressed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name;
  guint64 header; /* offset of its local header */
  guint64 offset; /* offset of its bytes */
  guint64 size;   /* size of its bytes in the archive */
  gboolean plain; /* neither compressed nor encrypted */
} FeZipEntry;

typedef struct _FeZip FeZip;

/* Parses the directory. Checks that every entry is inside the archive, overlaps
 * no other entry and has a unique name. Keeps no pointer to `data`. Error
 * messages do not contain the file's name. */
FeZip *fe_zip_new (const guint8 *data, gsize size, GError **error);

void fe_zip_free (FeZip *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeZip, fe_zip_free)

/* Entries in the order of their offsets. */
guint fe_zip_get_n_entries (const FeZip *self);
const FeZipEntry *fe_zip_get_entry (const FeZip *self, guint i);

/* NULL if there is no entry of that name. */
const FeZipEntry *fe_zip_find (const FeZip *self, const char *name);

G_END_DECLS
