/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/weights_names.h"

#include <string.h>

/* Mapping of a name in a file to a tensor. */
typedef struct {
  const char *theirs;
  const char *ours;
  guint part;          /* 1, 2, 3: a third of the tensor; 0: all of it */
  gboolean transposed; /* stored as [out][in], read as [in][out] */
} Rule;

/* Prefixes of numbered names. */
typedef struct {
  const char *theirs;
  const char *ours;
} Family;

const char *const fe_names_image_tower[] = {
    "visual.conv1.weight",
    "visual.class_embedding",
    "visual.positional_embedding",
    "visual.ln_pre.weight",
    "visual.ln_pre.bias",
    "visual.ln_post.weight",
    "visual.ln_post.bias",
    "visual.proj",
    NULL,
};

const char *const fe_names_text_tower[] = {
    "token_embedding.weight", "positional_embedding", "ln_final.weight",
    "ln_final.bias",          "text_projection",      NULL,
};

const char *const fe_names_block[] = {
    "ln_1.weight",
    "ln_1.bias",
    "attn.in_proj_weight",
    "attn.in_proj_bias",
    "attn.out_proj.weight",
    "attn.out_proj.bias",
    "ln_2.weight",
    "ln_2.bias",
    "mlp.c_fc.weight",
    "mlp.c_fc.bias",
    "mlp.c_proj.weight",
    "mlp.c_proj.bias",
    NULL,
};

const char *const fe_names_ffe[] = {"mlp.0.weight", "mlp.0.bias", NULL};
const char *const fe_names_lfs[] = {"conv.0.weight", "conv.0.bias", NULL};
const char *const fe_names_fc_patch[] = {"fc_patch.weight", "fc_patch.bias",
                                         NULL};

static const char *const other_names[] = {"logit_scale", "text_features", NULL};

static const Rule hugging_face_rules[] = {
    {"vision_model.embeddings.class_embedding", "visual.class_embedding"},
    {"vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"},
    {"vision_model.embeddings.position_embedding.weight",
     "visual.positional_embedding"},
    {"vision_model.pre_layrnorm.weight", "visual.ln_pre.weight"},
    {"vision_model.pre_layrnorm.bias", "visual.ln_pre.bias"},
    {"vision_model.post_layernorm.weight", "visual.ln_post.weight"},
    {"vision_model.post_layernorm.bias", "visual.ln_post.bias"},
    {"visual_projection.weight", "visual.proj", .transposed = TRUE},
    {"text_model.embeddings.token_embedding.weight", "token_embedding.weight"},
    {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
    {"text_model.final_layer_norm.weight", "ln_final.weight"},
    {"text_model.final_layer_norm.bias", "ln_final.bias"},
    {"text_projection.weight", "text_projection", .transposed = TRUE},
    {NULL},
};

static const Rule hugging_face_block[] = {
    {"layer_norm1.weight", "ln_1.weight"},
    {"layer_norm1.bias", "ln_1.bias"},
    {"self_attn.q_proj.weight", "attn.in_proj_weight", .part = 1},
    {"self_attn.k_proj.weight", "attn.in_proj_weight", .part = 2},
    {"self_attn.v_proj.weight", "attn.in_proj_weight", .part = 3},
    {"self_attn.q_proj.bias", "attn.in_proj_bias", .part = 1},
    {"self_attn.k_proj.bias", "attn.in_proj_bias", .part = 2},
    {"self_attn.v_proj.bias", "attn.in_proj_bias", .part = 3},
    {"self_attn.out_proj.weight", "attn.out_proj.weight"},
    {"self_attn.out_proj.bias", "attn.out_proj.bias"},
    {"layer_norm2.weight", "ln_2.weight"},
    {"layer_norm2.bias", "ln_2.bias"},
    {"mlp.fc1.weight", "mlp.c_fc.weight"},
    {"mlp.fc1.bias", "mlp.c_fc.bias"},
    {"mlp.fc2.weight", "mlp.c_proj.weight"},
    {"mlp.fc2.bias", "mlp.c_proj.bias"},
    {NULL},
};

static const Family hugging_face_families[] = {
    {"vision_model.encoder.layers.", "visual.transformer.resblocks."},
    {"text_model.encoder.layers.", "transformer.resblocks."},
    {NULL},
};

/* Numbered modules of the network, and the tensors of each. */
static const struct {
  const char *prefix;
  const char *const *names;
} numbered[] = {
    {"visual.transformer.resblocks.", fe_names_block},
    {"transformer.resblocks.", fe_names_block},
    {"ffe.", fe_names_ffe},
    {"lfs.", fe_names_lfs},
};

/* Prefixes of modules that wrap the network, in any order and nesting. */
static const char *const wrappers[] = {
    "model.", "module.", "clip.", "clip_model.", "text.", "_orig_mod.", NULL};

/* Result of parsing a name. */
typedef struct {
  char *name;
  guint part;
  gboolean transposed;
  gboolean hugging_face;
  gboolean within_clip; /* follows a prefix "clip." */
} Meaning;

typedef struct {
  const char *theirs; /* NULL: not found yet */
  const FeStored *stored;
  gboolean transposed;
  gboolean within_clip;
} Part;

/* A tensor that is being assembled. */
typedef struct {
  gboolean stacked;
  Part parts[FE_TENSOR_MAX_PARTS];
} Draft;

static void
tensor_free (gpointer data)
{
  FeTensor *self = data;

  g_free (self->problem);
  g_free (self);
}

static const Rule *
find_rule (const Rule *rules, const char *name)
{
  for (; rules->theirs != NULL; rules++)
    if (g_str_equal (rules->theirs, name))
      return rules;
  return NULL;
}

/* Returns what follows "PREFIXnumber.", or NULL if the name does not begin with
 * it. */
static const char *
skip_block (const char *name, const char *prefix)
{
  const char *number, *at;

  if (!g_str_has_prefix (name, prefix))
    return NULL;
  number = at = name + strlen (prefix);
  while (g_ascii_isdigit (*at))
    at++;
  if (at == number || at - number > 4 || *at != '.'
      || (*number == '0' && at - number > 1))
    return NULL;
  return at + 1;
}

gboolean
fe_names_is_network (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (numbered); i++) {
    const char *rest = skip_block (name, numbered[i].prefix);

    if (rest != NULL && g_strv_contains (numbered[i].names, rest))
      return TRUE;
  }
  return g_strv_contains (fe_names_image_tower, name)
         || g_strv_contains (fe_names_text_tower, name)
         || g_strv_contains (fe_names_fc_patch, name)
         || g_strv_contains (other_names, name);
}

