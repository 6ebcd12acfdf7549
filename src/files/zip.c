/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/zip.h"

#include <string.h>

#include <feclip/error.h>

#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define END64_SIZE 56
#define LOCATOR64_SIZE 20
#define MAX_COMMENT 0xffff

/* Longer than any real name; limits the length of messages. */
#define MAX_NAME 512

/* Marks a field whose value is in the zip64 record. */
#define ELSEWHERE 0xffffffffu

struct _FeZip {
  GArray *entries;   /* FeZipEntry */
  GHashTable *names; /* name → entry */
};

/* Position of the central directory. */
typedef struct {
  guint64 n_entries;
  guint64 offset;
  guint64 size;
} Directory;

typedef struct {
  const guint8 *data;
  gsize size;
  GError **error;
} Archive;

static gboolean G_GNUC_PRINTF (2, 3)
    fail (const Archive *self, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (self->error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "the zip archive is damaged: %s", sentence);
  return FALSE;
}

static guint16
get16 (const guint8 *at)
{
  return (guint16)(at[0] | at[1] << 8);
}

static guint32
get32 (const guint8 *at)
{
  return get16 (at) | (guint32)get16 (at + 2) << 16;
}

static guint64
get64 (const guint8 *at)
{
  return get32 (at) | (guint64)get32 (at + 4) << 32;
}

static gboolean
has_signature (const Archive *self, guint64 offset, gsize n_bytes,
               const char *signature)
{
  return offset <= self->size && n_bytes <= self->size - offset
         && memcmp (self->data + offset, signature, 4) == 0;
}

/* Position of the end record, which is the last one, followed only by a
 * comment. */
static gboolean
find_end (const Archive *self, gsize *end)
{
  const gsize limit = END_SIZE + MAX_COMMENT;

  for (gsize n = END_SIZE; n <= self->size && n <= limit; n++) {
    *end = self->size - n;
    if (has_signature (self, *end, END_SIZE, "PK\5\6")
        && get16 (self->data + *end + 20) == n - END_SIZE)
      return TRUE;
  }
  return fail (self, "it has no end record, as if it were truncated");
}

/* The zip64 end record replaces the fields of the end record. */
static gboolean
find_directory64 (const Archive *self, gsize locator, Directory *directory)
{
  const guint64 offset = get64 (self->data + locator + 8);
  const guint8 *at;

  if (offset > locator || !has_signature (self, offset, END64_SIZE, "PK\6\6"))
    return fail (self, "it has no zip64 end record at byte %" G_GUINT64_FORMAT,
                 offset);
  at = self->data + offset;
  directory->n_entries = get64 (at + 32);
  directory->size = get64 (at + 40);
  directory->offset = get64 (at + 48);
  if (get32 (at + 16) != 0 || get32 (at + 20) != 0
      || get64 (at + 24) != directory->n_entries)
    return fail (self, "it is one volume of several");
  return TRUE;
}

static gboolean
find_directory (const Archive *self, Directory *directory)
{
  gsize end = 0;
  const guint8 *at;

  if (!find_end (self, &end))
    return FALSE;
  at = self->data + end;
  if (end >= LOCATOR64_SIZE
      && has_signature (self, end - LOCATOR64_SIZE, LOCATOR64_SIZE, "PK\6\7")) {
    if (!find_directory64 (self, end - LOCATOR64_SIZE, directory))
      return FALSE;
  } else {
    directory->n_entries = get16 (at + 10);
    directory->size = get32 (at + 12);
    directory->offset = get32 (at + 16);
    if (get16 (at + 4) != 0 || get16 (at + 6) != 0
        || get16 (at + 8) != directory->n_entries)
      return fail (self, "it is one volume of several");
  }
  if (directory->offset > end || directory->size > end - directory->offset)
    return fail (self,
                 "its directory of %" G_GUINT64_FORMAT
                 " bytes at byte %" G_GUINT64_FORMAT
                 " does not lie in the file of %" G_GSIZE_FORMAT " bytes",
                 directory->size, directory->offset, self->size);
  return TRUE;
}

/* Reads the fields that do not fit into the entry from its zip64 extra field,
 * which contains only those, in this order. */
static gboolean
read_extra64 (const guint8 *extra, gsize n_bytes, guint64 **numbers, guint n)
{
  while (n_bytes >= 4) {
    const gsize length = get16 (extra + 2);

    if (length > n_bytes - 4)
      return FALSE;
    if (get16 (extra) == 1) {
      if (length < 8 * n)
        return FALSE;
      for (guint i = 0; i < n; i++)
        *numbers[i] = get64 (extra + 4 + 8 * i);
      return TRUE;
    }
    extra += 4 + length;
    n_bytes -= 4 + length;
  }
  return FALSE;
}

static gboolean
is_showable (const char *name)
{
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_isprint (g_utf8_get_char (at)))
      return FALSE;
  return *name != '\0';
}

/* Checks the local header of an entry, which must have the same name, so that
 * no other program reads different contents from the same file. */
