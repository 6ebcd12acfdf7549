/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Vulkan device, opened once per process and shared by all that use it. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

#include "compute/vulkan/coopmat2.h"

G_BEGIN_DECLS

typedef struct _FePipelines FePipelines;

/* Read-only after opening, but for what the locks guard. Thread-safe. */
typedef struct {
  gatomicrefcount ref_count;
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
  guint64 allocated;      /* bytes of its memory in buffers now, */
  guint64 most_allocated; /* and at most so far */
  gboolean shares;        /* its memory with other devices, see vk_sharing.h */
  /* Whether matrices are multiplied with one row per lane of a subgroup and
   * read as texel buffers: right for processors that run shaders as vector
   * code. Graphics hardware gets tiles in shared memory instead. */
  gboolean subgroup_kernels;
  /* Whether products there read their texels as sampled ones: faster by a tenth
   * with Mesa 22, slower with Mesa 25. */
  gboolean sampled_weights;
  /* Bytes up to which weights may grow for faster products, see strassen.h. */
  guint64 strassen_limit;
  /* Its matrix units, if it has some and multiplies in tiles. */
  FeCoopmat coopmat;
  FeCoopmat2 coopmat2;
  guint processors; /* that run workgroups, see vk_processors.h */
  /* Rows that lie interleaved in a packed matrix; see ops.h. */
  guint panel;
} FeDevice;

/* Opens the device that `wanted` names (index, part of its name, UUID; NULL =
 * the best), or returns the open one. Environment: FECLIP_VALIDATION=1 turns
 * the validation layer on and reports what it says as critical;
 * FECLIP_KERNELS=workgroup runs the graphics hardware's kernels on any device,
 * FECLIP_COOPMAT=0 leaves matrix units alone, FECLIP_COOPMAT=2 gives them
 * matrices of any size, FECLIP_WEIGHT_TEXTURES=sampled or storage decides how a
 * processor's products read, and FECLIP_STRASSEN=0 or 1 whether they spare an
 * eighth of the multiplications.
 */
FeDevice *fe_device_open (const char *wanted, GError **error);

FeDevice *fe_device_ref (FeDevice *self);

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

/* An instance for listing devices and opening one. */
gboolean fe_instance_new (VkInstance *instance,
                          VkDebugUtilsMessengerEXT *messenger, GError **error);

void fe_instance_free (VkInstance instance, VkDebugUtilsMessengerEXT messenger);

/* The machine's devices in the order of their index. */
GArray *fe_instance_list (VkInstance instance, GError **error);

/* The 36 characters of a device's UUID. */
char *fe_uuid_to_string (const guint8 uuid[VK_UUID_SIZE]);

gboolean fe_has_extension (VkPhysicalDevice physical, const char *name);

/* A queue family that computes, or -1. */
int fe_find_compute_queue (VkPhysicalDevice physical);

G_END_DECLS
