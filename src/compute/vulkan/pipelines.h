/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of kernels, and their compiled pipelines. */
#pragma once

#include "compute/vulkan/device.h"

G_BEGIN_DECLS

typedef enum {
  FE_KERNEL_CONVERT_FRAME,
  FE_KERNEL_RESIZE_ROWS,
  FE_KERNEL_RESIZE_COLUMNS,
  FE_KERNEL_FILL_IGNORED,
  FE_KERNEL_MATMUL,
  FE_KERNEL_MATMUL_HALF,
  FE_KERNEL_MATMUL_COOPMAT,
  FE_KERNEL_CONVOLUTION,
  FE_KERNEL_CONVOLUTION_HALF,
  FE_KERNEL_MATMUL_COOPMAT2,
  FE_KERNEL_MATMUL_COOPMAT2_TENSORS,
  FE_KERNEL_SUM_SPLITS,
  FE_KERNEL_STRASSEN_SUMS,
  FE_KERNEL_STRASSEN,
  FE_KERNEL_STRASSEN_TAIL,
  FE_KERNEL_STRASSEN_SHORT_TAIL,
  FE_KERNEL_ATTENTION,
  FE_KERNEL_LAYER_NORM,
  FE_KERNEL_SOFTMAX,
  FE_KERNEL_TRANSPOSE,
  FE_KERNEL_WINDOW_DCT,
  FE_KERNEL_LFS_STATISTIC,
  FE_KERNEL_IM2COL,
  FE_KERNEL_BLEND_ADAPTERS,
  FE_KERNEL_SIMILARITY,
  FE_KERNEL_NORMALIZE_ROWS,
  FE_KERNEL_NEAREST,
  FE_KERNEL_REFERENCE_DISTANCE,
  FE_KERNEL_UPSAMPLE,
  FE_KERNEL_SMOOTH,
  FE_KERNEL_ACTIVATION,
  FE_KERNEL_ROW_SUMS,
  FE_KERNEL_LAYER_NORM_BACKWARD,
  FE_KERNEL_SOFTMAX_BACKWARD,
  FE_KERNEL_LFS_STATISTIC_BACKWARD,
  FE_KERNEL_IM2COL_BACKWARD,
  FE_KERNEL_SIMILARITY_BACKWARD,
  FE_KERNEL_SCORE_LOSS,
  FE_KERNEL_MAP_SUMS,
  FE_KERNEL_MAP_LOSSES,
  FE_KERNEL_MAP_LOSSES_BACKWARD,
  FE_KERNEL_ADAM,
  FE_KERNEL_PEAK_ARITHMETIC,
  FE_KERNEL_PEAK_BANDWIDTH,
  FE_N_KERNELS,
} FeKernel;

#define FE_MAX_BINDINGS 6
#define FE_MAX_CONSTANTS 7

/* Name of a kernel, which is also that of its shader file. */
const char *fe_kernel_get_name (FeKernel kernel);

/* Whether it uses cooperative matrices. */
gboolean fe_kernel_uses_coopmat (FeKernel kernel);

guint fe_kernel_get_n_bindings (FeKernel kernel);

/* Size of its push constants in bytes. */
guint fe_kernel_get_push_size (FeKernel kernel);

/* Type of a binding on this device: a storage buffer or a texel buffer. */
VkDescriptorType fe_kernel_get_descriptor (FeKernel kernel, guint binding,
                                           const FeDevice *device);

/* A compiled kernel with its specialisation constants. */
typedef struct {
  FeKernel kernel;
  guint32 constants[FE_MAX_CONSTANTS];
  gboolean ready; /* FALSE while it compiles */
  VkPipeline pipeline;
  VkPipelineLayout layout;          /* borrowed */
  VkDescriptorSetLayout set_layout; /* borrowed */
} FePipeline;

/* Creates the layouts of all kernels and reads the device's pipeline cache from
 * the user's cache folder. Compiles nothing yet. */
FePipelines *fe_pipelines_new (FeDevice *device, GError **error);

/* Writes the cache back if pipelines were added; NULL is allowed. */
void fe_pipelines_free (FePipelines *self);

/* Returns the pipeline of a kernel with these specialisation constants, which
 * belongs to `self`. Compiles it at the first call and blocks meanwhile.
 * constants[i] has the id i + 1; id 0 is always the device's panel.
 * Thread-safe. */
const FePipeline *fe_pipelines_get (FePipelines *self, FeKernel kernel,
                                    const guint32 *constants, guint n_constants,
                                    GError **error);

G_END_DECLS
