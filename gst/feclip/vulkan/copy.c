/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/vulkan/copy.h"

#include <feclip/error.h>
#include <unistd.h>

#include "feclip/vulkan/queue.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Copies to buffers begin at multiples of 4 and of a pixel's size. */
#define PLANE_ALIGN 16

#define HANDLE VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT

#define VISIBLE \
  (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)

#define ANY_ACCESS (VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT)

/* The buffer on GStreamer's Vulkan device that frames are copied to, in memory
 * of the model's device or in memory that the processor reads. */
typedef struct {
  GstVulkanDevice *device; /* NULL: there is none */
  gsize size;
  VkBuffer buffer;
  VkDeviceMemory memory;
  FeclipSharedMemory *shared; /* the same memory, as the model has it */
  guint8 *mapped;             /* without @shared: for the processor */
} Target;

struct _GstFeclipVulkanCopy {
  FeclipModel *model;
  GstVideoInfo info; /* of the caps */

  /* Of the device that the last images were on. */
  GstVulkanQueue *queue; /* NULL: there were none */
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  Target target;
  gboolean never_shared; /* sharing has failed, which was logged */

  GstBuffer *running; /* its copy was submitted and not waited for */
  GstFeclipVulkanFrame frame;
};

/* The target */

/* Returns: whether @result is a success; if not, fails with FECLIP_ERROR,
 * "could not @what" */
static gboolean
check_result (VkResult result, const char *what, GError **error)
{
  if (result == VK_SUCCESS)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
               "could not %s on the Vulkan device of GStreamer's (%s)", what,
               gst_vulkan_result_to_string (result));
  return FALSE;
}

static gboolean
make_buffer (Target *self, const void *next, GError **error)
{
  const VkBufferCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
      .pNext = next,
      .size = self->size,
      .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
  };

  return check_result (
      vkCreateBuffer (self->device->device, &info, NULL, &self->buffer),
      "make a buffer", error);
}

static gboolean
allocate (Target *self, const VkMemoryAllocateInfo *info, GError **error)
{
  VkDevice device = self->device->device;

  return check_result (
             vkAllocateMemory (device, info, NULL, &self->memory),
             info->pNext != NULL ? "import memory" : "allocate memory", error)
         && check_result (
             vkBindBufferMemory (device, self->buffer, self->memory, 0),
             "bind memory", error);
}

static gboolean
import (Target *self, GError **error)
{
  const VkExternalMemoryBufferCreateInfo external = {
      .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
      .handleTypes = HANDLE,
  };
  VkImportMemoryFdInfoKHR handle = {
      .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
      .handleType = HANDLE,
  };
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
      .pNext = &handle,
  };
  VkMemoryRequirements needs;
  guint64 size = 0;
  guint type = 0;

  if (!make_buffer (self, &external, error))
    return FALSE;
  handle.fd = feclip_shared_memory_export (self->shared, &size, &type, error);
  if (handle.fd < 0)
    return FALSE;
  info.allocationSize = size;
  info.memoryTypeIndex = type;
  vkGetBufferMemoryRequirements (self->device->device, self->buffer, &needs);
  if (needs.size > size || !(needs.memoryTypeBits >> type & 1)) {
    close (handle.fd);
    return check_result (VK_ERROR_INVALID_EXTERNAL_HANDLE, "import memory",
                         error);
  }
  if (allocate (self, &info, error))
    return TRUE;
  /* A successful import has taken it over. */
  if (self->memory == VK_NULL_HANDLE)
    close (handle.fd);
  return FALSE;
}

/* Prefers memory that the processor reads through its cache. */
static gboolean
find_visible_type (GstVulkanDevice *device, guint32 allowed, guint32 *found)
{
  const VkPhysicalDeviceMemoryProperties *memory =
      &device->physical_device->memory_properties;
  const VkMemoryPropertyFlags wanted[] = {
      VISIBLE | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, VISIBLE};

  for (guint w = 0; w < G_N_ELEMENTS (wanted); w++) {
    for (guint32 i = 0; i < memory->memoryTypeCount; i++) {
      VkMemoryPropertyFlags flags = memory->memoryTypes[i].propertyFlags;

      if ((allowed >> i & 1) && (flags & wanted[w]) == wanted[w]) {
        *found = i;
        return TRUE;
      }
    }
  }
  return FALSE;
}

