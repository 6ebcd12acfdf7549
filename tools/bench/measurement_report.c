/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>

#include "bench/measurement.h"

static double
sum_seconds (GPtrArray *kernels)
{
  double sum = 0;

  for (guint i = 0; i < kernels->len; i++)
    sum += ((FeclipKernelTime *)g_ptr_array_index (kernels, i))->seconds;
  return sum;
}

/* A rate in billions per second, 0 where the kernel does not count it. */
static double
get_rate (double amount, const FeclipKernelTime *kernel)
{
  return kernel->seconds > 0 ? amount / kernel->seconds / 1e9 : 0;
}

static double
to_mebibytes (guint64 bytes)
{
  return bytes / 1048576.0;
}

/* Appends a number right-aligned, a dash for 0. */
static void
append_number (GString *text, int width, double number, const char *unit)
{
  if (number > 0)
    g_string_append_printf (text, " %*.1f%s", width - (int)strlen (unit),
                            number, unit);
  else
    g_string_append_printf (text, " %*s", width, "-");
}

static void
append_kernel (GString *text, int width, const FeclipKernelTime *kernel,
               const FeclipDevicePeaks *peaks, double sum)
{
  g_string_append_printf (text, "%-*s %10u %10.3f", width, kernel->name,
                          kernel->dispatches, kernel->seconds * 1e3);
  append_number (text, 9, get_rate (kernel->flop, kernel), "");
  append_number (text, 8, get_rate (kernel->bytes, kernel), "");
  append_number (text, 10, feclip_device_peaks_get_share (peaks, kernel) * 100,
                 "%");
  append_number (text, 7, sum > 0 ? kernel->seconds / sum * 100 : 0, "%");
  g_string_append_c (text, '\n');
}

static void
append_kernels (GString *text, GPtrArray *kernels,
                const FeclipDevicePeaks *peaks)
{
  double sum = sum_seconds (kernels);
  gsize width = strlen ("kernel");

  for (guint i = 0; i < kernels->len; i++) {
    const FeclipKernelTime *kernel = g_ptr_array_index (kernels, i);

    width = MAX (width, strlen (kernel->name));
  }
  g_string_append_printf (text,
                          "peaks  %.1f GFLOP/s fp32 arithmetic, %.1f GB/s "
                          "copying\n",
                          peaks->flops / 1e9, peaks->bandwidth / 1e9);
  g_string_append_printf (text, "\n%-*s %10s %10s %9s %8s %10s %7s\n",
                          (int)width, "kernel", "dispatches", "ms", "GFLOP/s",
                          "GB/s", "of peak", "share");
  for (guint i = 0; i < kernels->len; i++)
    append_kernel (text, (int)width, g_ptr_array_index (kernels, i), peaks,
                   sum);
  g_string_append_printf (text, "%-*s %10s %10.3f\n", (int)width, "all", "",
                          sum * 1e3);
}

static const char *
get_precision_name (FeclipModel *model)
{
  return feclip_model_get_precision (model) == FECLIP_PRECISION_FP16 ? "fp16"
                                                                     : "fp32";
}

static void
append_model (GString *text, const FeMeasurement *self)
{
  FeclipModel *model = self->model;
  guint edge = feclip_model_get_image_size (model);
  guint grid = feclip_model_get_grid_size (model);

  g_string_append_printf (text, "device    %s\n",
                          feclip_model_get_device_name (model));
  g_string_append_printf (text,
                          "model     %s%u×%u pixels, %u×%u patches, "
                          "%u blocks%s\n",
                          self->size ? "random weights, " : "", edge, edge,
                          grid, grid, feclip_model_get_n_blocks (model),
                          feclip_model_has_adapters (model) ? ""
                                                            : ", no adapters");
  if (self->model_file)
    g_string_append_printf (text, "file      %s\n", self->model_file);
  g_string_append_printf (text, "weights   %.1f MiB, precision %s\n",
                          to_mebibytes (feclip_model_get_weights_size (model)),
                          get_precision_name (model));
}

static void
append_batches (GString *text, GArray *batches)
{
  for (guint i = 0; i < batches->len; i++) {
    const FeBatchTime *time = &g_array_index (batches, FeBatchTime, i);

    if (batches->len > 1 || time->batch > 1)
      g_string_append_printf (text, "batch     %u\n", time->batch);
    g_string_append_printf (text, "best      %.4f s, %.2f frames/s\n",
                            time->best_seconds, 1 / time->best_seconds);
    g_string_append_printf (text, "median    %.4f s, %.2f frames/s\n",
                            time->median_seconds, 1 / time->median_seconds);
  }
}

