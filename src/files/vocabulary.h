/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vocabulary of CLIP's byte-pair encoding: its symbols and merges. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_VOCABULARY_NO_RANK G_MAXUINT32

typedef struct {
  guint16 inner_bytes[256]; /* id of each byte within a word */
  guint16 last_bytes[256];  /* id of each byte at the end of a word */
  GHashTable *merges;       /* private: see fe_vocabulary_get_rank() */
} FeVocabulary;

/* Reads a vocabulary file, whose kind is detected by content: "merges.txt",
 * "bpe_simple_vocab_16e6.txt.gz" (any file may be compressed with gzip) or
 * "tokenizer.json". Untrusted input. The result is immutable. */
FeVocabulary *fe_vocabulary_open (const char *path, GError **error);

void fe_vocabulary_free (FeVocabulary *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeVocabulary, fe_vocabulary_free)

/* Rank of the merge of two neighbouring symbols (unique; the lowest is applied
 * first), or FE_VOCABULARY_NO_RANK. Sets *merged, unless NULL, to the symbol
 * that they are merged into. */
guint32 fe_vocabulary_get_rank (const FeVocabulary *self, const guint16 *pair,
                                guint16 *merged);

G_END_DECLS
