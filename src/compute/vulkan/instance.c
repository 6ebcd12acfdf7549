/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/instance.h"

#include <feclip/error.h>
#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

static const char *
result_name (VkResult result)
{
  static const struct {
    VkResult result;
    const char *name;
  } names[] = {
      {VK_ERROR_OUT_OF_HOST_MEMORY, "VK_ERROR_OUT_OF_HOST_MEMORY"},
      {VK_ERROR_OUT_OF_DEVICE_MEMORY, "VK_ERROR_OUT_OF_DEVICE_MEMORY"},
      {VK_ERROR_INITIALIZATION_FAILED, "VK_ERROR_INITIALIZATION_FAILED"},
      {VK_ERROR_DEVICE_LOST, "VK_ERROR_DEVICE_LOST"},
      {VK_ERROR_MEMORY_MAP_FAILED, "VK_ERROR_MEMORY_MAP_FAILED"},
      {VK_ERROR_LAYER_NOT_PRESENT, "VK_ERROR_LAYER_NOT_PRESENT"},
      {VK_ERROR_EXTENSION_NOT_PRESENT, "VK_ERROR_EXTENSION_NOT_PRESENT"},
      {VK_ERROR_FEATURE_NOT_PRESENT, "VK_ERROR_FEATURE_NOT_PRESENT"},
      {VK_ERROR_INCOMPATIBLE_DRIVER, "VK_ERROR_INCOMPATIBLE_DRIVER"},
      {VK_ERROR_TOO_MANY_OBJECTS, "VK_ERROR_TOO_MANY_OBJECTS"},
      {VK_ERROR_OUT_OF_POOL_MEMORY, "VK_ERROR_OUT_OF_POOL_MEMORY"},
      {VK_ERROR_UNKNOWN, "VK_ERROR_UNKNOWN"},
      {VK_TIMEOUT, "VK_TIMEOUT"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (names[i].result == result)
      return names[i].name;
  }
  return NULL;
}

gboolean
fe_vk_check_valist (VkResult result, const char *device, GError **error,
                    const char *what, va_list args)
{
  g_autofree char *sentence = NULL;
  g_autofree char *code = NULL;

  if (result == VK_SUCCESS)
    return TRUE;
  sentence = g_strdup_vprintf (what, args);
  code = result_name (result) ? g_strdup (result_name (result))
                              : g_strdup_printf ("VkResult %d", result);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
               "could not %s%s%s (%s)", sentence, device ? " on " : "",
               device ? device : "", code);
  return FALSE;
}

/* For what is done before there is a device. */
static gboolean G_GNUC_PRINTF (3, 4)
    check (VkResult result, GError **error, const char *what, ...)
{
  gboolean ok;
  va_list args;

  va_start (args, what);
  ok = fe_vk_check_valist (result, NULL, error, what, args);
  va_end (args);
  return ok;
}

gboolean
fe_instance_wants_coopmat2 (void)
{
  return g_strcmp0 (g_getenv ("FECLIP_COOPMAT"), "2") == 0;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL
validation_message (VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                    VkDebugUtilsMessageTypeFlagsEXT types,
                    const VkDebugUtilsMessengerCallbackDataEXT *data,
                    void *user_data)
{
  g_critical ("Vulkan validation: %s", data->pMessage);
  return VK_FALSE;
}

static gboolean
has_layer (const char *name)
{
  g_autofree VkLayerProperties *layers = NULL;
  guint32 n = 0;

  vkEnumerateInstanceLayerProperties (&n, NULL);
  layers = g_new0 (VkLayerProperties, n);
  vkEnumerateInstanceLayerProperties (&n, layers);
  for (guint32 i = 0; i < n; i++) {
    if (strcmp (layers[i].layerName, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static const VkDebugUtilsMessengerCreateInfoEXT messenger_info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT
                       | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
    .pfnUserCallback = validation_message,
};

static gboolean
wants_validation (void)
{
  if (g_strcmp0 (g_getenv ("FECLIP_VALIDATION"), "1") != 0)
    return FALSE;
  if (has_layer (VALIDATION_LAYER))
    return TRUE;
  g_warning ("FECLIP_VALIDATION is set but the layer is not installed");
  return FALSE;
}

static gboolean
create_instance (gboolean validate, VkInstance *instance, GError **error)
{
  static const char *const layers[] = {VALIDATION_LAYER};
  static const char *const extensions[] = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME};
  /* Drivers and layers behave by the version: no newer one than is needed. */
  const VkApplicationInfo application = {
      .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
      .pApplicationName = "feclip",
      .apiVersion = fe_instance_wants_coopmat2 () ? VK_API_VERSION_1_3
                                                  : VK_API_VERSION_1_1,
  };
  VkInstanceCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
      .pApplicationInfo = &application,
  };
  VkResult result;

  if (validate) {
    info.pNext = &messenger_info;
    info.enabledLayerCount = G_N_ELEMENTS (layers);
    info.ppEnabledLayerNames = layers;
    info.enabledExtensionCount = G_N_ELEMENTS (extensions);
    info.ppEnabledExtensionNames = extensions;
  }
  result = vkCreateInstance (&info, NULL, instance);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "no Vulkan driver is installed; mesa-vulkan-drivers brings "
                 "one for Intel, AMD and plain processors");
    return FALSE;
  }
  return check (result, error, "start Vulkan");
}

