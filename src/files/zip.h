/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory of a zip archive in memory, up to zip64, from an untrusted
 * file. Nothing is unpacked: PyTorch stores what it writes as it is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name;
  guint64 header; /* where its local header begins */
  guint64 offset; /* where its bytes begin */
  guint64 size;   /* of what lies in the archive */
  gboolean plain; /* neither compressed nor encrypted */
} FeZipEntry;

typedef struct _FeZip FeZip;

/* Every entry is checked to lie within the archive, to overlap no other one
 * and to have a name of its own. Keeps no pointer to `data`. Errors are
 * sentences without a file's name. */
FeZip *fe_zip_new (const guint8 *data, gsize size, GError **error);

void fe_zip_free (FeZip *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeZip, fe_zip_free)

/* In the order in which they lie in the archive. */
guint fe_zip_get_n_entries (const FeZip *self);
const FeZipEntry *fe_zip_get_entry (const FeZip *self, guint i);

/* NULL if there is none of that name. */
const FeZipEntry *fe_zip_find (const FeZip *self, const char *name);

G_END_DECLS
