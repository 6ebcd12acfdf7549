/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Matrix units that take matrices of any size, shared by whole workgroups
 * (VK_NV_cooperative_matrix2); the driver cuts them for the hardware. */
#pragma once

#include "compute/vulkan/coopmat.h"

G_BEGIN_DECLS

/* Debian 12's headers are older than the extension. */
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

/* How a device takes such matrices; all 0: it does not. */
typedef struct {
  guint invocations; /* of a workgroup, */
  VkScopeKHR scope;  /* which shares a matrix, or is a single subgroup */
  gboolean tensors;  /* brings packed matrices from memory by itself */
} FeCoopmat2;

/* What a device must switch on for them. */
typedef struct {
  VkPhysicalDeviceCooperativeMatrix2FeaturesNV matrices;
  VkPhysicalDeviceMaintenance4Features maintenance;
  VkPhysicalDeviceBufferDeviceAddressFeatures addresses;
  const char *extensions[8];
} FeCoopmat2Features;

/* Whether the environment asks for them: FECLIP_COOPMAT=2. The instance
 * then has to be one of Vulkan 1.3. */
gboolean fe_coopmat2_is_wanted (void);

/* Finds what matmul_coopmat2.comp can use on a device that has units. */
FeCoopmat2 fe_coopmat2_find (VkInstance instance, VkPhysicalDevice physical,
                             const FeCoopmat *units);

/* Adds to what a device is made with. `features` must live until it is made. */
void fe_coopmat2_enable (const FeCoopmat2 *self, FeCoopmat2Features *features,
                         VkDeviceCreateInfo *info);

G_END_DECLS