static gboolean
make_visible (Target *self, GError **error)
{
  VkDevice device = self->device->device;
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
  };
  VkMemoryRequirements needs;
  void *mapped = NULL;

  if (!make_buffer (self, NULL, error))
    return FALSE;
  vkGetBufferMemoryRequirements (device, self->buffer, &needs);
  info.allocationSize = needs.size;
  if (!find_visible_type (self->device, needs.memoryTypeBits,
                          &info.memoryTypeIndex))
    return check_result (VK_ERROR_OUT_OF_HOST_MEMORY, "find memory to read",
                         error);
  if (!allocate (self, &info, error)
      || !check_result (
          vkMapMemory (device, self->memory, 0, VK_WHOLE_SIZE, 0, &mapped),
          "map memory", error))
    return FALSE;
  self->mapped = mapped;
  return TRUE;
}

/* Nothing may be using it. */
static void
target_clear (Target *self)
{
  if (self->device == NULL)
    return;
  vkDestroyBuffer (self->device->device, self->buffer, NULL);
  vkFreeMemory (self->device->device, self->memory, NULL);
  g_clear_object (&self->shared);
  gst_object_unref (self->device);
  *self = (Target){0};
}

/* Allocates @size bytes on @device: shared with @model, or with NULL readable
 * by the processor. Fails with FECLIP_ERROR. */
static gboolean
target_init (Target *self, GstVulkanDevice *device, gsize size,
             FeclipModel *model, GError **error)
{
  gboolean made = FALSE;

  *self = (Target){
      .device = gst_object_ref (device),
      .size = size,
  };
  if (model != NULL) {
    self->shared = feclip_shared_memory_new (model, size, error);
    made = self->shared != NULL && import (self, error);
  } else {
    made = make_visible (self, error);
  }
  if (!made)
    target_clear (self);
  return made;
}

/* Copies */

GstFeclipVulkanCopy *
gst_feclip_vulkan_copy_new (FeclipModel *model, const GstVideoInfo *info)
{
  GstFeclipVulkanCopy *self = g_new0 (GstFeclipVulkanCopy, 1);

  self->model = g_object_ref (model);
  self->info = *info;
  return self;
}

static VkResult
wait_for_fence (GstFeclipVulkanCopy *self)
{
  if (self->running == NULL)
    return VK_SUCCESS;
  return vkWaitForFences (self->queue->device->device, 1, &self->fence, VK_TRUE,
                          G_MAXUINT64);
}

/* Waits for the copy that runs, if there is one. */
static gboolean
wait_for_copy (GstFeclipVulkanCopy *self, GError **error)
{
  VkResult result = wait_for_fence (self);

  gst_clear_buffer (&self->running);
  return check_result (result, "wait for a copy", error);
}

static void
drop_device (GstFeclipVulkanCopy *self)
{
  VkDevice device = VK_NULL_HANDLE;

  wait_for_copy (self, NULL);
  gst_clear_buffer (&self->frame.buffer);
  target_clear (&self->target);
  if (self->queue == NULL)
    return;
  device = self->queue->device->device;
  vkDestroyFence (device, self->fence, NULL);
  vkDestroyCommandPool (device, self->pool, NULL);
  self->fence = VK_NULL_HANDLE;
  self->pool = VK_NULL_HANDLE;
  self->never_shared = FALSE;
  gst_clear_object (&self->queue);
}

void
gst_feclip_vulkan_copy_free (GstFeclipVulkanCopy *self)
{
  if (self == NULL)
    return;
  drop_device (self);
  g_object_unref (self->model);
  g_free (self);
}

