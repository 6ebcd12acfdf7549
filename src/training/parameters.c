/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/parameters.h"

#include <math.h>

/* Tensors of a tap, in their order in the list. */
enum { FFE_MLP, FFE_BIAS, LFS_CONV, LFS_BIAS, TENSORS_PER_TAP };

static void
add (FeParameters *self, FeArena *arena, FeParameter parameter)
{
  const FeShape *shape = &parameter.shape;

  for (guint i = 0; i < FE_N_PARAMETER_TENSORS; i++) {
    if (shape->n_dims == 1) {
      parameter.buffers[i] = fe_arena_floats (
          arena, parameter.name, FE_BUFFER_DEVICE, (gsize)shape->dims[0], NULL);
      continue;
    }
    parameter.matrices[i] = fe_arena_matrix (
        arena, parameter.name, (guint)shape->dims[0],
        (guint)shape->dims[1] * (shape->n_dims == 4 ? 9 : 1), 1);
    parameter.buffers[i] = parameter.matrices[i].buffer;
  }
  self->list[self->n++] = parameter;
}

FeParameters *
fe_parameters_new (FeArena *arena, guint n_taps, guint width, guint embedding,
                   double lambda)
{
  FeParameters *self = g_new0 (FeParameters, 1);
  const guint d = width, e = embedding;
  const struct {
    const char *name;
    FeShape shape;
  } tensors[TENSORS_PER_TAP] = {
      [FFE_MLP] = {"ffe.%u.mlp.0.weight", FE_SHAPE (d, d)},
      [FFE_BIAS] = {"ffe.%u.mlp.0.bias", FE_SHAPE (d)},
      [LFS_CONV] = {"lfs.%u.conv.0.weight", FE_SHAPE (d, d, 3, 3)},
      [LFS_BIAS] = {"lfs.%u.conv.0.bias", FE_SHAPE (d)},
  };

  self->list = g_new0 (FeParameter, n_taps * TENSORS_PER_TAP + 2);
  for (guint i = 0; i < n_taps * TENSORS_PER_TAP; i++) {
    g_autofree char *place = g_strdup_printf ("%u", i / TENSORS_PER_TAP);
    GString *name = g_string_new (tensors[i % TENSORS_PER_TAP].name);

    g_string_replace (name, "%u", place, 1);
    add (self, arena,
         (FeParameter){
             .name = g_string_free (name, FALSE),
             .shape = tensors[i % TENSORS_PER_TAP].shape,
             .rate = FE_RATE_ADAPTERS,
             .scale = lambda,
         });
  }
  add (self, arena,
       (FeParameter){
           .name = g_strdup ("fc_patch.weight"),
           .shape = FE_SHAPE (e, d),
           .rate = FE_RATE_FC_PATCH,
           .scale = 1,
       });
  add (self, arena,
       (FeParameter){
           .name = g_strdup ("fc_patch.bias"),
           .shape = FE_SHAPE (e),
           .rate = FE_RATE_FC_PATCH,
           .scale = 1,
       });
  return self;
}

void
fe_parameters_free (FeParameters *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n; i++)
    g_free (self->list[i].name);
  g_free (self->list);
  g_free (self);
}

gsize
fe_parameter_get_size (const FeParameter *self)
{
  gsize n = 1;

  for (guint i = 0; i < self->shape.n_dims; i++)
    n *= self->shape.dims[i];
  return n;
}

/* A convolution's columns are (input, y, x) in the file and (y, x, input) on
 * the device. */
static void
reorder (const FeShape *shape, gboolean to_device, const float *from, float *to)
{
  gsize outputs = shape->dims[0], inputs = shape->dims[1];

  for (gsize o = 0; o < outputs; o++) {
    for (gsize i = 0; i < inputs; i++) {
      for (gsize tap = 0; tap < 9; tap++) {
        gsize in_file = (o * inputs + i) * 9 + tap;
        gsize on_device = (o * 9 + tap) * inputs + i;

        if (to_device)
          to[on_device] = from[in_file];
        else
          to[in_file] = from[on_device];
      }
    }
  }
}

gboolean
fe_parameter_read (const FeParameter *self, FeParameterTensor tensor,
                   float *dst, GError **error)
{
  gsize n = fe_parameter_get_size (self);
  const FeMatrix *matrix = &self->matrices[tensor];
  g_autofree float *values = NULL;

  if (self->shape.n_dims == 1)
    return fe_buffer_read (self->buffers[tensor], 0, dst, n * sizeof *dst,
                           error);
  if (self->shape.n_dims == 2)
    return fe_matrix_read (matrix, 0, 0, matrix->rows, dst, error);
  values = g_new (float, n);
  if (!fe_matrix_read (matrix, 0, 0, matrix->rows, values, error))
    return FALSE;
  reorder (&self->shape, FALSE, values, dst);
  return TRUE;
}

gboolean
fe_parameter_write (const FeParameter *self, FeParameterTensor tensor,
                    const float *src, GError **error)
{
  gsize n = fe_parameter_get_size (self);
  g_autofree float *values = NULL;

  if (self->shape.n_dims == 1)
    return fe_buffer_write (self->buffers[tensor], 0, src, n * sizeof *src,
                            error);
  if (self->shape.n_dims == 2)
    return fe_matrix_write (&self->matrices[tensor], 0, src, error);
  values = g_new (float, n);
  reorder (&self->shape, TRUE, src, values);
  return fe_matrix_write (&self->matrices[tensor], 0, values, error);
}

gboolean
fe_parameters_randomize (FeParameters *self, guint32 seed, GError **error)
{
  GRand *random = g_rand_new_with_seed (seed);
  double range = 0;
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < self->n; i++) {
    const FeParameter *parameter = &self->list[i];
    gsize n = fe_parameter_get_size (parameter);
    g_autofree float *values = g_new (float, n);

    /* A bias follows its weight and is drawn from the same range. */
    if (parameter->shape.n_dims > 1)
      range = sqrt ((double)parameter->shape.dims[0] / (double)n);
    for (gsize j = 0; j < n; j++)
      values[j] = (float)(range * g_rand_double_range (random, -1, 1));
    ok = fe_parameter_write (parameter, FE_PARAMETER_WEIGHTS, values, error);
  }
  g_rand_free (random);
  return ok;
}

gboolean
fe_parameters_load (FeParameters *self, FeParameterTensor tensor,
                    const FeWeights *weights, const char *prefix,
                    GError **error)
{
  for (guint i = 0; i < self->n; i++) {
    const FeParameter *parameter = &self->list[i];
    g_autofree char *name = g_strconcat (prefix, parameter->name, NULL);
    g_autofree float *values = g_new (float, fe_parameter_get_size (parameter));

    if (!fe_weights_read (weights, name, &parameter->shape, values, error)
        || !fe_parameter_write (parameter, tensor, values, error))
      return FALSE;
  }
  return TRUE;
}

FeAdapterWeights
fe_parameters_get_adapter (const FeParameters *self, FeParameterTensor tensor,
                           guint tap)
{
  const FeParameter *tensors = &self->list[tap * TENSORS_PER_TAP];

  return (FeAdapterWeights){
      .ffe_mlp = tensors[FFE_MLP].matrices[tensor],
      .ffe_bias = tensors[FFE_BIAS].buffers[tensor],
      .lfs_conv = tensors[LFS_CONV].matrices[tensor],
      .lfs_bias = tensors[LFS_BIAS].buffers[tensor],
  };
}

const FeParameter *
fe_parameters_get_fc_patch (const FeParameters *self)
{
  return &self->list[self->n - 2];
}
