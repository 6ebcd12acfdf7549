/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Vulkan device, opened once per process and shared by all that use it. */
#pragma once

#include "base/shared_table.h"
#include "compute/vulkan/coopmat.h"
#include "compute/vulkan/instance.h"

G_BEGIN_DECLS

typedef struct _FePipelines FePipelines;

/* Read-only after opening, but for what the locks guard. Thread-safe. */
typedef struct {
  FeShared shared; /* by UUID and kind of kernels */
  char *name;
  guint8 uuid[VK_UUID_SIZE];
  guint8 driver_uuid[VK_UUID_SIZE];
  VkInstance instance;
  VkDebugUtilsMessengerEXT messenger;
  VkPhysicalDevice physical;
  VkDevice device;
  VkPhysicalDeviceProperties properties;
  VkPhysicalDeviceMemoryProperties memory;
  guint32 queue_family;
  VkQueue queue;
  GMutex queue_lock;
  FePipelines *pipelines;
  GMutex memory_lock;
  guint64 allocated;      /* bytes in buffers now */
  guint64 most_allocated; /* largest number of bytes so far */
  gboolean shares; /* its memory with other devices, see memory_export.h */
  /* Whether matrices are multiplied with one row per lane of a subgroup and
   * read as texel buffers, which suits processors that run shaders as vector
   * code. Graphics hardware uses tiles in shared memory instead. */
  gboolean subgroup_kernels;
  /* Whether products of subgroup kernels sample their texels: faster by a tenth
   * with Mesa 22, slower with Mesa 25. */
  gboolean sampled_weights;
  /* Bytes up to which weights may be kept in the larger form of strassen.h. */
  guint64 strassen_limit;
  /* Its cooperative matrices, if it has some and multiplies in tiles. */
  FeCoopmat coopmat;
  FeCoopmat2 coopmat2;
  /* What runs workgroups side by side, such as streaming multiprocessors or
   * compute units; a guess where the driver does not tell. */
  guint processors;
  /* Rows of a panel, see matrix.h. */
  guint panel;
} FeDevice;

/* Opens the device that `wanted` names (index, part of its name, UUID; NULL =
 * the best), or returns the open one. Blocks while it opens, or while another
 * thread opens the same device. Thread-safe.
 *
 * Environment: FECLIP_VALIDATION=1 enables the validation layer and reports its
 * messages as critical. FECLIP_KERNELS=workgroup runs the graphics hardware's
 * kernels on any device. FECLIP_COOPMAT=0 does not use cooperative matrices,
 * FECLIP_COOPMAT=2 uses those of any size.
 * FECLIP_WEIGHT_TEXTURES=sampled or storage decides how products on a processor
 * read weights, FECLIP_STRASSEN=0 or 1 whether they save an eighth of the
 * multiplications. */
FeDevice *fe_device_open (const char *wanted, GError **error);

FeDevice *fe_device_ref (FeDevice *self);

/* NULL is allowed. Never waits for a device that is being opened. */
void fe_device_unref (FeDevice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeDevice, fe_device_unref)

/* Notes that memory was allocated, or freed where `bytes` is below 0. */
void fe_device_count_memory (FeDevice *self, gint64 bytes);

/* Bytes in buffers now, and at most since it was opened. */
guint64 fe_device_get_memory (FeDevice *self, guint64 *most);

/* Returns whether `result` is a success; else says "could not WHAT on DEVICE
 * (VK_ERROR_...)". */
gboolean fe_vk_check (VkResult result, const FeDevice *self, GError **error,
                      const char *what, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