static gboolean
take_device (GstFeclipVulkanCopy *self, GstVulkanDevice *device, GError **error)
{
  VkCommandPoolCreateInfo pool_info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
      .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
  };
  VkCommandBufferAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
      .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
      .commandBufferCount = 1,
  };
  const VkFenceCreateInfo fence_info = {
      .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO,
  };

  if (self->queue != NULL && self->queue->device == device)
    return TRUE;
  drop_device (self);
  self->queue = gst_feclip_vulkan_queue_find (device);
  if (self->queue == NULL)
    return check_result (VK_ERROR_FEATURE_NOT_PRESENT,
                         "find a queue that copies", error);
  pool_info.queueFamilyIndex = self->queue->family;
  if (!check_result (
          vkCreateCommandPool (device->device, &pool_info, NULL, &self->pool),
          "make a command pool", error))
    return FALSE;
  info.commandPool = self->pool;
  return check_result (
             vkAllocateCommandBuffers (device->device, &info, &self->commands),
             "allocate a command buffer", error)
         && check_result (
             vkCreateFence (device->device, &fence_info, NULL, &self->fence),
             "make a fence", error);
}

/* The image that a plane lies in, by itself or with others. */
static GstVulkanImageMemory *
image_of (GstBuffer *buffer, guint plane)
{
  guint n = gst_buffer_n_memory (buffer);

  return (GstVulkanImageMemory *)gst_buffer_peek_memory (buffer,
                                                         n == 1 ? 0 : plane);
}

static int
first_component (const GstVideoFormatInfo *format, guint plane)
{
  int components[GST_VIDEO_MAX_COMPONENTS];

  gst_video_format_info_component (format, plane, components);
  return components[0];
}

/* Bytes of a pixel of an image with one plane, 0 for those not known. */
static guint
pixel_size (VkFormat format)
{
  switch (format) {
  case VK_FORMAT_R8_UNORM:
    return 1;
  case VK_FORMAT_R8G8_UNORM:
    return 2;
  case VK_FORMAT_R8G8B8_UNORM:
  case VK_FORMAT_B8G8R8_UNORM:
    return 3;
  case VK_FORMAT_R8G8B8A8_UNORM:
  case VK_FORMAT_R8G8B8A8_SRGB:
  case VK_FORMAT_B8G8R8A8_UNORM:
  case VK_FORMAT_B8G8R8A8_SRGB:
    return 4;
  default:
    return 0;
  }
}

/* The same for one plane of an image with several. */
static guint
plane_pixel_size (VkFormat format, guint plane)
{
  return format == VK_FORMAT_G8_B8R8_2PLANE_420_UNORM ? MIN (plane + 1, 2) : 0;
}

/* Returns: whether the buffer has an image for each plane that can be copied as
 * the plane */
static gboolean
holds_planes (GstBuffer *buffer, const GstVideoInfo *info)
{
  guint n_planes = GST_VIDEO_INFO_N_PLANES (info);
  guint n = gst_buffer_n_memory (buffer);

  if (n != 1 && n < n_planes)
    return FALSE;
  for (guint p = 0; p < n_planes; p++) {
    GstVulkanImageMemory *image = image_of (buffer, p);
    int c = first_component (info->finfo, p);
    guint width = GST_VIDEO_INFO_COMP_WIDTH (info, c);
    guint height = GST_VIDEO_INFO_COMP_HEIGHT (info, c);
    VkFormat format = VK_FORMAT_UNDEFINED;
    guint size = 0;

    if (!gst_is_vulkan_image_memory (&image->parent))
      return FALSE;
    format = image->create_info.format;
    size = n == 1 && n_planes > 1 ? plane_pixel_size (format, p)
                                  : pixel_size (format);
    if (image->device != image_of (buffer, 0)->device
        || (guint)GST_VIDEO_INFO_COMP_PSTRIDE (info, c) != size
        || !(image->create_info.usage & VK_IMAGE_USAGE_TRANSFER_SRC_BIT))
      return FALSE;
    /* Several planes in one image: its size is that of the first. */
    if (n == 1 && p > 0)
      continue;
    if (image->create_info.extent.width < width
        || image->create_info.extent.height < height)
      return FALSE;
  }
  return TRUE;
}

