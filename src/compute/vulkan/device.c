/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/device.h"
#include "compute/vulkan/pipelines.h"
#include "compute/vulkan/processors.h"
#include "compute/vulkan/memory_export.h"

#include <feclip/error.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What choosing a device needs to know of it. */
typedef struct {
  VkPhysicalDevice physical;
  VkPhysicalDeviceProperties2 properties;
  VkPhysicalDeviceIDProperties id;
  VkPhysicalDeviceSubgroupProperties subgroup;
} Candidate;

/* The open devices, so that models on the same one share it; weak. */
static GMutex open_lock;
static GList *open_devices;

static void
candidate_init (Candidate *self, VkPhysicalDevice physical)
{
  *self = (Candidate){
      .physical = physical,
      .properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .properties.pNext = &self->id,
      .id.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
      .id.pNext = &self->subgroup,
      .subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
  };
  vkGetPhysicalDeviceProperties2 (physical, &self->properties);
}

static int
rank (const Candidate *candidate)
{
  static const int ranks[] = {
      [VK_PHYSICAL_DEVICE_TYPE_OTHER] = 1,
      [VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU] = 3,
      [VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU] = 4,
      [VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU] = 2,
      [VK_PHYSICAL_DEVICE_TYPE_CPU] = 0,
  };
  VkPhysicalDeviceType type = candidate->properties.properties.deviceType;

  return type < G_N_ELEMENTS (ranks) ? ranks[type] : 0;
}

static gboolean
is_index (const char *wanted)
{
  return *wanted && strlen (wanted) < 4
         && strspn (wanted, "0123456789") == strlen (wanted);
}

static gboolean
matches (const Candidate *candidate, guint index, const char *wanted)
{
  g_autofree char *uuid = fe_uuid_to_string (candidate->id.deviceUUID);
  g_autofree char *name =
      g_ascii_strdown (candidate->properties.properties.deviceName, -1);
  g_autofree char *part = g_ascii_strdown (wanted, -1);

  if (is_index (wanted))
    return g_ascii_strtoull (wanted, NULL, 10) == index;
  return strcmp (uuid, part) == 0 || strstr (name, part) != NULL;
}

/* Fills `best` with the candidate that is wanted, or says which there are. */
static gboolean
choose (VkInstance instance, const char *wanted, Candidate *best,
        GError **error)
{
  g_autoptr (GArray) devices = fe_instance_list (instance, error);
  g_autoptr (GString) names = g_string_new (NULL);
  gboolean found = FALSE;
  Candidate one;

  if (!devices)
    return FALSE;
  for (guint i = 0; i < devices->len; i++) {
    candidate_init (&one, g_array_index (devices, VkPhysicalDevice, i));
    g_string_append_printf (names, "%s%u %s", i ? ", " : "", i,
                            one.properties.properties.deviceName);
    if (fe_find_compute_queue (one.physical) < 0
        || one.properties.properties.apiVersion < VK_API_VERSION_1_1)
      continue;
    if (wanted && !matches (&one, i, wanted))
      continue;
    if (!found || rank (&one) > rank (best))
      *best = one;
    found = TRUE;
  }
  if (found)
    return TRUE;
  if (wanted && devices->len)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "no usable Vulkan device matches \"%s\"; there are: %s",
                 wanted, names->str);
  else
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "no usable Vulkan device was found");
  return FALSE;
}

/* A processor's subgroup is one vector register; a lane there owns a row. */
static gboolean
suits_subgroup_kernels (const Candidate *candidate)
{
  const VkSubgroupFeatureFlags needed =
      VK_SUBGROUP_FEATURE_BASIC_BIT | VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
  guint32 size = candidate->subgroup.subgroupSize;

  return candidate->properties.properties.deviceType
             == VK_PHYSICAL_DEVICE_TYPE_CPU
         && (size == 4 || size == 8 || size == 16)
         && (candidate->subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
         && (candidate->subgroup.supportedOperations & needed) == needed
         && g_strcmp0 (g_getenv ("FECLIP_KERNELS"), "workgroup") != 0;
}

/* Mesa's processor driver compiled texelFetch() to a function and imageLoad()
 * to code in place before its version 23; then both became functions, and
 * images' the shorter one. With vectors of 512 bits a tile has half the code,
 * and code in place is faster. */
static gboolean
suits_sampled_weights (const Candidate *candidate)
{
  const char *wish = g_getenv ("FECLIP_WEIGHT_TEXTURES");
  VkPhysicalDeviceDriverProperties driver = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &driver,
  };
  guint mesa;

  if (!suits_subgroup_kernels (candidate)
      || candidate->properties.properties.apiVersion < VK_API_VERSION_1_2)
    return FALSE;
  if (wish)
    return g_str_equal (wish, "sampled");
  if (candidate->subgroup.subgroupSize > 8)
    return FALSE;
  vkGetPhysicalDeviceProperties2 (candidate->physical, &properties);
  return driver.driverID == VK_DRIVER_ID_MESA_LLVMPIPE
         && sscanf (driver.driverInfo, "Mesa %u.", &mesa) == 1 && mesa < 23;
}

/* Weights that take 7/4 of the memory are no gain where that is short: they may
 * fill a quarter of the machine's. The kernels need integers of 64 bits. */
