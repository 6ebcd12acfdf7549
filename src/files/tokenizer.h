/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLIP's tokenizer: converts text to ids of the byte-pair encoding. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_TOKENIZER_CONTEXT 77
#define FE_TOKENIZER_START 49406
#define FE_TOKENIZER_END 49407

typedef struct _FeTokenizer FeTokenizer;

/* Reads "merges.txt", "tokenizer.json" or "bpe_simple_vocab_16e6.txt.gz",
 * detected by content. The result is immutable. */
FeTokenizer *fe_tokenizer_open (const char *path, GError **error);

void fe_tokenizer_free (FeTokenizer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeTokenizer, fe_tokenizer_free)

/* Finds a vocabulary in the folder of a weight file: "merges.txt", else
 * "bpe_simple_vocab_16e6.txt.gz", else "tokenizer.json", else NULL. Free the
 * path with g_free(). */
char *fe_tokenizer_find_beside (const char *weights_path);

/* Writes the ids of `text`, including start and end token, to `ids`, followed
 * by zeros: `context` elements in all, at least 2. Sets *n_ids to the number of
 * ids. A text that is too long is cut to `context` ids, the last of which is
 * FE_TOKENIZER_END, and *truncated is set. CLIP reads the text features at the
 * first end token, *n_ids - 1; if the text itself contains the end token, it is
 * cut there.
 *
 * Fails for text that is not UTF-8 or contains an absurdly long word. `self`
 * may be NULL for the two default prompts, whose ids are built in; for any
 * other text that is an error that tells the user what to do. Thread-safe. */
gboolean fe_tokenizer_encode (const FeTokenizer *self, const char *text,
                              guint context, guint32 *ids, guint *n_ids,
                              gboolean *truncated, GError **error);

G_END_DECLS