/* Fills @info with the layout of the copy: one plane after the other, without
 * padding between rows. */
static gboolean
plan (const GstFeclipVulkanCopy *self, GstBuffer *buffer, GstVideoInfo *info)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  *info = self->info;
  if (meta != NULL) {
    if (meta->format != GST_VIDEO_INFO_FORMAT (info) || meta->width == 0
        || meta->height == 0 || MAX (meta->width, meta->height) > G_MAXUINT16)
      return FALSE;
    info->width = (int)meta->width;
    info->height = (int)meta->height;
  }
  /* The image of an odd row of pairs lacks half of the last pair. */
  if (GST_VIDEO_INFO_FORMAT (info) == GST_VIDEO_FORMAT_YUY2
      && info->width % 2 != 0)
    return FALSE;
  /* Before the sizes are computed, as it also limits them. */
  if (!holds_planes (buffer, info))
    return FALSE;
  info->size = 0;
  for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES (info); p++) {
    int c = first_component (info->finfo, p);
    gsize size = 0;

    info->stride[p] = GST_VIDEO_INFO_COMP_WIDTH (info, c)
                      * GST_VIDEO_INFO_COMP_PSTRIDE (info, c);
    size = (gsize)info->stride[p] * GST_VIDEO_INFO_COMP_HEIGHT (info, c);
    info->offset[p] = info->size;
    info->size += (size + PLANE_ALIGN - 1) / PLANE_ALIGN * PLANE_ALIGN;
  }
  return TRUE;
}

static gboolean
can_share (const GstFeclipVulkanCopy *self, GstVulkanDevice *device)
{
  return gst_vulkan_device_is_extension_enabled (
             device, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME)
         && gst_feclip_vulkan_can_share (
             device->instance, gst_vulkan_device_get_physical_device (device),
             self->model);
}

/* Makes sure of a target of the right size, in shared memory if @shared and
 * possible. */
static gboolean
make_target (GstFeclipVulkanCopy *self, GstVulkanDevice *device, gsize size,
             gboolean shared, GError **error)
{
  g_autoptr (GError) refusal = NULL;

  shared &= !self->never_shared;
  if (self->target.device != NULL && self->target.size == size
      && (self->target.shared != NULL) == shared)
    return TRUE;
  gst_clear_buffer (&self->frame.buffer);
  target_clear (&self->target);
  if (shared && can_share (self, device)
      && target_init (&self->target, device, size, self->model, &refusal)) {
    GST_INFO ("frames are copied on the device");
    return TRUE;
  }
  self->never_shared |= shared;
  GST_INFO ("frames are read back to system memory: %s",
            refusal != NULL ? refusal->message
            : self->never_shared
                ? "their device shares no memory with the model's"
                : "the library does not read them as they are");
  return target_init (&self->target, device, size, NULL, error);
}

static void
change_layout (GstFeclipVulkanCopy *self, GstVulkanImageMemory *image,
               VkImageLayout from, VkImageLayout to, VkAccessFlags source,
               VkAccessFlags next)
{
  const VkImageMemoryBarrier barrier = {
      .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
      .srcAccessMask = source,
      .dstAccessMask = next,
      .oldLayout = from,
      .newLayout = to,
      .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
      .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
      .image = image->image,
      .subresourceRange = image->barrier.subresource_range,
  };

  vkCmdPipelineBarrier (self->commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL,
                        1, &barrier);
}

