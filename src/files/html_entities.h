/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTML's character references: "&amp;", "&eacute", "&#8211;", "&#x2013;". */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Replaces the character references in valid UTF-8 text, once, by the rules of
 * HTML5 as in Python's html.unescape(): the semicolon is optional for the names
 * of Latin-1 characters, numbers from 128 to 159 mean Windows-1252, and invalid
 * numbers are removed or become U+FFFD. Supports the names of HTML 4 and XML.
 * Takes linear time. Free the result with g_free(). */
char *fe_html_unescape (const char *text);

G_END_DECLS
