/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The command line that scores images with the golden weights. */
#define SCORE \
  "\"$FECLIP\" score --model-file=\"$DATA\"/model.safetensors " \
  "--adapter-file=\"$DATA\"/adapter.safetensors "

/* One JSON node per line of its output. */
GPtrArray *parse_lines (const char *text);

/* Parts of line @i. */
JsonObject *get_line (GPtrArray *nodes, guint i);
JsonObject *get_anomaly (GPtrArray *nodes, guint i);
double get_score (GPtrArray *nodes, guint i);

void assert_resolution (GPtrArray *nodes, guint i, int width, int height);
/* The source's path ends so. */
void assert_source (GPtrArray *nodes, guint i, const char *expected);

/* The list @name of expected.json, and the score in one of its entries. */
JsonArray *load_expected (JsonParser *parser, const char *name);
double get_expected_score (JsonArray *expected, guint i);

G_END_DECLS
