/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Matrix units: hardware that multiplies small fp16 matrices and sums in fp32,
 * which VK_KHR_cooperative_matrix gives to the invocations of a subgroup. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

G_BEGIN_DECLS

/* Debian 12's headers are older than the extension. */
#ifndef VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME
#define VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME "VK_KHR_cooperative_matrix"
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR \
  ((VkStructureType)1000506000)
#define VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR \
  ((VkStructureType)1000506001)

typedef enum {
  VK_COMPONENT_TYPE_FLOAT16_KHR = 0,
  VK_COMPONENT_TYPE_FLOAT32_KHR = 1,
  VK_COMPONENT_TYPE_MAX_ENUM_KHR = 0x7FFFFFFF,
} VkComponentTypeKHR;

typedef enum {
  VK_SCOPE_SUBGROUP_KHR = 3,
  VK_SCOPE_MAX_ENUM_KHR = 0x7FFFFFFF,
} VkScopeKHR;

typedef struct {
  VkStructureType sType;
  void *pNext;
  VkBool32 cooperativeMatrix;
  VkBool32 cooperativeMatrixRobustBufferAccess;
} VkPhysicalDeviceCooperativeMatrixFeaturesKHR;

typedef struct {
  VkStructureType sType;
  void *pNext;
  guint32 MSize, NSize, KSize;
  VkComponentTypeKHR AType, BType, CType, ResultType;
  VkBool32 saturatingAccumulation;
  VkScopeKHR scope;
} VkCooperativeMatrixPropertiesKHR;

typedef VkResult (
    VKAPI_PTR *PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR) (
    VkPhysicalDevice, guint32 *, VkCooperativeMatrixPropertiesKHR *);
#endif

/* A device's units: left operands [m][k], right ones [k][n]; all 0: none. */
typedef struct {
  guint m, n, k;
  guint subgroup; /* invocations that share one */
} FeCoopmat;

/* What a device must switch on for its units. */
typedef struct {
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrices;
  VkPhysicalDeviceVulkanMemoryModelFeaturesKHR memory_model;
  VkPhysicalDeviceShaderFloat16Int8FeaturesKHR halves;
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT subgroups;
} FeCoopmatFeatures;

/* Finds the units that matmul_coopmat.comp can use. FECLIP_COOPMAT=0 finds
 * none. */
FeCoopmat fe_coopmat_find (VkInstance instance, VkPhysicalDevice physical,
                           guint subgroup_size);

/* Adds to what a device is made with. `features` must live until it is made. */
void fe_coopmat_enable (FeCoopmatFeatures *features, VkDeviceCreateInfo *info);

G_END_DECLS
