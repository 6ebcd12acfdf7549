/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/coopmat.h"

#include "compute/vulkan/instance.h"

/* The smallest of the kernel's tiles, of which each of its subgroups sums a
 * quarter, and the steps of k that are in shared memory at a time. */
#define QUARTER 32
#define STEPS 32
/* Bytes of shared memory for the largest of its tiles: 256 rows of operands,
 * padded by 8 steps. */
#define TILE_SIZE (256 * (STEPS + 8) * 2)

static const char *const extensions[] = {
    VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME,
    VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME,
    VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME,
    VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME,
};

static gboolean
has_extensions (VkPhysicalDevice physical)
{
  for (gsize i = 0; i < G_N_ELEMENTS (extensions); i++) {
    if (!fe_has_extension (physical, extensions[i]))
      return FALSE;
  }
  return TRUE;
}

/* Links the structures to each other and to what follows. */
static void
features_init (FeCoopmatFeatures *self, void *next)
{
  *self = (FeCoopmatFeatures){
      .matrices.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
      .matrices.pNext = &self->memory_model,
      .memory_model.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES_KHR,
      .memory_model.pNext = &self->halves,
      .halves.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES_KHR,
      .halves.pNext = &self->subgroups,
      .subgroups.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT,
      .subgroups.pNext = next,
  };
}

static gboolean
has_features (VkPhysicalDevice physical, guint subgroup_size)
{
  FeCoopmatFeatures has;
  VkPhysicalDeviceFeatures2 features = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
      .pNext = &has,
  };
  VkPhysicalDeviceSubgroupSizeControlPropertiesEXT sizes = {
      .sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &sizes,
  };
  const VkPhysicalDeviceLimits *limits = &properties.properties.limits;

  features_init (&has, NULL);
  vkGetPhysicalDeviceFeatures2 (physical, &features);
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return has.matrices.cooperativeMatrix && has.memory_model.vulkanMemoryModel
         && has.halves.shaderFloat16 && has.subgroups.subgroupSizeControl
         && has.subgroups.computeFullSubgroups
         && (sizes.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT)
         && limits->maxComputeWorkGroupInvocations >= 4 * subgroup_size
         && limits->maxComputeWorkGroupSize[0] >= 4 * subgroup_size;
}

static gboolean
suits (const VkCooperativeMatrixPropertiesKHR *one, guint shared_memory)
{
  return one->AType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->BType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->CType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->scope == VK_SCOPE_SUBGROUP_KHR && one->MSize
         && QUARTER % one->MSize == 0 && one->NSize >= 4
         && QUARTER % one->NSize == 0 && one->KSize >= 4
         && STEPS % one->KSize == 0
         && TILE_SIZE + 4 * one->MSize * one->NSize * sizeof (float)
                <= shared_memory;
}

