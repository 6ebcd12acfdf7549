/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict JSON, one token at a time, for headers of untrusted files.
 *
 * A document tree would keep the last of two equal keys, take memory and
 * recurse as the file asks. Here the caller asks for the tokens it expects, so
 * depth and memory are the caller's.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *start;
  const char *at;
  const char *end;
  const char *problem; /* what was expected at `at`, once something failed */
} FeJsonScan;

/* `text` must be valid UTF-8 and outlive the scan. */
void fe_json_scan_init (FeJsonScan *self, const char *text, gsize length);

/* Each of these reads one token; FALSE sets `problem`, and everything fails
 * from then on. */
gboolean fe_json_scan_expect (FeJsonScan *self, char punctuation);
gboolean fe_json_scan_string (FeJsonScan *self, GString *value);
gboolean fe_json_scan_uint (FeJsonScan *self, guint64 *value);
gboolean fe_json_scan_end (FeJsonScan *self);

/* Steps to the next entry of an object or array whose opening bracket has been
 * read: TRUE at an entry, FALSE after the closing bracket or, with `problem`
 * set, at damage. */
gboolean fe_json_scan_next (FeJsonScan *self, char close, gboolean first);

G_END_DECLS