static gboolean
match_hugging_face (const char *name, Meaning *meaning)
{
  const Rule *rule = find_rule (hugging_face_rules, name);
  const Family *family = hugging_face_families;

  if (rule != NULL)
    meaning->name = g_strdup (rule->ours);
  for (; rule == NULL && family->theirs != NULL; family++) {
    const char *rest = skip_block (name, family->theirs);
    const char *number = name + strlen (family->theirs);

    if (rest == NULL)
      continue;
    rule = find_rule (hugging_face_block, rest);
    if (rule != NULL)
      meaning->name = g_strdup_printf (
          "%s%.*s%s", family->ours, (int)(rest - number), number, rule->ours);
  }
  if (rule == NULL)
    return FALSE;
  meaning->part = rule->part;
  meaning->transposed = rule->transposed;
  return meaning->hugging_face = TRUE;
}

static const char *
skip_wrapper (const char *name, gboolean *is_clip)
{
  for (gsize i = 0; wrappers[i] != NULL; i++)
    if (g_str_has_prefix (name, wrappers[i])) {
      *is_clip |= g_str_equal (wrappers[i], "clip.");
      return name + strlen (wrappers[i]);
    }
  return NULL;
}

/* An unknown name is kept. */
static void
find_meaning (const char *name, Meaning *meaning)
{
  *meaning = (Meaning){NULL};
  for (const char *at = name; at != NULL && meaning->name == NULL;
       at = skip_wrapper (at, &meaning->within_clip)) {
    if (fe_names_is_network (at))
      meaning->name = g_strdup (at);
    else if (g_str_equal (at, "_text_emb"))
      meaning->name = g_strdup ("text_features");
    else if (match_hugging_face (at, meaning))
      break;
  }
  if (meaning->name == NULL)
    meaning->name = g_strdup (name);
}

static gboolean
same_view (const FeView *a, const FeView *b)
{
  return a->dtype == b->dtype && a->offset == b->offset
         && memcmp (&a->shape, &b->shape, sizeof a->shape) == 0
         && memcmp (a->strides, b->strides, sizeof a->strides) == 0;
}

/* FE-CLIP checkpoints contain the image encoder twice, as model.clip.visual and
 * model.visual, sharing storage or, after a conversion, as copies. Any other
 * tensor under two names is an error. */
static gboolean
take_second (const FeWeightsFile *file, const char *name, Part *first,
             const Part *second, GError **error)
{
  const FeView *a = &first->stored->view, *b = &second->stored->view;

  if (same_view (a, b))
    return TRUE;
  if (first->within_clip == second->within_clip
      || memcmp (&a->shape, &b->shape, sizeof a->shape) != 0)
    return fe_weights_file_fail (
        file, error, "tensor \"%s\" appears twice, as \"%s\" and as \"%s\"",
        name, first->theirs, second->theirs);
  if (second->within_clip)
    *first = *second;
  return TRUE;
}