gboolean
fe_instance_new (VkInstance *instance, VkDebugUtilsMessengerEXT *messenger,
                 GError **error)
{
  gboolean validate = wants_validation ();
  PFN_vkCreateDebugUtilsMessengerEXT create_messenger;

  *messenger = VK_NULL_HANDLE;
  if (!create_instance (validate, instance, error))
    return FALSE;
  if (validate) {
    create_messenger =
        (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr (
            *instance, "vkCreateDebugUtilsMessengerEXT");
    create_messenger (*instance, &messenger_info, NULL, messenger);
  }
  return TRUE;
}

void
fe_instance_free (VkInstance instance, VkDebugUtilsMessengerEXT messenger)
{
  PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger;

  if (!instance)
    return;
  if (messenger) {
    destroy_messenger =
        (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr (
            instance, "vkDestroyDebugUtilsMessengerEXT");
    destroy_messenger (instance, messenger, NULL);
  }
  vkDestroyInstance (instance, NULL);
}

GArray *
fe_instance_list (VkInstance instance, GError **error)
{
  g_autoptr (GArray) devices =
      g_array_new (FALSE, TRUE, sizeof (VkPhysicalDevice));
  guint32 n = 0;
  VkResult result;

  result = vkEnumeratePhysicalDevices (instance, &n, NULL);
  if (!check (result, error, "list Vulkan devices"))
    return NULL;
  g_array_set_size (devices, n);
  result = vkEnumeratePhysicalDevices (instance, &n, (void *)devices->data);
  if (!check (result, error, "list Vulkan devices"))
    return NULL;
  g_array_set_size (devices, n);
  return g_steal_pointer (&devices);
}

int
fe_find_compute_queue (VkPhysicalDevice physical)
{
  g_autofree VkQueueFamilyProperties *families = NULL;
  guint32 n = 0;

  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  families = g_new0 (VkQueueFamilyProperties, n);
  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, families);
  for (guint32 i = 0; i < n; i++) {
    if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)
      return (int)i;
  }
  return -1;
}

gboolean
fe_has_extension (VkPhysicalDevice physical, const char *name)
{
  g_autofree VkExtensionProperties *all = NULL;
  guint32 n = 0;

  if (vkEnumerateDeviceExtensionProperties (physical, NULL, &n, NULL)
      != VK_SUCCESS)
    return FALSE;
  all = g_new0 (VkExtensionProperties, n);
  if (vkEnumerateDeviceExtensionProperties (physical, NULL, &n, all)
      != VK_SUCCESS)
    return FALSE;
  for (guint32 i = 0; i < n; i++) {
    if (strcmp (all[i].extensionName, name) == 0)
      return TRUE;
  }
  return FALSE;
}

char *
fe_uuid_to_string (const guint8 uuid[VK_UUID_SIZE])
{
  GString *text = g_string_sized_new (36);

  for (guint i = 0; i < VK_UUID_SIZE; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      g_string_append_c (text, '-');
    g_string_append_printf (text, "%02x", uuid[i]);
  }
  return g_string_free (text, FALSE);
}
