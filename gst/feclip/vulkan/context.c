/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/vulkan/context.h"

#include "feclip/vulkan/queue.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

struct _GstFeclipVulkan {
  GMutex lock;
  FeclipModel *model; /* NULL: no device is created */
  GstVulkanInstance *instance;
  GstVulkanDevice *device;
  GstVulkanQueue *queue;
};

GstFeclipVulkan *
gst_feclip_vulkan_new (void)
{
  GstFeclipVulkan *self = g_new0 (GstFeclipVulkan, 1);

  g_mutex_init (&self->lock);
  return self;
}

/* With the lock held. */
static void
drop_device (GstFeclipVulkan *self)
{
  gst_clear_object (&self->queue);
  gst_clear_object (&self->device);
}

void
gst_feclip_vulkan_free (GstFeclipVulkan *self)
{
  drop_device (self);
  gst_clear_object (&self->instance);
  g_clear_object (&self->model);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
gst_feclip_vulkan_set_model (GstFeclipVulkan *self, FeclipModel *model)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->model, model);
  if (model == NULL)
    drop_device (self);
  g_mutex_unlock (&self->lock);
}

/* Replaces the instance by @instance (transfer full) (nullable); NULL: keeps
 * it. */
static void
take_instance (GstFeclipVulkan *self, GstVulkanInstance *instance)
{
  if (instance == NULL)
    return;
  g_mutex_lock (&self->lock);
  if (instance != self->instance)
    drop_device (self);
  gst_object_replace ((GstObject **)&self->instance, GST_OBJECT (instance));
  g_mutex_unlock (&self->lock);
  gst_object_unref (instance);
}

void
gst_feclip_vulkan_set_context (GstFeclipVulkan *self, GstElement *element,
                               GstContext *context)
{
  GstVulkanInstance *instance = NULL;

  gst_vulkan_handle_set_context (element, context, NULL, &instance);
  take_instance (self, instance);
}

/* A neighbour that queries a device has an instance, and answers a query for
 * it. Without the lock. */
static void
find_instance (GstFeclipVulkan *self, GstElement *element)
{
  GstVulkanInstance *instance = NULL;

  gst_vulkan_instance_run_context_query (element, &instance);
  take_instance (self, instance);
}

/* Returns: (transfer full) (nullable): the first of the instance's devices that
 * can share memory with the model's */
static GstVulkanDevice *
find_device (GstFeclipVulkan *self)
{
  for (guint i = 0; i < self->instance->n_physical_devices; i++)
    if (gst_feclip_vulkan_can_share (
            self->instance, self->instance->physical_devices[i], self->model))
      return gst_vulkan_device_new_with_index (self->instance, i);
  return NULL;
}

/* With the lock held. */
static void
make_device (GstFeclipVulkan *self, GstElement *element)
{
  g_autoptr (GstVulkanDevice) device = NULL;
  g_autoptr (GError) error = NULL;

  if (self->device != NULL || self->model == NULL || self->instance == NULL)
    return;
  device = find_device (self);
  if (device == NULL
      || !gst_vulkan_device_enable_extension (
          device, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME)) {
    GST_DEBUG_OBJECT (element, "none of GStreamer's Vulkan devices can share "
                               "memory with the model's");
    return;
  }
  if (!gst_vulkan_device_open (device, &error)) {
    GST_WARNING_OBJECT (element, "no Vulkan device to share memory with: %s",
                        error->message);
    return;
  }
  GST_DEBUG_OBJECT (element, "made %" GST_PTR_FORMAT " for the neighbours",
                    device);
  self->device = g_steal_pointer (&device);
  self->queue = gst_feclip_vulkan_queue_find (self->device);
  if (self->queue != NULL)
    gst_feclip_vulkan_queue_note (self->queue);
}

static gboolean
asks_for_device (GstQuery *query)
{
  const char *type = NULL;

  return gst_query_parse_context_type (query, &type)
         && g_str_equal (type, GST_VULKAN_DEVICE_CONTEXT_TYPE_STR);
}

gboolean
gst_feclip_vulkan_answer (GstFeclipVulkan *self, GstElement *element,
                          GstQuery *query, gboolean make)
{
  gboolean answered = FALSE;

  make &= asks_for_device (query);
  if (make)
    find_instance (self, element);
  g_mutex_lock (&self->lock);
  if (make)
    make_device (self, element);
  answered =
      (self->device != NULL
       && gst_vulkan_device_handle_context_query (element, query, self->device))
      || (self->queue != NULL
          && gst_vulkan_queue_handle_context_query (element, query,
                                                    self->queue));
  g_mutex_unlock (&self->lock);
  return answered;
}

void
gst_feclip_vulkan_negotiate (GstFeclipVulkan *self, GstElement *element,
                             GstCaps *caps)
{
  g_autoptr (GstVulkanQueue) queue = NULL;

  if (!gst_caps_features_contains (gst_caps_get_features (caps, 0),
                                   GST_CAPS_FEATURE_MEMORY_VULKAN_IMAGE)
      /* Without the lock: neighbours may query this element. */
      || !gst_vulkan_queue_run_context_query (element, &queue))
    return;
  gst_feclip_vulkan_queue_note (queue);
  g_mutex_lock (&self->lock);
  gst_object_replace ((GstObject **)&self->queue, GST_OBJECT (queue));
  gst_object_replace ((GstObject **)&self->device, GST_OBJECT (queue->device));
  g_mutex_unlock (&self->lock);
}