static void
record_planes (GstFeclipVulkanCopy *self, GstVulkanImageMemory *image,
               guint first, guint n)
{
  const GstVideoInfo *info = &self->frame.info;

  for (guint p = first; p < first + n; p++) {
    int c = first_component (info->finfo, p);
    const VkBufferImageCopy region = {
        .bufferOffset = info->offset[p],
        .imageSubresource =
            {
                .aspectMask = n > 1 ? VK_IMAGE_ASPECT_PLANE_0_BIT << p
                                    : VK_IMAGE_ASPECT_COLOR_BIT,
                .layerCount = 1,
            },
        .imageExtent = {(guint32)GST_VIDEO_INFO_COMP_WIDTH (info, c),
                        (guint32)GST_VIDEO_INFO_COMP_HEIGHT (info, c), 1},
    };

    vkCmdCopyImageToBuffer (self->commands, image->image,
                            VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                            self->target.buffer, 1, &region);
  }
}

/* Restores the image's layout after the copy, if it had one, as other elements
 * expect it. */
static void
record_image (GstFeclipVulkanCopy *self, GstVulkanImageMemory *image,
              guint first, guint n)
{
  VkImageLayout layout = image->barrier.image_layout;
  const VkImageLayout source = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;

  change_layout (self, image, layout, source, VK_ACCESS_MEMORY_WRITE_BIT,
                 VK_ACCESS_TRANSFER_READ_BIT);
  record_planes (self, image, first, n);
  if (layout == VK_IMAGE_LAYOUT_UNDEFINED
      || layout == VK_IMAGE_LAYOUT_PREINITIALIZED)
    image->barrier.image_layout = layout = source;
  change_layout (self, image, source, layout, 0, ANY_ACCESS);
}

static void
record_release (GstFeclipVulkanCopy *self)
{
  gboolean shared = self->target.shared != NULL;
  const VkBufferMemoryBarrier barrier = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
      .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
      .dstAccessMask = shared ? 0 : VK_ACCESS_HOST_READ_BIT,
      .srcQueueFamilyIndex =
          shared ? self->queue->family : VK_QUEUE_FAMILY_IGNORED,
      .dstQueueFamilyIndex =
          shared ? VK_QUEUE_FAMILY_EXTERNAL : VK_QUEUE_FAMILY_IGNORED,
      .buffer = self->target.buffer,
      .size = VK_WHOLE_SIZE,
  };

  vkCmdPipelineBarrier (self->commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        shared ? VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT
                               : VK_PIPELINE_STAGE_HOST_BIT,
                        0, 0, NULL, 1, &barrier, 0, NULL);
}

static gboolean
record (GstFeclipVulkanCopy *self, GstBuffer *buffer, GError **error)
{
  const VkCommandBufferBeginInfo begin = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
      .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };
  guint n_planes = GST_VIDEO_INFO_N_PLANES (&self->frame.info);

  if (!check_result (vkBeginCommandBuffer (self->commands, &begin),
                     "begin recording", error))
    return FALSE;
  if (gst_buffer_n_memory (buffer) == 1)
    record_image (self, image_of (buffer, 0), 0, n_planes);
  else
    for (guint p = 0; p < n_planes; p++)
      record_image (self, image_of (buffer, p), p, 1);
  record_release (self);
  return check_result (vkEndCommandBuffer (self->commands), "end recording",
                       error);
}

/* The copy runs after what was submitted for the images before: by the order of
 * the queue, and in newer versions of GStreamer by the images' semaphores. */
