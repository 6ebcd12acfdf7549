/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What training changes: the tensors of the adapters, their gradients and
 * Adam's moments. */
#pragma once

#include "network/adapters.h"
#include "compute/ops_losses.h"

G_BEGIN_DECLS

typedef enum {
  FE_PARAMETER_WEIGHTS,
  FE_PARAMETER_GRADIENT,
  FE_PARAMETER_MEAN,
  FE_PARAMETER_SQUARE,
  FE_N_PARAMETER_TENSORS,
} FeParameterTensor;

/* One tensor; its four tensors have the same layout. */
typedef struct {
  char *name;    /* as in an adapter file */
  FeShape shape; /* the same */
  FeRate rate;
  double scale; /* of the gradient as it is kept, see parameters_new() */
  FeMatrix matrices[FE_N_PARAMETER_TENSORS]; /* of a weight */
  FeBuffer *buffers[FE_N_PARAMETER_TENSORS]; /* of a bias; else the matrices' */
} FeParameter;

typedef struct {
  guint n;
  FeParameter *list; /* [n] ffe and lfs of each tap, then fc_patch */
} FeParameters;

/* Allocates all parts, zero. Gradients of FFE and LFS are kept without the
 * factor `lambda`, which is in the parameter's scale. Errors are kept in the
 * arena. */
FeParameters *fe_parameters_new (FeArena *arena, guint n_taps, guint width,
                                 guint embedding, double lambda);

void fe_parameters_free (FeParameters *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeParameters, fe_parameters_free)

/* Numbers in a tensor. */
gsize fe_parameter_get_size (const FeParameter *self);

/* In the order of the file. fe_parameter_read() leaves the scale out. */
gboolean fe_parameter_read (const FeParameter *self, FeParameterTensor tensor,
                            float *dst, GError **error);
gboolean fe_parameter_write (const FeParameter *self, FeParameterTensor tensor,
                             const float *src, GError **error);

/* Draws all weights uniformly from ±1 / √inputs, as such layers usually start.
 */
gboolean fe_parameters_randomize (FeParameters *self, guint32 seed,
                                  GError **error);

/* Reads one tensor of each parameter from PREFIX + name. */
gboolean fe_parameters_load (FeParameters *self, FeParameterTensor tensor,
                             const FeWeights *weights, const char *prefix,
                             GError **error);

/* A tap's gradients or weights, in the structure that forward and backward
 * take. */
FeAdapterWeights fe_parameters_get_adapter (const FeParameters *self,
                                            FeParameterTensor tensor,
                                            guint tap);

/* fc_patch and its bias. */
const FeParameter *fe_parameters_get_fc_patch (const FeParameters *self);

G_END_DECLS
