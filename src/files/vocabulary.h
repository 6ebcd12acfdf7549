/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A vocabulary file: the symbols and merges of CLIP's byte-pair encoding. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_VOCABULARY_NO_RANK G_MAXUINT32

typedef struct {
  guint16 inner_bytes[256]; /* id of each byte inside a word */
  guint16 last_bytes[256];  /* id of each byte that ends a word */
  GHashTable *merges;       /* private: see fe_vocabulary_get_rank() */
} FeVocabulary;

/* Reads one of the files that come with CLIP's weights, told apart by content:
 * "merges.txt", "bpe_simple_vocab_16e6.txt.gz" (any file may be compressed with
 * gzip) or "tokenizer.json". Untrusted input. Immutable afterwards. */
FeVocabulary *fe_vocabulary_open (const char *path, GError **error);

void fe_vocabulary_free (FeVocabulary *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeVocabulary, fe_vocabulary_free)

/* The rank of the merge of two neighbouring symbols, lowest first and unique,
 * or FE_VOCABULARY_NO_RANK; and in *merged, unless NULL, the symbol that they
 * become. */
guint32 fe_vocabulary_get_rank (const FeVocabulary *self, const guint16 *pair,
                                guint16 *merged);

G_END_DECLS
