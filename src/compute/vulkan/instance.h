/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Vulkan instance, and what can be asked of physical devices before one is
 * opened. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

G_BEGIN_DECLS

/* Creates an instance for listing devices and opening one. FECLIP_VALIDATION=1
 * enables the validation layer; `messenger` then reports its messages as
 * critical, else it is VK_NULL_HANDLE. Free both with fe_instance_free(). */
gboolean fe_instance_new (VkInstance *instance,
                          VkDebugUtilsMessengerEXT *messenger, GError **error);

/* VK_NULL_HANDLE is allowed for both. */
void fe_instance_free (VkInstance instance, VkDebugUtilsMessengerEXT messenger);

/* Returns: (element-type VkPhysicalDevice): the machine's devices in the order
 * of their index */
GArray *fe_instance_list (VkInstance instance, GError **error);

/* Whether FECLIP_COOPMAT=2 asks for VK_NV_cooperative_matrix2, for which
 * instances are of Vulkan 1.3 instead of 1.1. */
gboolean fe_instance_wants_coopmat2 (void);

gboolean fe_has_extension (VkPhysicalDevice physical, const char *name);

/* A queue family that computes, or -1. */
int fe_find_compute_queue (VkPhysicalDevice physical);

/* The 36 characters of a device's UUID, a string to free. */
char *fe_uuid_to_string (const guint8 uuid[VK_UUID_SIZE]);

/* Returns whether `result` is VK_SUCCESS; else sets the error "could not WHAT
 * on DEVICE (VK_ERROR_...)". device NULL: without its name. */
gboolean fe_vk_check_valist (VkResult result, const char *device,
                             GError **error, const char *what, va_list args)
    G_GNUC_PRINTF (4, 0);

G_END_DECLS
