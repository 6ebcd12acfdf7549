/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Matrix units: hardware that multiplies small fp16 matrices and sums in fp32.
 * VK_KHR_cooperative_matrix offers it to the invocations of a subgroup. */
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

/* Features that a device enables for its units. */
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

/* Adds the features and extensions to what a device is created with. `features`
 * must live until then. */
void fe_coopmat_enable (FeCoopmatFeatures *features, VkDeviceCreateInfo *info);

/* VK_NV_cooperative_matrix2: matrices of any size, shared by whole workgroups;
 * the driver cuts them for the hardware. */

#ifndef VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME
#define VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME "VK_NV_cooperative_matrix2"
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_FEATURES_NV \
  ((VkStructureType)1000593000)
#define VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_FLEXIBLE_DIMENSIONS_PROPERTIES_NV \
  ((VkStructureType)1000593001)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_PROPERTIES_NV \
  ((VkStructureType)1000593002)
#define VK_SCOPE_WORKGROUP_KHR ((VkScopeKHR)2)

typedef struct {
  VkStructureType sType;
  void *pNext;
  VkBool32 cooperativeMatrixWorkgroupScope;
  VkBool32 cooperativeMatrixFlexibleDimensions;
  VkBool32 cooperativeMatrixReductions;
  VkBool32 cooperativeMatrixConversions;
  VkBool32 cooperativeMatrixPerElementOperations;
  VkBool32 cooperativeMatrixTensorAddressing;
  VkBool32 cooperativeMatrixBlockLoads;
} VkPhysicalDeviceCooperativeMatrix2FeaturesNV;

typedef struct {
  VkStructureType sType;
  void *pNext;
  guint32 cooperativeMatrixWorkgroupScopeMaxWorkgroupSize;
  guint32 cooperativeMatrixFlexibleDimensionsMaxDimension;
  guint32 cooperativeMatrixWorkgroupScopeReservedSharedMemory;
} VkPhysicalDeviceCooperativeMatrix2PropertiesNV;

typedef struct {
  VkStructureType sType;
  void *pNext;
  guint32 MGranularity, NGranularity, KGranularity;
  VkComponentTypeKHR AType, BType, CType, ResultType;
  VkBool32 saturatingAccumulation;
  VkScopeKHR scope;
  guint32 workgroupInvocations;
} VkCooperativeMatrixFlexibleDimensionsPropertiesNV;
#endif

/* How a device multiplies such matrices; all 0: it does not. */
typedef struct {
  guint invocations; /* of a workgroup, */
  VkScopeKHR scope;  /* which shares a matrix, or is a single subgroup */
  gboolean tensors;  /* loads packed matrices from memory by itself */
} FeCoopmat2;

/* Features that a device enables for them. */
typedef struct {
  VkPhysicalDeviceCooperativeMatrix2FeaturesNV matrices;
  VkPhysicalDeviceMaintenance4Features maintenance;
  VkPhysicalDeviceBufferDeviceAddressFeatures addresses;
  const char *extensions[8];
} FeCoopmat2Features;

/* Finds what matmul_coopmat2.comp can use on a device that has units. */
FeCoopmat2 fe_coopmat2_find (VkInstance instance, VkPhysicalDevice physical,
                             const FeCoopmat *units);

/* Adds the features and extensions to what a device is created with. `features`
 * must live until then. */
void fe_coopmat2_enable (const FeCoopmat2 *self, FeCoopmat2Features *features,
                         VkDeviceCreateInfo *info);

G_END_DECLS
