/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/pipelines.h"

#include <feclip/error.h>
#include <string.h>

#include "shaders.h"
#include "compute/vulkan/pipeline_cache.h"

/* Variants of a kernel's code: subgroups of 4, 8 or 16 lanes that read storage
 * images; the same that read sampled texels; and workgroups with shared memory.
 */
typedef enum {
  CODE_SUBGROUP_4,
  CODE_SUBGROUP_8,
  CODE_SUBGROUP_16,
  CODE_SAMPLED_4,
  CODE_SAMPLED_8,
  CODE_SAMPLED_16,
  CODE_WORKGROUP,
  N_CODES,
} Code;

typedef struct {
  const guint32 *words;
  gsize size;
} Spirv;

/* Most kernels have one code for all subgroup sizes and no sampled variant. */
#define SPIRV(name) \
  { \
    name##_spv, sizeof name##_spv \
  }
#define ONE_CODE(name) \
  { \
    SPIRV (name##_subgroup), SPIRV (name##_subgroup), \
        SPIRV (name##_subgroup), [CODE_WORKGROUP] = SPIRV (name##_workgroup) \
  }
#define CODE_BY_WIDTH(name) \
  { \
    SPIRV (name##_subgroup4), SPIRV (name##_subgroup8), \
        SPIRV (name##_subgroup16), [CODE_WORKGROUP] = SPIRV (name##_workgroup) \
  }
/* Sampled texels take the format of the buffer view, so one variant serves fp32
 * and fp16. */
#define SUBGROUP_CODE(name, sampled) \
  SPIRV (name##_subgroup4), SPIRV (name##_subgroup8), \
      SPIRV (name##_subgroup16), SPIRV (sampled##4), SPIRV (sampled##8), \
      SPIRV (sampled##16)
#define SAMPLED_CODE(name, sampled) \
  { \
    SUBGROUP_CODE (name, sampled), SPIRV (name##_workgroup) \
  }

/* One row per kernel. `texels` has a bit for each binding that the subgroup
 * kernels read as a texel buffer. */
static const struct {
  const char *name;
  guint n_bindings;
  guint texels;
  guint push_size;
  Spirv code[N_CODES];
} kernels[FE_N_KERNELS] = {
    [FE_KERNEL_CONVERT_FRAME] = {"convert_frame", 3, 5, 128,
                                 ONE_CODE (convert_frame)},
    [FE_KERNEL_RESIZE_ROWS] = {"resize_rows", 4, 3, 24, ONE_CODE (resize_rows)},
    [FE_KERNEL_RESIZE_COLUMNS] = {"resize_columns", 3, 1, 16,
                                  ONE_CODE (resize_columns)},
    [FE_KERNEL_FILL_IGNORED] = {"fill_ignored", 3, 0, 12,
                                ONE_CODE (fill_ignored)},
    [FE_KERNEL_MATMUL] = {"matmul", 5, 15, 64,
                          SAMPLED_CODE (matmul, matmul_sampled)},
    [FE_KERNEL_MATMUL_HALF] = {"matmul_half", 5, 15, 64,
                               SAMPLED_CODE (matmul_half, matmul_sampled)},
    [FE_KERNEL_MATMUL_COOPMAT] = {"matmul_coopmat",
                                  5,
                                  0,
                                  64,
                                  {[CODE_WORKGROUP] = SPIRV (matmul_coopmat)}},
    [FE_KERNEL_MATMUL_COOPMAT2] = {"matmul_coopmat2",
                                   5,
                                   0,
                                   64,
                                   {[CODE_WORKGROUP] =
                                        SPIRV (matmul_coopmat2)}},
    [FE_KERNEL_MATMUL_COOPMAT2_TENSORS] = {"matmul_coopmat2_tensors",
                                           5,
                                           0,
                                           64,
                                           {[CODE_WORKGROUP] = SPIRV (
                                                matmul_coopmat2_tensors)}},
    [FE_KERNEL_CONVOLUTION] = {"convolution",
                               5,
                               15,
                               68,
                               {SUBGROUP_CODE (convolution,
                                               convolution_sampled)}},
    [FE_KERNEL_CONVOLUTION_HALF] = {"convolution_half",
                                    5,
                                    15,
                                    68,
                                    {SUBGROUP_CODE (convolution_half,
                                                    convolution_sampled)}},
    [FE_KERNEL_SUM_SPLITS] = {"sum_splits",
                              4,
                              0,
                              24,
                              {[CODE_WORKGROUP] =
                                   SPIRV (sum_splits_workgroup)}},
    [FE_KERNEL_STRASSEN_SUMS] = {"strassen_sums",
                                 2,
                                 1,
                                 24,
                                 {SPIRV (strassen_sums_subgroup),
                                  SPIRV (strassen_sums_subgroup),
                                  SPIRV (strassen_sums_subgroup)}},
    [FE_KERNEL_STRASSEN] =
        {"strassen", 6, 47, 64, {SUBGROUP_CODE (strassen, strassen_sampled)}},
    [FE_KERNEL_STRASSEN_TAIL] = {"strassen_tail",
                                 6,
                                 47,
                                 64,
                                 {SUBGROUP_CODE (strassen_tail,
                                                 strassen_tail_sampled)}},
    [FE_KERNEL_STRASSEN_SHORT_TAIL] =
        {"strassen_short_tail",
         6,
         47,
         64,
         {SUBGROUP_CODE (strassen_short_tail, strassen_short_tail_sampled)}},
    [FE_KERNEL_ATTENTION] = {"attention", 2, 1, 32,
                             SAMPLED_CODE (attention, attention_sampled)},
    [FE_KERNEL_LAYER_NORM] = {"layer_norm", 4, 7, 16, ONE_CODE (layer_norm)},
    [FE_KERNEL_SOFTMAX] = {"softmax", 2, 1, 12, ONE_CODE (softmax)},
    [FE_KERNEL_TRANSPOSE] = {"transpose", 2, 1, 32, ONE_CODE (transpose)},
    [FE_KERNEL_WINDOW_DCT] = {"window_dct", 3, 3, 20, ONE_CODE (window_dct)},
    [FE_KERNEL_LFS_STATISTIC] = {"lfs_statistic", 3, 3, 16,
                                 ONE_CODE (lfs_statistic)},
    [FE_KERNEL_IM2COL] = {"im2col", 2, 1, 16, ONE_CODE (im2col)},
    [FE_KERNEL_BLEND_ADAPTERS] = {"blend_adapters", 4, 7, 24,
                                  ONE_CODE (blend_adapters)},
    [FE_KERNEL_SIMILARITY] = {"similarity", 3, 3, 36, ONE_CODE (similarity)},
    [FE_KERNEL_NORMALIZE_ROWS] = {"normalize_rows", 2, 1, 8,
                                  ONE_CODE (normalize_rows)},
    [FE_KERNEL_NEAREST] = {"nearest", 3, 3, 24,
                           SAMPLED_CODE (nearest, nearest_sampled)},
    [FE_KERNEL_REFERENCE_DISTANCE] = {"reference_distance", 2, 0, 20,
                                      ONE_CODE (reference_distance)},
    [FE_KERNEL_UPSAMPLE] = {"upsample", 2, 0, 12, ONE_CODE (upsample)},
    [FE_KERNEL_SMOOTH] = {"smooth", 3, 0, 8, ONE_CODE (smooth)},
    [FE_KERNEL_ACTIVATION] = {"activation", 3, 3, 20, ONE_CODE (activation)},
    [FE_KERNEL_ROW_SUMS] = {"row_sums", 2, 1, 8, ONE_CODE (row_sums)},
    [FE_KERNEL_LAYER_NORM_BACKWARD] = {"layer_norm_backward", 5, 23, 16,
                                       ONE_CODE (layer_norm_backward)},
    [FE_KERNEL_SOFTMAX_BACKWARD] = {"softmax_backward", 3, 3, 12,
                                    ONE_CODE (softmax_backward)},
    [FE_KERNEL_LFS_STATISTIC_BACKWARD] = {"lfs_statistic_backward", 4, 7, 20,
                                          ONE_CODE (lfs_statistic_backward)},
    [FE_KERNEL_IM2COL_BACKWARD] = {"im2col_backward", 2, 1, 16,
                                   ONE_CODE (im2col_backward)},
    [FE_KERNEL_SIMILARITY_BACKWARD] = {"similarity_backward", 4, 3, 24,
                                       ONE_CODE (similarity_backward)},
    [FE_KERNEL_SCORE_LOSS] = {"score_loss", 4, 0, 12, ONE_CODE (score_loss)},
    [FE_KERNEL_MAP_SUMS] = {"map_sums", 3, 3, 28, ONE_CODE (map_sums)},
    [FE_KERNEL_MAP_LOSSES] = {"map_losses", 3, 0, 8, ONE_CODE (map_losses)},
    [FE_KERNEL_MAP_LOSSES_BACKWARD] = {"map_losses_backward", 5, 15, 32,
                                       ONE_CODE (map_losses_backward)},
    [FE_KERNEL_ADAM] = {"adam", 5, 0, 12, ONE_CODE (adam)},
    [FE_KERNEL_PEAK_ARITHMETIC] = {"peak_arithmetic", 1, 0, 12,
                                   ONE_CODE (peak_arithmetic)},
    [FE_KERNEL_PEAK_BANDWIDTH] = {"peak_bandwidth", 2, 1, 4,
                                  ONE_CODE (peak_bandwidth)},
};

#define SUBGROUP_SIZE_INFO \
  VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO

struct _FePipelines {
  FeDevice *device; /* borrowed: the device owns this */
  GMutex lock;      /* not held while a pipeline compiles */
  GCond compiled;   /* one was, or could not be */
  VkDescriptorSetLayout set_layouts[FE_N_KERNELS];
  VkPipelineLayout layouts[FE_N_KERNELS];
  GPtrArray *made; /* FePipeline, and those that compile right now */
  VkPipelineCache cache;
  gsize cached_size;
};

const char *
fe_kernel_get_name (FeKernel kernel)
{
  return kernels[kernel].name;
}

gboolean
fe_kernel_uses_coopmat (FeKernel kernel)
{
  return kernel == FE_KERNEL_MATMUL_COOPMAT
         || kernel == FE_KERNEL_MATMUL_COOPMAT2
         || kernel == FE_KERNEL_MATMUL_COOPMAT2_TENSORS;
}

guint
fe_kernel_get_n_bindings (FeKernel kernel)
{
  return kernels[kernel].n_bindings;
}

guint
fe_kernel_get_push_size (FeKernel kernel)
{
  return kernels[kernel].push_size;
}

static gboolean
samples (FeKernel kernel, const FeDevice *device)
{
  return device->sampled_weights && kernels[kernel].code[CODE_SAMPLED_4].words;
}

VkDescriptorType
fe_kernel_get_descriptor (FeKernel kernel, guint binding,
                          const FeDevice *device)
{
  if (!device->subgroup_kernels || !(kernels[kernel].texels >> binding & 1))
    return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  return samples (kernel, device) ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
                                  : VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER;
}

static const Spirv *
code_for (const FeDevice *device, FeKernel kernel)
{
  const Spirv *code = kernels[kernel].code;
  Code first = samples (kernel, device) ? CODE_SAMPLED_4 : CODE_SUBGROUP_4;

  if (!device->subgroup_kernels)
    return &code[CODE_WORKGROUP];
  return &code[first + (device->panel == 4 ? 0 : device->panel == 8 ? 1 : 2)];
}

static void
pipeline_free (FePipeline *pipeline, FeDevice *device)
{
  vkDestroyPipeline (device->device, pipeline->pipeline, NULL);
  g_free (pipeline);
}

static gboolean
make_layout (FePipelines *self, FeKernel kernel, GError **error)
{
  FeDevice *device = self->device;
  VkDescriptorSetLayoutBinding bindings[FE_MAX_BINDINGS] = {0};
  VkDescriptorSetLayoutCreateInfo set_info = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
      .bindingCount = kernels[kernel].n_bindings,
      .pBindings = bindings,
  };
  VkPushConstantRange push = {
      .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
      .size = kernels[kernel].push_size,
  };
  VkPipelineLayoutCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
      .setLayoutCount = 1,
      .pSetLayouts = &self->set_layouts[kernel],
      .pushConstantRangeCount = 1,
      .pPushConstantRanges = &push,
  };

  for (guint i = 0; i < kernels[kernel].n_bindings; i++) {
    bindings[i] = (VkDescriptorSetLayoutBinding){
        .binding = i,
        .descriptorType = fe_kernel_get_descriptor (kernel, i, device),
        .descriptorCount = 1,
        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    };
  }
  return fe_vk_check (vkCreateDescriptorSetLayout (device->device, &set_info,
                                                   NULL,
                                                   &self->set_layouts[kernel]),
                      device, error, "create a descriptor layout")
         && fe_vk_check (vkCreatePipelineLayout (device->device, &info, NULL,
                                                 &self->layouts[kernel]),
                         device, error, "create a pipeline layout");
}

FePipelines *
fe_pipelines_new (FeDevice *device, GError **error)
{
  FePipelines *self = g_new0 (FePipelines, 1);
  VkPipelineCacheCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
  };
  g_autofree char *data = NULL;
  gboolean ok = TRUE;

  self->device = device;
  g_mutex_init (&self->lock);
  g_cond_init (&self->compiled);
  self->made = g_ptr_array_new ();
  for (guint i = 0; ok && i < FE_N_KERNELS; i++)
    ok = make_layout (self, i, error);

  data = fe_pipeline_cache_read (device, &self->cached_size);
  info.initialDataSize = self->cached_size;
  info.pInitialData = data;
  ok = ok
       && fe_vk_check (
           vkCreatePipelineCache (device->device, &info, NULL, &self->cache),
           device, error, "create a pipeline cache");
  if (!ok)
    g_clear_pointer (&self, fe_pipelines_free);
  return self;
}

void
fe_pipelines_free (FePipelines *self)
{
  VkDevice device;

  if (!self)
    return;
  device = self->device->device;
  if (self->cache)
    fe_pipeline_cache_write (self->device, self->cache, self->cached_size);
  vkDestroyPipelineCache (device, self->cache, NULL);
  for (guint i = 0; i < self->made->len; i++)
    pipeline_free (g_ptr_array_index (self->made, i), self->device);
  g_ptr_array_unref (self->made);
  for (guint i = 0; i < FE_N_KERNELS; i++) {
    vkDestroyPipelineLayout (device, self->layouts[i], NULL);
    vkDestroyDescriptorSetLayout (device, self->set_layouts[i], NULL);
  }
  g_cond_clear (&self->compiled);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Whether a kernel requires full subgroups of a fixed size. */
static gboolean
is_of_subgroups (const FeDevice *device, FeKernel kernel)
{
  return kernel == FE_KERNEL_MATMUL_COOPMAT
         || (fe_kernel_uses_coopmat (kernel)
             && device->coopmat2.scope == VK_SCOPE_SUBGROUP_KHR);
}

/* Compiles the pipeline of `made`. */
static gboolean
compile (FePipelines *self, FePipeline *made, GError **error)
{
  FeDevice *device = self->device;
  const Spirv *code = code_for (device, made->kernel);
  const char *name = kernels[made->kernel].name;
  guint32 values[FE_MAX_CONSTANTS + 1] = {device->panel};
  VkSpecializationMapEntry entries[FE_MAX_CONSTANTS + 1];
  const VkSpecializationInfo special = {
      .mapEntryCount = G_N_ELEMENTS (entries),
      .pMapEntries = entries,
      .dataSize = sizeof values,
      .pData = values,
  };
  const VkShaderModuleCreateInfo module_info = {
      .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
      .codeSize = code->size,
      .pCode = code->words,
  };
  VkComputePipelineCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .stage =
          {
              .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
              .stage = VK_SHADER_STAGE_COMPUTE_BIT,
              .pName = "main",
              .pSpecializationInfo = &special,
          },
      .layout = made->layout,
  };
  const VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroup = {
      .sType = SUBGROUP_SIZE_INFO,
      .requiredSubgroupSize = device->coopmat.subgroup,
  };
  VkResult result;

  if (is_of_subgroups (device, made->kernel)) {
    info.stage.pNext = &subgroup;
    info.stage.flags =
        VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
  }
  memcpy (values + 1, made->constants, sizeof made->constants);
  for (guint32 i = 0; i < G_N_ELEMENTS (entries); i++)
    entries[i] = (VkSpecializationMapEntry){i, i * 4, 4};
  result = vkCreateShaderModule (device->device, &module_info, NULL,
                                 &info.stage.module);
  if (!fe_vk_check (result, device, error, "load kernel %s", name))
    return FALSE;
  result = vkCreateComputePipelines (device->device, self->cache, 1, &info,
                                     NULL, &made->pipeline);
  vkDestroyShaderModule (device->device, info.stage.module, NULL);
  return fe_vk_check (result, device, error, "compile kernel %s", name);
}

/* Call with the lock held. Returns: the pipeline, which may still be compiling,
 * or NULL */
static FePipeline *
find (const FePipelines *self, FeKernel kernel, const guint32 *constants)
{
  for (guint i = 0; i < self->made->len; i++) {
    FePipeline *made = g_ptr_array_index (self->made, i);

    if (made->kernel == kernel
        && memcmp (made->constants, constants, sizeof made->constants) == 0)
      return made;
  }
  return NULL;
}

/* Call with the lock held; it is released while this thread compiles. */
static FePipeline *
make (FePipelines *self, FeKernel kernel, const guint32 *constants,
      GError **error)
{
  FePipeline *made = g_new0 (FePipeline, 1);
  gboolean ok;

  made->kernel = kernel;
  made->layout = self->layouts[kernel];
  made->set_layout = self->set_layouts[kernel];
  memcpy (made->constants, constants, sizeof made->constants);
  g_ptr_array_add (self->made, made);
  g_mutex_unlock (&self->lock);
  ok = compile (self, made, error);
  g_mutex_lock (&self->lock);
  made->ready = ok;
  if (!ok) {
    g_ptr_array_remove (self->made, made);
    g_clear_pointer (&made, g_free);
  }
  g_cond_broadcast (&self->compiled);
  return made;
}

const FePipeline *
fe_pipelines_get (FePipelines *self, FeKernel kernel, const guint32 *constants,
                  guint n_constants, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  guint32 padded[FE_MAX_CONSTANTS] = {0};
  FePipeline *made;

  g_assert (n_constants <= FE_MAX_CONSTANTS);
  if (n_constants)
    memcpy (padded, constants, n_constants * sizeof *constants);
  while ((made = find (self, kernel, padded))) {
    if (made->ready)
      return made;
    g_cond_wait (&self->compiled, &self->lock);
  }
  return make (self, kernel, padded, error);
}