FeCoopmat
fe_coopmat_find (VkInstance instance, VkPhysicalDevice physical,
                 guint subgroup_size)
{
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR get_properties =
      (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)
          vkGetInstanceProcAddr (
              instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
  g_autofree VkCooperativeMatrixPropertiesKHR *all = NULL;
  VkPhysicalDeviceProperties properties;
  FeCoopmat best = {0};
  guint32 n = 0;

  if (g_strcmp0 (g_getenv ("FECLIP_COOPMAT"), "0") == 0 || !get_properties
      || !has_extensions (physical) || !has_features (physical, subgroup_size)
      || get_properties (physical, &n, NULL) != VK_SUCCESS)
    return best;
  all = g_new0 (VkCooperativeMatrixPropertiesKHR, n);
  for (guint32 i = 0; i < n; i++)
    all[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
  if (get_properties (physical, &n, all) != VK_SUCCESS)
    return best;
  vkGetPhysicalDeviceProperties (physical, &properties);
  /* Larger units need fewer loads. */
  for (guint32 i = 0; i < n; i++) {
    const VkCooperativeMatrixPropertiesKHR *one = &all[i];

    if (suits (one, properties.limits.maxComputeSharedMemorySize)
        && one->MSize * one->NSize * one->KSize > best.m * best.n * best.k)
      best = (FeCoopmat){one->MSize, one->NSize, one->KSize, subgroup_size};
  }
  return best;
}

void
fe_coopmat_enable (FeCoopmatFeatures *features, VkDeviceCreateInfo *info)
{
  features_init (features, (void *)info->pNext);
  features->matrices.cooperativeMatrix = VK_TRUE;
  features->memory_model.vulkanMemoryModel = VK_TRUE;
  features->halves.shaderFloat16 = VK_TRUE;
  features->subgroups.subgroupSizeControl = VK_TRUE;
  features->subgroups.computeFullSubgroups = VK_TRUE;
  info->pNext = features;
  info->ppEnabledExtensionNames = extensions;
  info->enabledExtensionCount = G_N_ELEMENTS (extensions);
}

/* VK_NV_cooperative_matrix2 */

/* Shorter than Vulkan's names for them. */
typedef VkCooperativeMatrixFlexibleDimensionsPropertiesNV Properties;
typedef VkResult (VKAPI_PTR *GetProperties) (VkPhysicalDevice, guint32 *,
                                             Properties *);

/* All tiles of a workgroup's matrices are multiples of one number, those of a
 * subgroup's of the other, and none is larger than the third. */
#define WORKGROUP_STEP 64
#define SUBGROUP_STEP 32
#define LARGEST 256

static void
coopmat2_features_init (FeCoopmat2Features *self, void *next)
{
  *self = (FeCoopmat2Features){
      .matrices.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_FEATURES_NV,
      .matrices.pNext = &self->maintenance,
      .maintenance.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES,
      .maintenance.pNext = &self->addresses,
      .addresses.sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_BUFFER_DEVICE_ADDRESS_FEATURES,
      .addresses.pNext = next,
  };
}

static gboolean
suits_coopmat2 (const Properties *one, guint step)
{
  return one->AType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->BType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->CType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->MGranularity && step % one->MGranularity == 0
         && one->NGranularity && step % one->NGranularity == 0
         && one->KGranularity && step % one->KGranularity == 0;
}

/* Finds the largest workgroup that can share a matrix, or else a subgroup. */
static FeCoopmat2
find_scope (const Properties *all, guint n, guint most_invocations,
            guint subgroup)
{
  FeCoopmat2 best = {0};

  for (guint i = 0; i < n; i++) {
    if (all[i].scope == VK_SCOPE_WORKGROUP_KHR
        && suits_coopmat2 (&all[i], WORKGROUP_STEP)
        && all[i].workgroupInvocations <= most_invocations
        && (best.scope != VK_SCOPE_WORKGROUP_KHR
            || all[i].workgroupInvocations > best.invocations))
      best = (FeCoopmat2){all[i].workgroupInvocations, all[i].scope, FALSE};
    else if (all[i].scope == VK_SCOPE_SUBGROUP_KHR && !best.invocations
             && suits_coopmat2 (&all[i], SUBGROUP_STEP))
      best = (FeCoopmat2){subgroup, all[i].scope, FALSE};
  }
  return best;
}

FeCoopmat2
fe_coopmat2_find (VkInstance instance, VkPhysicalDevice physical,
                  const FeCoopmat *units)
{
  GetProperties get_properties = (GetProperties)vkGetInstanceProcAddr (
      instance,
      "vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV");
  VkPhysicalDeviceCooperativeMatrix2PropertiesNV sizes = {
      .sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_PROPERTIES_NV,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &sizes,
  };
  FeCoopmat2Features has;
  VkPhysicalDeviceFeatures2 features = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
      .pNext = &has,
  };
  g_autofree Properties *all = NULL;
  FeCoopmat2 found = {0};
  guint32 n = 0;

  if (!fe_instance_wants_coopmat2 () || !units->k || !get_properties
      || !fe_has_extension (physical, VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME)
      || get_properties (physical, &n, NULL) != VK_SUCCESS)
    return found;
  coopmat2_features_init (&has, NULL);
  vkGetPhysicalDeviceFeatures2 (physical, &features);
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  all = g_new0 (Properties, n);
  for (guint32 i = 0; i < n; i++)
    all[i].sType =
        VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_FLEXIBLE_DIMENSIONS_PROPERTIES_NV;
  if (properties.properties.apiVersion < VK_API_VERSION_1_3
      || !has.matrices.cooperativeMatrixFlexibleDimensions
      || !has.matrices.cooperativeMatrixPerElementOperations
      || !has.maintenance.maintenance4
      || sizes.cooperativeMatrixFlexibleDimensionsMaxDimension < LARGEST
      || get_properties (physical, &n, all) != VK_SUCCESS)
    return found;
  found =
      find_scope (all, n,
                  has.matrices.cooperativeMatrixWorkgroupScope
                      ? sizes.cooperativeMatrixWorkgroupScopeMaxWorkgroupSize
                      : 0,
                  units->subgroup);
  found.tensors = found.invocations
                  && has.matrices.cooperativeMatrixTensorAddressing
                  && has.matrices.cooperativeMatrixBlockLoads
                  && has.addresses.bufferDeviceAddress;
  return found;
}

void
fe_coopmat2_enable (const FeCoopmat2 *self, FeCoopmat2Features *features,
                    VkDeviceCreateInfo *info)
{
  guint32 n = info->enabledExtensionCount;

  g_assert (n < G_N_ELEMENTS (features->extensions));
  coopmat2_features_init (features, (void *)info->pNext);
  features->matrices.cooperativeMatrixWorkgroupScope =
      self->scope == VK_SCOPE_WORKGROUP_KHR;
  features->matrices.cooperativeMatrixFlexibleDimensions = VK_TRUE;
  features->matrices.cooperativeMatrixPerElementOperations = VK_TRUE;
  features->matrices.cooperativeMatrixTensorAddressing = self->tensors;
  features->matrices.cooperativeMatrixBlockLoads = self->tensors;
  features->addresses.bufferDeviceAddress = self->tensors;
  features->maintenance.maintenance4 = VK_TRUE;
  info->pNext = features;
  for (guint32 i = 0; i < n; i++)
    features->extensions[i] = info->ppEnabledExtensionNames[i];
  features->extensions[n] = VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME;
  info->ppEnabledExtensionNames = features->extensions;
  info->enabledExtensionCount = n + 1;
}
