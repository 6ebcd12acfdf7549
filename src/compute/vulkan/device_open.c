/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choosing a Vulkan device, and opening it with what is used of it. */
#include <feclip/error.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compute/vulkan/device.h"
#include "compute/vulkan/memory_export.h"
#include "compute/vulkan/pipelines.h"

/* What runs workgroups side by side on a small card, and on a small graphics
 * unit beside a processor: for drivers that do not tell. Too small a guess
 * costs little, as waves are then taken to be full. */
#define CARD_PROCESSORS 32
#define INTEGRATED_PROCESSORS 8

/* Properties that choosing a device depends on. */
typedef struct {
  VkPhysicalDevice physical;
  VkPhysicalDeviceProperties2 properties;
  VkPhysicalDeviceIDProperties id;
  VkPhysicalDeviceSubgroupProperties subgroup;
} Candidate;

/* The open devices, so that all models on a device share it. */
static FeSharedTable open_devices;

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

/* Fills `best` with the candidate that is wanted; else sets an error that lists
 * the devices. */
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

/* Before version 23, Mesa's processor driver compiled texelFetch() to a
 * function and imageLoad() to inline code. Since then both are functions,
 * imageLoad() the shorter one. With vectors of 512 bits a tile has half the
 * code, and inline code is faster. */
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

/* Weights of 7/4 of the size are no gain where memory is short: they may take a
 * quarter of the machine's. The kernels need integers of 64 bits. */
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

static guint
count_nvidia (VkPhysicalDevice physical)
{
  VkPhysicalDeviceShaderSMBuiltinsPropertiesNV counts = {
      .sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &counts,
  };

  if (!fe_has_extension (physical, VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME))
    return 0;
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return counts.shaderSMCount;
}

static guint
count_amd (VkPhysicalDevice physical)
{
  VkPhysicalDeviceShaderCorePropertiesAMD counts = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &counts,
  };

  if (!fe_has_extension (physical,
                         VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME))
    return 0;
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return counts.shaderEngineCount * counts.shaderArraysPerEngineCount
         * counts.computeUnitsPerShaderArray;
}

static guint
count_processors (VkPhysicalDevice physical)
{
  VkPhysicalDeviceProperties properties;
  guint n = count_nvidia (physical);

  if (!n)
    n = count_amd (physical);
  if (n)
    return n;
  vkGetPhysicalDeviceProperties (physical, &properties);
  return properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU
             ? INTEGRATED_PROCESSORS
             : CARD_PROCESSORS;
}

/* What a device is created with; the structures must live until then. */
typedef struct {
  VkDeviceCreateInfo info;
  VkPhysicalDeviceFeatures features;
  FeCoopmatFeatures coopmat;
  FeCoopmat2Features coopmat2;
  FeSharingExtensions extensions;
} Creation;

/* Finds out what the device can do, and enables what is used of it. */
static void
find_abilities (FeDevice *self, const Candidate *chosen, Creation *creation)
{
  self->subgroup_kernels = suits_subgroup_kernels (chosen);
  self->sampled_weights = suits_sampled_weights (chosen);
  self->strassen_limit = find_strassen_limit (chosen);
  creation->features.shaderInt64 = self->strassen_limit != 0;
  if (!self->subgroup_kernels)
    self->coopmat = fe_coopmat_find (self->instance, self->physical,
                                     chosen->subgroup.subgroupSize);
  if (self->coopmat.k)
    fe_coopmat_enable (&creation->coopmat, &creation->info);
  self->coopmat2 =
      fe_coopmat2_find (self->instance, self->physical, &self->coopmat);
  if (self->coopmat2.invocations)
    fe_coopmat2_enable (&self->coopmat2, &creation->coopmat2, &creation->info);
  self->shares = fe_sharing_is_supported (self->physical);
  if (self->shares)
    fe_sharing_enable (&creation->extensions, &creation->info);
  self->processors = count_processors (self->physical);
  self->panel = self->subgroup_kernels ? chosen->subgroup.subgroupSize : 8;
  vkGetPhysicalDeviceMemoryProperties (self->physical, &self->memory);
  self->queue_family = (guint32)fe_find_compute_queue (self->physical);
}

