/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTML's character references: "&amp;", "&eacute", "&#8211;", "&#x2013;". */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Replaces each character reference in valid UTF-8 text by what it stands for,
 * once, by the rules of HTML5 as Python's html.unescape() applies them: a
 * missing semicolon is forgiven for the names of Latin-1 characters, numbers
 * from 128 to 159 mean Windows-1252, and numbers that are no characters vanish
 * or become U+FFFD. Knows the names of HTML 4 and XML. Takes linear time. */
char *fe_html_unescape (const char *text);

G_END_DECLS
