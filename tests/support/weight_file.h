/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One weight file, written by a test and opened again. */
#pragma once

#include "files/weights.h"

/* Where the file is. */
const char *weight_file_get_path (void);

/* Writes @bytes (transfer full) and opens the file. */
FeWeights *weight_file_open (GByteArray *bytes, GError **error);

/* The same; fails the test where the file does not open. */
FeWeights *weight_file_open_good (GByteArray *bytes);

/* Fails the test unless @error says @sentence about the file. */
void weight_file_assert_sentence (const GError *error, const char *sentence);

/* Fails the test unless a file of @bytes (transfer full) is refused so. */
void weight_file_assert_refused (GByteArray *bytes, const char *sentence);
