/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/weights_view.h"

#include <string.h>

static const struct {
  const char *name;
  guint64 size;
} dtypes[] = {
    [FE_DTYPE_F32] = {"F32", 4},
    [FE_DTYPE_F16] = {"F16", 2},
    [FE_DTYPE_BF16] = {"BF16", 2},
};

const char *
fe_dtype_to_string (FeDtype dtype)
{
  return dtypes[dtype].name;
}

guint64
fe_dtype_get_size (FeDtype dtype)
{
  return dtypes[dtype].size;
}

char *
fe_shape_to_string (const FeShape *shape)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "",
                            shape->dims[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

gboolean
fe_shape_count (const FeShape *shape, guint64 *n_elements)
{
  guint64 count = 1;

  for (guint i = 0; i < shape->n_dims; i++)
    if (shape->dims[i] == 0)
      count = 0;
  for (guint i = 0; i < shape->n_dims; i++)
    if (!g_uint64_checked_mul (&count, count, shape->dims[i]))
      return FALSE;
  *n_elements = count;
  return TRUE;
}

void
fe_view_set_packed (FeView *self)
{
  guint64 stride = 1;

  for (guint i = self->shape.n_dims; i > 0; i--) {
    self->strides[i - 1] = stride;
    stride *= self->shape.dims[i - 1];
  }
}

gboolean
fe_view_fits (const FeView *self, guint64 n_elements)
{
  guint64 last = 0;

  for (guint i = 0; i < self->shape.n_dims; i++)
    if (self->shape.dims[i] == 0)
      return TRUE;
  for (guint i = 0; i < self->shape.n_dims; i++) {
    guint64 step;

    if (!g_uint64_checked_mul (&step, self->shape.dims[i] - 1, self->strides[i])
        || !g_uint64_checked_add (&last, last, step))
      return FALSE;
  }
  return last < n_elements;
}

void
fe_view_transpose (FeView *self)
{
  const guint64 rows = self->shape.dims[0], stride = self->strides[0];

  g_assert (self->shape.n_dims == 2);
  self->shape.dims[0] = self->shape.dims[1];
  self->shape.dims[1] = rows;
  self->strides[0] = self->strides[1];
  self->strides[1] = stride;
}

static inline float
float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Exact for every fp16 value. No intermediate result is subnormal in fp32, so
 * flush-to-zero mode does not change the result. */
static inline float
float_from_half (guint16 half)
{
  const guint32 exponent = 0x7c00u << 13, sign = (half & 0x8000u) << 16;
  guint32 bits = (half & 0x7fffu) << 13;
  const guint32 found = bits & exponent;

  bits += (127u - 15u) << 23;
  if (found == exponent) {
    bits += (128u - 16u) << 23;
  } else if (found == 0) {
    /* Subnormal: 2^-14 plus the fraction, minus 2^-14. */
    float value = float_from_bits (bits + (1u << 23)) - 0x1p-14f;

    memcpy (&bits, &value, sizeof bits);
  }
  return float_from_bits (bits | sign);
}

static inline guint16
load16 (const guint8 *src)
{
  guint16 value;

  memcpy (&value, src, sizeof value);
  return GUINT16_FROM_LE (value);
}

static inline guint32
load32 (const guint8 *src)
{
  guint32 value;

  memcpy (&value, src, sizeof value);
  return GUINT32_FROM_LE (value);
}

/* Converts n elements that are `step` bytes apart. */
static void
convert (FeDtype dtype, const guint8 *src, gsize step, float *dst, gsize n)
{
  switch (dtype) {
  case FE_DTYPE_F32:
    if (step == sizeof *dst && G_BYTE_ORDER == G_LITTLE_ENDIAN)
      memcpy (dst, src, n * sizeof *dst);
    else
      for (gsize i = 0; i < n; i++)
        dst[i] = float_from_bits (load32 (src + i * step));
    break;
  case FE_DTYPE_F16:
    for (gsize i = 0; i < n; i++)
      dst[i] = float_from_half (load16 (src + i * step));
    break;
  case FE_DTYPE_BF16:
    for (gsize i = 0; i < n; i++)
      dst[i] = float_from_bits ((guint32)load16 (src + i * step) << 16);
    break;
  }
}

/* Index of the first element that is NaN or infinite, or n. */
static gsize
find_not_finite (const float *numbers, gsize n)
{
  const guint32 exponent = 0xffu << 23;
  guint32 any = 0;

  /* Without an early exit the compiler can vectorise the loop. */
  for (gsize i = 0; i < n; i++) {
    guint32 bits;

    memcpy (&bits, numbers + i, sizeof bits);
    any |= (bits & exponent) == exponent;
  }
  if (!any)
    return n;
  for (gsize i = 0; i < n; i++) {
    guint32 bits;

    memcpy (&bits, numbers + i, sizeof bits);
    if ((bits & exponent) == exponent)
      return i;
  }
  g_assert_not_reached ();
}

/* Merges contiguous dims and moves the rest to the last of four, so that
 * contiguous rows become one long run. */
static void
flatten (const FeView *self, guint64 n_rows, guint64 dims[4],
         guint64 strides[4])
{
  guint at = 3;

  for (guint i = 0; i < 4; i++)
    dims[i] = strides[i] = 1;
  for (guint i = self->shape.n_dims; i > 0; i--) {
    guint64 n = i == 1 ? n_rows : self->shape.dims[i - 1];

    if (self->strides[i - 1] == dims[at] * strides[at]) {
      dims[at] *= n;
    } else if (dims[at] == 1) {
      dims[at] = n;
      strides[at] = self->strides[i - 1];
    } else {
      at--;
      dims[at] = n;
      strides[at] = self->strides[i - 1];
    }
  }
}

gboolean
fe_view_read (const FeView *self, const guint8 *file, guint64 first_row,
              guint64 n_rows, float *dst, guint64 *bad)
{
  const guint64 size = dtypes[self->dtype].size;
  const guint64 rows = self->shape.n_dims > 0 ? self->shape.dims[0] : 1;
  const guint8 *base = file + self->offset;
  guint64 dims[4], strides[4], done = 0;

  g_assert (first_row <= rows && n_rows <= rows - first_row);
  flatten (self, n_rows, dims, strides);
  for (guint i = 0; i < self->shape.n_dims; i++)
    if (self->shape.dims[i] == 0 || n_rows == 0)
      return TRUE;
  if (self->shape.n_dims > 0)
    base += first_row * self->strides[0] * size;

  for (guint64 i = 0; i < dims[0]; i++)
    for (guint64 j = 0; j < dims[1]; j++)
      for (guint64 k = 0; k < dims[2]; k++) {
        const guint8 *src =
            base + (i * strides[0] + j * strides[1] + k * strides[2]) * size;
        gsize wrong;

        convert (self->dtype, src, strides[3] * size, dst + done, dims[3]);
        wrong = find_not_finite (dst + done, dims[3]);
        if (wrong < dims[3]) {
          *bad = done + wrong;
          return FALSE;
        }
        done += dims[3];
      }
  return TRUE;
}
