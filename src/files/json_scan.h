/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pull parser for strict JSON, for the headers of untrusted files.
 *
 * A parser that builds a tree would keep the last of two equal keys and would
 * use memory and stack as the file demands. Here the caller asks for the tokens
 * it expects, and so controls depth and memory. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *start;
  const char *at;
  const char *end;
  const char *problem; /* what was expected at `at`, after an error */
} FeJsonScan;

/* `text` must be valid UTF-8 and outlive the scan. */
void fe_json_scan_init (FeJsonScan *self, const char *text, gsize length);

/* Each of these functions reads one token. After FALSE, `problem` is set and
 * all further calls fail. */
gboolean fe_json_scan_expect (FeJsonScan *self, char punctuation);
gboolean fe_json_scan_string (FeJsonScan *self, GString *value);
gboolean fe_json_scan_uint (FeJsonScan *self, guint64 *value);
gboolean fe_json_scan_end (FeJsonScan *self);

/* Advances to the next entry of an object or array whose opening bracket has
 * been read. TRUE: there is an entry. FALSE: the closing bracket has been read
 * or, if `problem` is set, the text is invalid. */
gboolean fe_json_scan_next (FeJsonScan *self, char close, gboolean first);

G_END_DECLS