char *
fe_measurement_to_text (const FeMeasurement *self)
{
  GString *text = g_string_new (NULL);

  append_model (text, self);
  g_string_append_printf (text, "opening   %.2f s model, %.2f s detector\n",
                          self->model_seconds, self->detector_seconds);
  g_string_append_printf (text,
                          "memory    %.1f MiB after opening, %.1f MiB "
                          "peak with mapped files\n",
                          to_mebibytes (self->memory),
                          to_mebibytes (self->peak_memory));
  g_string_append_printf (text, "on device %.1f MiB, %.1f MiB peak\n",
                          to_mebibytes (self->device_memory),
                          to_mebibytes (self->peak_device_memory));
  g_string_append_printf (text, "frame     %u×%u, %u rounds\n",
                          self->frame_width, self->frame_height, self->rounds);
  append_batches (text, self->batches);
  if (self->kernels)
    append_kernels (text, self->kernels, self->peaks);
  return g_string_free (text, FALSE);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

/* NULL becomes null. */
static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/* The times of the first batch size also stand outside of the list: mostly it
 * is the only one. */
static void
add_batches (JsonBuilder *builder, GArray *batches)
{
  const FeBatchTime *first = &g_array_index (batches, FeBatchTime, 0);

  add_double (builder, "best_seconds", first->best_seconds);
  add_double (builder, "median_seconds", first->median_seconds);
  json_builder_set_member_name (builder, "batches");
  json_builder_begin_array (builder);
  for (guint i = 0; i < batches->len; i++) {
    const FeBatchTime *time = &g_array_index (batches, FeBatchTime, i);

    json_builder_begin_object (builder);
    add_int (builder, "batch", time->batch);
    add_double (builder, "best_seconds", time->best_seconds);
    add_double (builder, "median_seconds", time->median_seconds);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_peaks (JsonBuilder *builder, const FeclipDevicePeaks *peaks)
{
  json_builder_set_member_name (builder, "peaks");
  json_builder_begin_object (builder);
  add_double (builder, "gflops", peaks->flops / 1e9);
  add_double (builder, "gigabytes_per_second", peaks->bandwidth / 1e9);
  json_builder_end_object (builder);
}

static void
add_kernels (JsonBuilder *builder, GPtrArray *kernels,
             const FeclipDevicePeaks *peaks)
{
  double sum = sum_seconds (kernels);

  json_builder_set_member_name (builder, "kernels");
  json_builder_begin_array (builder);
  for (guint i = 0; i < kernels->len; i++) {
    const FeclipKernelTime *kernel = g_ptr_array_index (kernels, i);

    json_builder_begin_object (builder);
    add_string (builder, "name", kernel->name);
    add_int (builder, "dispatches", kernel->dispatches);
    add_double (builder, "seconds", kernel->seconds);
    add_double (builder, "gflops", get_rate (kernel->flop, kernel));
    add_double (builder, "gigabytes_per_second",
                get_rate (kernel->bytes, kernel));
    add_double (builder, "peak_share",
                feclip_device_peaks_get_share (peaks, kernel));
    add_double (builder, "share", sum > 0 ? kernel->seconds / sum : 0);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

char *
fe_measurement_to_json (const FeMeasurement *self)
{
  FeclipModel *model = self->model;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;

  json_builder_begin_object (builder);
  add_string (builder, "device", feclip_model_get_device_name (model));
  add_string (builder, "size", self->size);
  add_string (builder, "model_file", self->model_file);
  add_int (builder, "image_size", feclip_model_get_image_size (model));
  add_int (builder, "grid_size", feclip_model_get_grid_size (model));
  add_int (builder, "blocks", feclip_model_get_n_blocks (model));
  add_string (builder, "precision", get_precision_name (model));
  add_int (builder, "weights_bytes", feclip_model_get_weights_size (model));
  add_double (builder, "model_seconds", self->model_seconds);
  add_double (builder, "detector_seconds", self->detector_seconds);
  add_int (builder, "memory_bytes", self->memory);
  add_int (builder, "peak_memory_bytes", self->peak_memory);
  add_int (builder, "device_memory_bytes", self->device_memory);
  add_int (builder, "peak_device_memory_bytes", self->peak_device_memory);
  add_int (builder, "frame_width", self->frame_width);
  add_int (builder, "frame_height", self->frame_height);
  add_int (builder, "warm_up", self->warm_up);
  add_int (builder, "rounds", self->rounds);
  add_batches (builder, self->batches);
  if (self->kernels) {
    add_peaks (builder, self->peaks);
    add_kernels (builder, self->kernels, self->peaks);
  }
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  return g_strconcat (json, "\n", NULL);
}