static guint64
find_strassen_limit (const Candidate *candidate)
{
  const char *wish = g_getenv ("FECLIP_STRASSEN");
  VkPhysicalDeviceFeatures features;

  vkGetPhysicalDeviceFeatures (candidate->physical, &features);
  if (!suits_subgroup_kernels (candidate) || !features.shaderInt64
      || g_strcmp0 (wish, "0") == 0)
    return 0;
  if (g_strcmp0 (wish, "1") == 0)
    return G_MAXUINT64;
  return (guint64)sysconf (_SC_PHYS_PAGES) / 4
         * (guint64)sysconf (_SC_PAGESIZE);
}

/* Takes over the instance, also on failure. */
static FeDevice *
device_new (VkInstance instance, VkDebugUtilsMessengerEXT messenger,
            const Candidate *chosen, GError **error)
{
  const float priority = 1;
  g_autoptr (FeDevice) self = g_new0 (FeDevice, 1);
  VkDeviceQueueCreateInfo queue_info = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueCount = 1,
      .pQueuePriorities = &priority,
  };
  /* Reading beyond a buffer then gives zeros or its content, never a fault. */
  VkPhysicalDeviceFeatures features = {.robustBufferAccess = VK_TRUE};
  VkDeviceCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
      .queueCreateInfoCount = 1,
      .pQueueCreateInfos = &queue_info,
      .pEnabledFeatures = &features,
  };

  FeCoopmatFeatures units_features;
  FeCoopmat2Features coopmat2_features;
  FeSharingExtensions extensions;

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->queue_lock);
  g_mutex_init (&self->memory_lock);
  self->instance = instance;
  self->messenger = messenger;
  self->physical = chosen->physical;
  self->properties = chosen->properties.properties;
  memcpy (self->uuid, chosen->id.deviceUUID, VK_UUID_SIZE);
  memcpy (self->driver_uuid, chosen->id.driverUUID, VK_UUID_SIZE);
  self->name = g_strdup (self->properties.deviceName);
  self->subgroup_kernels = suits_subgroup_kernels (chosen);
  self->sampled_weights = suits_sampled_weights (chosen);
  self->strassen_limit = find_strassen_limit (chosen);
  features.shaderInt64 = self->strassen_limit != 0;
  if (!self->subgroup_kernels)
    self->coopmat = fe_coopmat_find (instance, self->physical,
                                     chosen->subgroup.subgroupSize);
  if (self->coopmat.k)
    fe_coopmat_enable (&units_features, &info);
  self->coopmat2 = fe_coopmat2_find (instance, self->physical, &self->coopmat);
  if (self->coopmat2.invocations)
    fe_coopmat2_enable (&self->coopmat2, &coopmat2_features, &info);
  self->shares = fe_sharing_is_supported (self->physical);
  if (self->shares)
    fe_sharing_enable (&extensions, &info);
  self->processors = fe_count_processors (self->physical);
  self->panel = self->subgroup_kernels ? chosen->subgroup.subgroupSize : 8;
  vkGetPhysicalDeviceMemoryProperties (self->physical, &self->memory);
  self->queue_family = (guint32)fe_find_compute_queue (self->physical);
  queue_info.queueFamilyIndex = self->queue_family;
  if (!fe_vk_check (vkCreateDevice (self->physical, &info, NULL, &self->device),
                    NULL, error, "open %s", self->name))
    return NULL;
  vkGetDeviceQueue (self->device, self->queue_family, 0, &self->queue);
  if (!(self->pipelines = fe_pipelines_new (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

static void
device_free (FeDevice *self)
{
  fe_pipelines_free (self->pipelines);
  if (self->device)
    vkDestroyDevice (self->device, NULL);
  fe_instance_free (self->instance, self->messenger);
  g_mutex_clear (&self->queue_lock);
  g_mutex_clear (&self->memory_lock);
  g_free (self->name);
  g_free (self);
}

static FeDevice *
find_open (const Candidate *chosen)
{
  for (GList *l = open_devices; l; l = l->next) {
    FeDevice *device = l->data;

    if (memcmp (device->uuid, chosen->id.deviceUUID, VK_UUID_SIZE) == 0
        && device->subgroup_kernels == suits_subgroup_kernels (chosen))
      return device;
  }
  return NULL;
}

FeDevice *
fe_device_open (const char *wanted, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&open_lock);
  VkDebugUtilsMessengerEXT messenger = VK_NULL_HANDLE;
  VkInstance instance = VK_NULL_HANDLE;
  Candidate chosen;
  FeDevice *device;

  if (wanted && !*wanted)
    wanted = NULL;
  if (!fe_instance_new (&instance, &messenger, error))
    return NULL;
  if (!choose (instance, wanted, &chosen, error)) {
    fe_instance_free (instance, messenger);
    return NULL;
  }
  device = find_open (&chosen);
  if (device) {
    fe_instance_free (instance, messenger);
    return fe_device_ref (device);
  }
  device = device_new (instance, messenger, &chosen, error);
  if (device)
    open_devices = g_list_prepend (open_devices, device);
  return device;
}

void
fe_device_count_memory (FeDevice *self, gint64 bytes)
{
  g_mutex_lock (&self->memory_lock);
  self->allocated += (guint64)bytes;
  self->most_allocated = MAX (self->most_allocated, self->allocated);
  g_mutex_unlock (&self->memory_lock);
}

guint64
fe_device_get_memory (FeDevice *self, guint64 *most)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->memory_lock);

  *most = self->most_allocated;
  return self->allocated;
}

FeDevice *
fe_device_ref (FeDevice *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fe_device_unref (FeDevice *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (!self)
    return;
  if (!self->pipelines) { /* half-built, known to nobody */
    device_free (self);
    return;
  }
  locker = g_mutex_locker_new (&open_lock);
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  open_devices = g_list_remove (open_devices, self);
  device_free (self);
}