static gboolean
add_part (const FeWeightsFile *file, GHashTable *drafts, const char *theirs,
          const Meaning *meaning, GError **error)
{
  const FeStored *stored = g_hash_table_lookup (file->tensors, theirs);
  const guint at = meaning->part > 0 ? meaning->part - 1 : 0;
  const Part part = {theirs, stored, meaning->transposed, meaning->within_clip};
  Draft *draft = g_hash_table_lookup (drafts, meaning->name);

  if (draft == NULL) {
    draft = g_new0 (Draft, 1);
    draft->stacked = meaning->part > 0;
    g_hash_table_insert (drafts, g_strdup (meaning->name), draft);
  }
  if (draft->stacked != (meaning->part > 0))
    return fe_weights_file_fail (
        file, error,
        "tensor \"%s\" appears twice, once split into query, key and value",
        meaning->name);
  if (draft->parts[at].theirs != NULL)
    return take_second (file, meaning->name, &draft->parts[at], &part, error);
  draft->parts[at] = part;
  return TRUE;
}

/* Appends the rows of a part. */
static void
stack_part (FeTensor *self, const FeView *view)
{
  g_autofree char *ours = NULL, *theirs = NULL;

  if (self->n_parts == 0) {
    self->shape = view->shape;
  } else if (view->shape.n_dims == 0
             || memcmp (&view->shape, &self->parts[0].shape, sizeof view->shape)
                    != 0) {
    ours = fe_shape_to_string (&self->parts[0].shape);
    theirs = fe_shape_to_string (&view->shape);
    self->problem = g_strdup_printf (
        "is made of parts with different shapes, %s and %s", ours, theirs);
    return;
  } else if (!g_uint64_checked_add (&self->shape.dims[0], self->shape.dims[0],
                                    view->shape.dims[0])) {
    self->problem = g_strdup ("has too many rows");
    return;
  }
  self->parts[self->n_parts++] = *view;
}

static FeTensor *
tensor_from_draft (const Draft *draft)
{
  static const char *const roles[] = {"query", "key", "value"};
  FeTensor *self = g_new0 (FeTensor, 1);
  const guint n_parts = draft->stacked ? FE_TENSOR_MAX_PARTS : 1;

  for (guint i = 0; i < n_parts && self->problem == NULL; i++) {
    const Part *part = &draft->parts[i];
    FeView view;

    if (part->theirs == NULL) {
      self->problem = g_strdup_printf ("lacks its %s part", roles[i]);
      break;
    }
    self->problem = g_strdup (part->stored->problem);
    view = part->stored->view;
    if (self->problem == NULL && part->transposed && view.shape.n_dims != 2) {
      g_autofree char *shape = fe_shape_to_string (&view.shape);

      self->problem =
          g_strdup_printf ("has shape %s, expected two dimensions", shape);
    }
    if (self->problem != NULL)
      break;
    if (part->transposed)
      fe_view_transpose (&view);
    stack_part (self, &view);
  }
  return self;
}

static gboolean
is_empty (const FeTensor *tensor)
{
  guint64 n_elements;

  return tensor->problem == NULL && fe_shape_count (&tensor->shape, &n_elements)
         && n_elements == 0;
}

static const char *
name_layout (GHashTable *tensors, gboolean hugging_face)
{
  gboolean network = FALSE, adapters = FALSE, clip = FALSE;
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, tensors);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    const char *name = key;

    network |= fe_names_is_network (name);
    clip |= g_str_has_prefix (name, "visual.");
    adapters |= g_str_has_prefix (name, "ffe.")
                || g_str_has_prefix (name, "lfs.")
                || g_str_has_prefix (name, "fc_patch.");
  }
  if (!network)
    return "unknown";
  if (hugging_face)
    return "Hugging Face";
  if (adapters)
    return clip ? "FE-CLIP checkpoint" : "FE-CLIP adapter";
  return "open_clip";
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GHashTable *
fe_names_map (const FeWeightsFile *file, const char **layout, GError **error)
{
  g_autoptr (GHashTable) drafts =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) tensors =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tensor_free);
  g_autofree gpointer *names =
      g_hash_table_get_keys_as_array (file->tensors, NULL);
  const guint n_names = g_hash_table_size (file->tensors);
  gboolean hugging_face = FALSE;
  GHashTableIter iter;
  gpointer name, draft;

  /* Sorted, so that a file always gives the same error. */
  qsort (names, n_names, sizeof *names, compare_names);
  for (guint i = 0; i < n_names; i++) {
    Meaning meaning;
    gboolean ok;

    find_meaning (names[i], &meaning);
    hugging_face |= meaning.hugging_face;
    ok = add_part (file, drafts, names[i], &meaning, error);
    g_free (meaning.name);
    if (!ok)
      return NULL;
  }

  g_hash_table_iter_init (&iter, drafts);
  while (g_hash_table_iter_next (&iter, &name, &draft)) {
    FeTensor *tensor = tensor_from_draft (draft);

    /* Text features that were never computed are saved as a tensor without
     * rows. */
    if (is_empty (tensor) && g_str_equal (name, "text_features")) {
      tensor_free (tensor);
      continue;
    }
    if (is_empty (tensor) && fe_names_is_network (name))
      tensor->problem = g_strdup ("is empty");
    g_hash_table_insert (tensors, g_strdup (name), tensor);
  }
  *layout = name_layout (tensors, hugging_face);
  return g_steal_pointer (&tensors);
}
