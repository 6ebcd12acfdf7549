/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/coopmat2.h"

#include "compute/vulkan/device.h"

/* Shorter than Vulkan's names for them. */
typedef VkCooperativeMatrixFlexibleDimensionsPropertiesNV Properties;
typedef VkResult (VKAPI_PTR *GetProperties) (VkPhysicalDevice, guint32 *,
                                             Properties *);

/* All tiles of a workgroup's matrices are multiples of one number, those of a
 * subgroup's of the other, and none is larger than the third. */
#define WORKGROUP_STEP 64
#define SUBGROUP_STEP 32
#define LARGEST 256

gboolean
fe_coopmat2_is_wanted (void)
{
  return g_strcmp0 (g_getenv ("FECLIP_COOPMAT"), "2") == 0;
}

static void
features_init (FeCoopmat2Features *self, void *next)
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
suits (const Properties *one, guint step)
{
  return one->AType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->BType == VK_COMPONENT_TYPE_FLOAT16_KHR
         && one->CType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR
         && one->MGranularity && step % one->MGranularity == 0
         && one->NGranularity && step % one->NGranularity == 0
         && one->KGranularity && step % one->KGranularity == 0;
}

/* The largest workgroup that shares a matrix, or else a subgroup. */
static FeCoopmat2
find_scope (const Properties *all, guint n, guint most_invocations,
            guint subgroup)
{
  FeCoopmat2 best = {0};

  for (guint i = 0; i < n; i++) {
    if (all[i].scope == VK_SCOPE_WORKGROUP_KHR
        && suits (&all[i], WORKGROUP_STEP)
        && all[i].workgroupInvocations <= most_invocations
        && (best.scope != VK_SCOPE_WORKGROUP_KHR
            || all[i].workgroupInvocations > best.invocations))
      best = (FeCoopmat2){all[i].workgroupInvocations, all[i].scope, FALSE};
    else if (all[i].scope == VK_SCOPE_SUBGROUP_KHR && !best.invocations
             && suits (&all[i], SUBGROUP_STEP))
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

  if (!fe_coopmat2_is_wanted () || !units->k || !get_properties
      || !fe_has_extension (physical, VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME)
      || get_properties (physical, &n, NULL) != VK_SUCCESS)
    return found;
  features_init (&has, NULL);
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
  features_init (features, (void *)info->pNext);
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