static gboolean
find_bytes (const Archive *self, const Directory *directory, FeZipEntry *entry)
{
  const gsize name_length = strlen (entry->name);
  const guint8 *at;
  guint64 offset;

  if (!has_signature (self, entry->header, LOCAL_SIZE, "PK\3\4")
      || entry->header > directory->offset)
    return fail (
        self, "\"%s\" has no header at byte %" G_GUINT64_FORMAT " of the file",
        entry->name, entry->header);
  at = self->data + entry->header;
  offset = entry->header + LOCAL_SIZE + get16 (at + 26) + get16 (at + 28);
  if (offset > directory->offset || get16 (at + 26) != name_length
      || memcmp (at + LOCAL_SIZE, entry->name, name_length) != 0)
    return fail (self, "\"%s\" has another name at byte %" G_GUINT64_FORMAT,
                 entry->name, entry->header);
  if (entry->size > directory->offset - offset)
    return fail (self,
                 "\"%s\" of %" G_GUINT64_FORMAT
                 " bytes at byte %" G_GUINT64_FORMAT
                 " reaches beyond byte %" G_GUINT64_FORMAT
                 ", where the directory begins",
                 entry->name, entry->size, offset, directory->offset);
  entry->offset = offset;
  return TRUE;
}

/* Reads the directory entry at `at`, with at least CENTRAL_SIZE bytes left, and
 * advances behind it. */
static gboolean
read_entry (const Archive *self, const Directory *directory, const guint8 **at,
            gsize n_left, FeZipEntry *entry)
{
  const guint8 *head = *at;
  const gsize name_length = get16 (head + 28), extra = get16 (head + 30);
  const gsize length = CENTRAL_SIZE + name_length + extra + get16 (head + 32);
  guint64 unpacked = get32 (head + 24);
  guint64 *elsewhere[3];
  guint n_elsewhere = 0;

  if (length > n_left)
    return fail (self, "its directory ends within an entry");
  entry->size = get32 (head + 20);
  entry->header = get32 (head + 42);
  entry->name = g_strndup ((const char *)head + CENTRAL_SIZE, name_length);
  if (name_length > MAX_NAME || strlen (entry->name) != name_length
      || !g_utf8_validate (entry->name, name_length, NULL)
      || !is_showable (entry->name))
    return fail (self, "an entry's name is empty, too long or not printable");

  if (unpacked == ELSEWHERE)
    elsewhere[n_elsewhere++] = &unpacked;
  if (entry->size == ELSEWHERE)
    elsewhere[n_elsewhere++] = &entry->size;
  if (entry->header == ELSEWHERE)
    elsewhere[n_elsewhere++] = &entry->header;
  if (n_elsewhere > 0
      && !read_extra64 (head + CENTRAL_SIZE + name_length, extra, elsewhere,
                        n_elsewhere))
    return fail (self, "\"%s\" lacks its zip64 sizes", entry->name);

  entry->plain = get16 (head + 10) == 0 && (get16 (head + 8) & 1) == 0;
  if (entry->plain && unpacked != entry->size)
    return fail (self, "\"%s\" has two sizes", entry->name);
  *at += length;
  return find_bytes (self, directory, entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const FeZipEntry *x = a, *y = b;

  return (x->header > y->header) - (x->header < y->header);
}

static gboolean
check_entries (const Archive *self, FeZip *zip)
{
  g_array_sort (zip->entries, compare_entries);
  for (guint i = 0; i < zip->entries->len; i++) {
    FeZipEntry *entry = &g_array_index (zip->entries, FeZipEntry, i);
    const FeZipEntry *before = entry - 1;

    if (i > 0 && before->offset + before->size > entry->header)
      return fail (self, "\"%s\" and \"%s\" overlap at byte %" G_GUINT64_FORMAT,
                   before->name, entry->name, entry->header);
    if (!g_hash_table_insert (zip->names, entry->name, entry))
      return fail (self, "\"%s\" appears twice", entry->name);
  }
  return TRUE;
}

static void
clear_entry (gpointer data)
{
  FeZipEntry *entry = data;

  g_free (entry->name);
}

FeZip *
fe_zip_new (const guint8 *data, gsize size, GError **error)
{
  const Archive archive = {data, size, error};
  g_autoptr (FeZip) self = g_new0 (FeZip, 1);
  Directory directory = {0};
  const guint8 *at, *end;

  self->entries = g_array_new (FALSE, TRUE, sizeof (FeZipEntry));
  g_array_set_clear_func (self->entries, clear_entry);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  if (!find_directory (&archive, &directory))
    return NULL;

  at = data + directory.offset;
  end = at + directory.size;
  for (guint64 i = 0; i < directory.n_entries; i++) {
    FeZipEntry *entry;

    if ((gsize)(end - at) < CENTRAL_SIZE || memcmp (at, "PK\1\2", 4) != 0) {
      fail (&archive,
            "its directory ends after %" G_GUINT64_FORMAT
            " of %" G_GUINT64_FORMAT " entries",
            i, directory.n_entries);
      return NULL;
    }
    g_array_set_size (self->entries, self->entries->len + 1);
    entry = &g_array_index (self->entries, FeZipEntry, self->entries->len - 1);
    if (!read_entry (&archive, &directory, &at, (gsize)(end - at), entry))
      return NULL;
  }
  return check_entries (&archive, self) ? g_steal_pointer (&self) : NULL;
}

void
fe_zip_free (FeZip *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->entries, g_array_unref);
  g_free (self);
}

guint
fe_zip_get_n_entries (const FeZip *self)
{
  return self->entries->len;
}

const FeZipEntry *
fe_zip_get_entry (const FeZip *self, guint i)
{
  return &g_array_index (self->entries, FeZipEntry, i);
}

const FeZipEntry *
fe_zip_find (const FeZip *self, const char *name)
{
  return g_hash_table_lookup (self->names, name);
}