static gboolean
create_device (FeDevice *self, const Candidate *chosen, GError **error)
{
  const float priority = 1;
  VkDeviceQueueCreateInfo queue_info = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueCount = 1,
      .pQueuePriorities = &priority,
  };
  Creation creation = {
      .info =
          {
              .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
              .queueCreateInfoCount = 1,
              .pQueueCreateInfos = &queue_info,
              .pEnabledFeatures = &creation.features,
          },
      /* Reading beyond a buffer gives zeros or its content, never a fault. */
      .features = {.robustBufferAccess = VK_TRUE},
  };

  find_abilities (self, chosen, &creation);
  queue_info.queueFamilyIndex = self->queue_family;
  if (!fe_vk_check (
          vkCreateDevice (self->physical, &creation.info, NULL, &self->device),
          NULL, error, "open %s", self->name))
    return FALSE;
  vkGetDeviceQueue (self->device, self->queue_family, 0, &self->queue);
  return TRUE;
}

/* Takes over the instance, also on failure. */
static FeDevice *
device_new (VkInstance instance, VkDebugUtilsMessengerEXT messenger,
            const Candidate *chosen, GError **error)
{
  g_autoptr (FeDevice) self = g_new0 (FeDevice, 1);

  fe_shared_init (&self->shared);
  g_mutex_init (&self->queue_lock);
  g_mutex_init (&self->memory_lock);
  self->instance = instance;
  self->messenger = messenger;
  self->physical = chosen->physical;
  self->properties = chosen->properties.properties;
  memcpy (self->uuid, chosen->id.deviceUUID, VK_UUID_SIZE);
  memcpy (self->driver_uuid, chosen->id.driverUUID, VK_UUID_SIZE);
  self->name = g_strdup (self->properties.deviceName);
  if (!create_device (self, chosen, error)
      || !(self->pipelines = fe_pipelines_new (self, error)))
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
  fe_shared_clear (&self->shared);
  g_free (self->name);
  g_free (self);
}

/* Returns: the open device, with a reference, or a new one; frees the instance
 * where that does not take it */
static FeDevice *
open_chosen (VkInstance instance, VkDebugUtilsMessengerEXT messenger,
             const Candidate *chosen, GError **error)
{
  g_autofree char *uuid = fe_uuid_to_string (chosen->id.deviceUUID);
  g_autofree char *key = g_strdup_printf (
      "%s %s", uuid,
      suits_subgroup_kernels (chosen) ? "subgroup" : "workgroup");
  FeDevice *self = (FeDevice *)fe_shared_table_begin (&open_devices, key);

  if (self) {
    fe_instance_free (instance, messenger);
    return self;
  }
  self = device_new (instance, messenger, chosen, error);
  fe_shared_table_end (&open_devices, key, (FeShared *)self);
  return self;
}

FeDevice *
fe_device_open (const char *wanted, GError **error)
{
  VkDebugUtilsMessengerEXT messenger = VK_NULL_HANDLE;
  VkInstance instance = VK_NULL_HANDLE;
  Candidate chosen;

  if (wanted && !*wanted)
    wanted = NULL;
  if (!fe_instance_new (&instance, &messenger, error))
    return NULL;
  if (!choose (instance, wanted, &chosen, error)) {
    fe_instance_free (instance, messenger);
    return NULL;
  }
  return open_chosen (instance, messenger, &chosen, error);
}

FeDevice *
fe_device_ref (FeDevice *self)
{
  fe_shared_ref (&self->shared);
  return self;
}

void
fe_device_unref (FeDevice *self)
{
  if (self && fe_shared_unref (&self->shared))
    device_free (self);
}
