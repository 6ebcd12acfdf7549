/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measurement.h"

#include <json-glib/json-glib.h>

static double
sum_seconds (GPtrArray *kernels)
{
  double sum = 0;

  for (guint i = 0; i < kernels->len; i++)
    sum += ((FeclipKernelTime *)g_ptr_array_index (kernels, i))->seconds;
  return sum;
}

/* 0 for a kernel whose operations are not counted. */
static double
get_gflops (const FeclipKernelTime *kernel)
{
  return kernel->seconds > 0 ? kernel->flop / kernel->seconds / 1e9 : 0;
}

static double
to_mebibytes (guint64 bytes)
{
  return bytes / 1048576.0;
}

static void
append_kernels (GString *text, GPtrArray *kernels)
{
  double sum = sum_seconds (kernels);
  gsize width = strlen ("kernel");

  for (guint i = 0; i < kernels->len; i++) {
    const FeclipKernelTime *kernel = g_ptr_array_index (kernels, i);

    width = MAX (width, strlen (kernel->name));
  }
  g_string_append_printf (text, "\n%-*s %10s %10s %9s %7s\n", (int)width,
                          "kernel", "dispatches", "ms", "GFLOP/s", "share");
  for (guint i = 0; i < kernels->len; i++) {
    const FeclipKernelTime *kernel = g_ptr_array_index (kernels, i);

    g_string_append_printf (text, "%-*s %10u %10.3f ", (int)width, kernel->name,
                            kernel->dispatches, kernel->seconds * 1e3);
    if (kernel->flop > 0)
      g_string_append_printf (text, "%9.1f", get_gflops (kernel));
    else
      g_string_append_printf (text, "%9s", "-");
    g_string_append_printf (text, " %6.1f%%\n",
                            sum > 0 ? kernel->seconds / sum * 100 : 0);
  }
  g_string_append_printf (text, "%-*s %10s %10.3f\n", (int)width, "all", "",
                          sum * 1e3);
}

char *
fe_measurement_to_text (const FeMeasurement *self)
{
  FeclipModel *model = self->model;
  guint edge = feclip_model_get_image_size (model);
  guint grid = feclip_model_get_grid_size (model);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "device    %s\n",
                          feclip_model_get_device_name (model));
  g_string_append_printf (text,
                          "model     %s%u×%u pixels, %u×%u patches, "
                          "%u blocks%s\n",
                          self->size ? "random weights, " : "", edge, edge,
                          grid, grid, feclip_model_get_n_blocks (model),
                          feclip_model_has_adapters (model) ? ""
                                                            : ", no adapters");
  g_string_append_printf (text, "weights   %.1f MiB\n",
                          to_mebibytes (feclip_model_get_weights_size (model)));
  g_string_append_printf (text, "opening   %.2f s model, %.2f s detector\n",
                          self->model_seconds, self->detector_seconds);
  g_string_append_printf (text,
                          "memory    %.1f MiB after opening, %.1f MiB "
                          "peak with mapped files\n",
                          to_mebibytes (self->memory),
                          to_mebibytes (self->peak_memory));
  g_string_append_printf (text, "frame     %u×%u, %u rounds\n",
                          self->frame_width, self->frame_height, self->rounds);
  g_string_append_printf (text, "best      %.4f s, %.2f frames/s\n",
                          self->best_seconds, 1 / self->best_seconds);
  g_string_append_printf (text, "median    %.4f s, %.2f frames/s\n",
                          self->median_seconds, 1 / self->median_seconds);
  if (self->kernels)
    append_kernels (text, self->kernels);
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

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_kernels (JsonBuilder *builder, GPtrArray *kernels)
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
    add_double (builder, "gflops", get_gflops (kernel));
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
  json_builder_set_member_name (builder, "size");
  json_builder_add_string_value (builder, self->size);
  add_int (builder, "image_size", feclip_model_get_image_size (model));
  add_int (builder, "grid_size", feclip_model_get_grid_size (model));
  add_int (builder, "blocks", feclip_model_get_n_blocks (model));
  add_int (builder, "weights_bytes", feclip_model_get_weights_size (model));
  add_double (builder, "model_seconds", self->model_seconds);
  add_double (builder, "detector_seconds", self->detector_seconds);
  add_int (builder, "memory_bytes", self->memory);
  add_int (builder, "peak_memory_bytes", self->peak_memory);
  add_int (builder, "frame_width", self->frame_width);
  add_int (builder, "frame_height", self->frame_height);
  add_int (builder, "rounds", self->rounds);
  add_double (builder, "best_seconds", self->best_seconds);
  add_double (builder, "median_seconds", self->median_seconds);
  if (self->kernels)
    add_kernels (builder, self->kernels);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  return g_strconcat (json, "\n", NULL);
}
