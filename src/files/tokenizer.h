/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLIP's tokenizer: text to byte-pair ids. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_TOKENIZER_CONTEXT 77
#define FE_TOKENIZER_START 49406
#define FE_TOKENIZER_END 49407

typedef struct _FeTokenizer FeTokenizer;

/* Reads "merges.txt", "tokenizer.json" or "bpe_simple_vocab_16e6.txt.gz",
 * told apart by content. Immutable afterwards. */
FeTokenizer *fe_tokenizer_open (const char *path, GError **error);

void fe_tokenizer_free (FeTokenizer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeTokenizer, fe_tokenizer_free)

/* Finds a vocabulary in the folder of a weight file: "merges.txt", else
 * "bpe_simple_vocab_16e6.txt.gz", else "tokenizer.json", else NULL. Free the
 * path. */
char *fe_tokenizer_find_beside (const char *weights_path);

/* Writes the ids of text, start and end included, to ids and zeros behind
 * them, `context` in all, at least 2. *n_ids says how many ids there are; one
 * too long is cut to `context`, its last id FE_TOKENIZER_END, *truncated says
 * so. The end-of-text token's place is *n_ids - 1: should the text itself name
 * that token, it ends there, since CLIP reads features at the first one.
 *
 * Fails for text that is not UTF-8 or has an absurdly long word. `self` may be
 * NULL for the two default prompts, whose ids are built in; any other text is
 * then an error that says what to do. Threads may share a tokenizer. */
gboolean fe_tokenizer_encode (const FeTokenizer *self, const char *text,
                              guint context, guint32 *ids, guint *n_ids,
                              gboolean *truncated, GError **error);

G_END_DECLS