static gboolean
submit (GstFeclipVulkanCopy *self, GstBuffer *buffer, GError **error)
{
  VkSubmitInfo info = {
      .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
      .commandBufferCount = 1,
      .pCommandBuffers = &self->commands,
  };
  VkDevice device = self->queue->device->device;
  VkResult result = VK_SUCCESS;

#if GST_CHECK_VERSION(1, 24, 0)
  VkSemaphore semaphores[GST_VIDEO_MAX_PLANES];
  VkPipelineStageFlags stages[GST_VIDEO_MAX_PLANES];
  guint64 values[GST_VIDEO_MAX_PLANES];
  VkTimelineSemaphoreSubmitInfo timeline = {
      .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
      .pWaitSemaphoreValues = values,
  };
  guint n_images =
      MIN (gst_buffer_n_memory (buffer), (guint)GST_VIDEO_MAX_PLANES);

  for (guint i = 0; i < n_images; i++) {
    const GstVulkanImageMemory *image = image_of (buffer, i);

    if (image->barrier.parent.semaphore == VK_NULL_HANDLE)
      continue;
    semaphores[info.waitSemaphoreCount] = image->barrier.parent.semaphore;
    values[info.waitSemaphoreCount] = image->barrier.parent.semaphore_value;
    stages[info.waitSemaphoreCount] = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    info.waitSemaphoreCount++;
  }
  timeline.waitSemaphoreValueCount = info.waitSemaphoreCount;
  info.pWaitSemaphores = semaphores;
  info.pWaitDstStageMask = stages;
  if (info.waitSemaphoreCount > 0)
    info.pNext = &timeline;
#endif

  result = vkResetFences (device, 1, &self->fence);
  if (result == VK_SUCCESS) {
    gst_vulkan_queue_submit_lock (self->queue);
    result = vkQueueSubmit (self->queue->queue, 1, &info, self->fence);
    gst_vulkan_queue_submit_unlock (self->queue);
  }
  if (!check_result (result, "copy a frame", error))
    return FALSE;
  self->running = gst_buffer_ref (buffer);
  return TRUE;
}

gboolean
gst_feclip_vulkan_copy_begin (GstFeclipVulkanCopy *self, GstBuffer *buffer,
                              gboolean shared, GError **error)
{
  GstVideoInfo info;

  if (!wait_for_copy (self, error))
    return FALSE;
  if (!plan (self, buffer, &info)) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                 "The Vulkan images of a buffer do not hold a frame of the "
                 "size and format that its caps announce.");
    return FALSE;
  }
  self->frame.info = info;
  return take_device (self, image_of (buffer, 0)->device, error)
         && make_target (self, self->queue->device, info.size, shared, error)
         && record (self, buffer, error) && submit (self, buffer, error);
}

gboolean
gst_feclip_vulkan_copy_has_begun (GstFeclipVulkanCopy *self, GstBuffer *buffer)
{
  return self->running == buffer;
}

void
gst_feclip_vulkan_copy_wait (GstFeclipVulkanCopy *self)
{
  wait_for_fence (self);
}

/* Returns: (transfer full): the copy as a buffer in system memory */
static GstBuffer *
wrap (GstFeclipVulkanCopy *self, GstBuffer *original)
{
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (original);
  GstVideoInfo *info = &self->frame.info;
  GstBuffer *buffer = gst_buffer_new_wrapped_full (
      GST_MEMORY_FLAG_READONLY, self->target.mapped, info->size, 0, info->size,
      NULL, NULL);

  gst_buffer_add_video_meta_full (
      buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (info),
      (guint)info->width, (guint)info->height, GST_VIDEO_INFO_N_PLANES (info),
      info->offset, info->stride);
  if (crop != NULL) {
    GstVideoCropMeta *copy = gst_buffer_add_video_crop_meta (buffer);

    copy->x = crop->x;
    copy->y = crop->y;
    copy->width = crop->width;
    copy->height = crop->height;
  }
  return buffer;
}

const GstFeclipVulkanFrame *
gst_feclip_vulkan_copy_finish (GstFeclipVulkanCopy *self, GError **error)
{
  g_autoptr (GstBuffer) original = gst_buffer_ref (self->running);

  if (!wait_for_copy (self, error))
    return NULL;
  gst_clear_buffer (&self->frame.buffer);
  self->frame.memory = self->target.shared;
  if (self->frame.memory == NULL)
    self->frame.buffer = wrap (self, original);
  else if (!feclip_shared_memory_acquire (self->frame.memory, error))
    return NULL;
  return &self->frame;
}
