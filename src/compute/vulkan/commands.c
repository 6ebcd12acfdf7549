/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/commands.h"

#include <feclip/error.h>

#define SETS_PER_POOL 128
#define MAX_TIMESTAMPS 4096
#define NO_TIMEOUT G_MAXUINT64

struct _FeCommands {
  FeDevice *device;
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  GArray *set_pools;      /* VkDescriptorPool */
  guint sets_left;        /* free sets in the last pool */
  VkQueryPool timestamps; /* only when timed */
  GArray *recorded;       /* FeTiming, one per dispatch; only when timed */
  GPtrArray *scratch;     /* FeBuffer, the last one the largest */
  GError *error;          /* first error since recording began */
};

FeDevice *
fe_commands_get_device (FeCommands *self)
{
  return self->device;
}

static gboolean
create_query_pool (FeCommands *self, GError **error)
{
  const VkQueryPoolCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
      .queryType = VK_QUERY_TYPE_TIMESTAMP,
      .queryCount = MAX_TIMESTAMPS,
  };

  if (!self->device->properties.limits.timestampComputeAndGraphics) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "%s has no timestamps, which a profile needs",
                 self->device->name);
    return FALSE;
  }
  return fe_vk_check (
      vkCreateQueryPool (self->device->device, &info, NULL, &self->timestamps),
      self->device, error, "create timestamps");
}

FeCommands *
fe_commands_new (FeDevice *device, gboolean timed, GError **error)
{
  g_autoptr (FeCommands) self = g_new0 (FeCommands, 1);
  VkCommandPoolCreateInfo pool_info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
      .queueFamilyIndex = device->queue_family,
  };
  VkCommandBufferAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
      .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
      .commandBufferCount = 1,
  };
  const VkFenceCreateInfo fence_info = {
      .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO,
  };
  const VkCommandBufferBeginInfo begin = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
  };

  self->device = fe_device_ref (device);
  self->set_pools = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  self->recorded = g_array_new (FALSE, FALSE, sizeof (FeTiming));
  self->scratch =
      g_ptr_array_new_with_free_func ((GDestroyNotify)fe_buffer_free);
  if (!fe_vk_check (
          vkCreateCommandPool (device->device, &pool_info, NULL, &self->pool),
          device, error, "create a command pool")
      || !fe_vk_check (
          vkCreateFence (device->device, &fence_info, NULL, &self->fence),
          device, error, "create a fence")
      || (timed && !create_query_pool (self, error)))
    return NULL;
  info.commandPool = self->pool;
  if (!fe_vk_check (
          vkAllocateCommandBuffers (device->device, &info, &self->commands),
          device, error, "allocate a command buffer")
      || !fe_vk_check (vkBeginCommandBuffer (self->commands, &begin), device,
                       error, "begin recording"))
    return NULL;
  if (timed)
    vkCmdResetQueryPool (self->commands, self->timestamps, 0, MAX_TIMESTAMPS);
  return g_steal_pointer (&self);
}

void
fe_commands_free (FeCommands *self)
{
  VkDevice device;

  if (!self)
    return;
  device = self->device->device;
  for (guint i = 0; i < self->set_pools->len; i++)
    vkDestroyDescriptorPool (
        device, g_array_index (self->set_pools, VkDescriptorPool, i), NULL);
  vkDestroyQueryPool (device, self->timestamps, NULL);
  vkDestroyFence (device, self->fence, NULL);
  vkDestroyCommandPool (device, self->pool, NULL);
  g_array_unref (self->set_pools);
  g_array_unref (self->recorded);
  g_ptr_array_unref (self->scratch);
  g_clear_error (&self->error);
  fe_device_unref (self->device);
  g_free (self);
}

void
fe_commands_fail (FeCommands *self, GError *error)
{
  if (self->error)
    g_error_free (error);
  else
    self->error = error;
}

FeBuffer *
fe_commands_get_scratch (FeCommands *self, gsize size)
{
  GPtrArray *all = self->scratch;
  FeBuffer *last = all->len ? g_ptr_array_index (all, all->len - 1) : NULL;

  if (self->error || (last && last->size >= size))
    return self->error ? NULL : last;
  /* Earlier buffers are kept, since recorded kernels use them. */
  last = fe_buffer_new (self->device, FE_BUFFER_DEVICE,
                        VK_FORMAT_R32G32B32A32_SFLOAT, size, "partial sums",
                        &self->error);
  if (last)
    g_ptr_array_add (all, last);
  return last;
}

static gboolean
add_set_pool (FeCommands *self, GError **error)
{
  const VkDescriptorPoolSize sizes[] = {
      {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * FE_MAX_BINDINGS},
      {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER,
       SETS_PER_POOL * FE_MAX_BINDINGS},
      {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
       SETS_PER_POOL * FE_MAX_BINDINGS},
  };
  const VkDescriptorPoolCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
      .maxSets = SETS_PER_POOL,
      .poolSizeCount = G_N_ELEMENTS (sizes),
      .pPoolSizes = sizes,
  };
  VkDescriptorPool pool;

  if (!fe_vk_check (
          vkCreateDescriptorPool (self->device->device, &info, NULL, &pool),
          self->device, error, "create a descriptor pool"))
    return FALSE;
  g_array_append_val (self->set_pools, pool);
  self->sets_left = SETS_PER_POOL;
  return TRUE;
}

static gboolean
allocate_set (FeCommands *self, VkDescriptorSetLayout layout,
              VkDescriptorSet *set, GError **error)
{
  VkDescriptorSetAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
      .descriptorSetCount = 1,
      .pSetLayouts = &layout,
  };

  if (self->sets_left == 0 && !add_set_pool (self, error))
    return FALSE;
  self->sets_left--;
  info.descriptorPool = g_array_index (self->set_pools, VkDescriptorPool,
                                       self->set_pools->len - 1);
  return fe_vk_check (
      vkAllocateDescriptorSets (self->device->device, &info, set), self->device,
      error, "allocate a descriptor set");
}

static void
write_set (FeCommands *self, const FeDispatch *dispatch, VkDescriptorSet set)
{
  VkDescriptorBufferInfo buffers[FE_MAX_BINDINGS];
  VkWriteDescriptorSet writes[FE_MAX_BINDINGS];
  guint n = fe_kernel_get_n_bindings (dispatch->kernel);
  FeBuffer *any = NULL;

  for (guint i = 0; i < n && !any; i++)
    any = dispatch->buffers[i];
  for (guint i = 0; i < n; i++) {
    FeBuffer *buffer = dispatch->buffers[i] ? dispatch->buffers[i] : any;
    VkDescriptorType type =
        fe_kernel_get_descriptor (dispatch->kernel, i, self->device);
    gboolean texels = type != VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

    g_assert (!texels || buffer->view);
    buffers[i] = (VkDescriptorBufferInfo){buffer->buffer, 0, VK_WHOLE_SIZE};
    writes[i] = (VkWriteDescriptorSet){
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = set,
        .dstBinding = i,
        .descriptorCount = 1,
        .descriptorType = type,
        .pBufferInfo = texels ? NULL : &buffers[i],
        .pTexelBufferView = texels ? &buffer->view : NULL,
    };
  }
  vkUpdateDescriptorSets (self->device->device, n, writes, 0, NULL);
}

static void
write_timestamp (FeCommands *self, guint query)
{
  if (self->timestamps && query < MAX_TIMESTAMPS)
    vkCmdWriteTimestamp (self->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                         self->timestamps, query);
}

void
fe_commands_dispatch (FeCommands *self, const FeDispatch *dispatch)
{
  const VkMemoryBarrier after_all = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
      .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
      .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT,
  };
  const FeTiming timing = {
      .kernel = dispatch->kernel,
      .use = dispatch->use,
      .dispatches = 1,
      .flop = dispatch->flop,
      .bytes = dispatch->bytes,
  };
  const FePipeline *pipeline;
  VkDescriptorSet set;

  if (self->error)
    return;
  g_assert (dispatch->push_size == fe_kernel_get_push_size (dispatch->kernel));
  pipeline =
      fe_pipelines_get (self->device->pipelines, dispatch->kernel,
                        dispatch->constants, FE_MAX_CONSTANTS, &self->error);
  if (!pipeline
      || !allocate_set (self, pipeline->set_layout, &set, &self->error))
    return;
  write_set (self, dispatch, set);

  vkCmdPipelineBarrier (self->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, 0, 1, &after_all,
                        0, NULL, 0, NULL);
  vkCmdBindPipeline (self->commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                     pipeline->pipeline);
  vkCmdBindDescriptorSets (self->commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                           pipeline->layout, 0, 1, &set, 0, NULL);
  vkCmdPushConstants (self->commands, pipeline->layout,
                      VK_SHADER_STAGE_COMPUTE_BIT, 0,
                      (guint32)dispatch->push_size, dispatch->push);
  write_timestamp (self, 2 * self->recorded->len);
  vkCmdDispatch (self->commands, MAX (dispatch->groups[0], 1),
                 MAX (dispatch->groups[1], 1), MAX (dispatch->groups[2], 1));
  write_timestamp (self, 2 * self->recorded->len + 1);
  g_array_append_val (self->recorded, timing);
}

void
fe_commands_acquire (FeCommands *self, const FeBuffer *buffer)
{
  const VkBufferMemoryBarrier barrier = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
      .dstAccessMask = VK_ACCESS_SHADER_READ_BIT,
      .srcQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL,
      .dstQueueFamilyIndex = self->device->queue_family,
      .buffer = buffer->buffer,
      .size = VK_WHOLE_SIZE,
  };

  vkCmdPipelineBarrier (self->commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT,
                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, 0, 0, NULL, 1,
                        &barrier, 0, NULL);
}

gboolean
fe_commands_end (FeCommands *self, GError **error)
{
  const VkMemoryBarrier to_host = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
      .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
      .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
  };

  if (self->error) {
    g_propagate_error (error, g_steal_pointer (&self->error));
    return FALSE;
  }
  vkCmdPipelineBarrier (self->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &to_host, 0, NULL, 0,
                        NULL);
  return fe_vk_check (vkEndCommandBuffer (self->commands), self->device, error,
                      "end recording");
}

gboolean
fe_commands_run_after_all (FeCommands *self, FeCommands *const *first, guint n,
                           GError **error)
{
  VkDevice device = self->device->device;
  g_autofree VkCommandBuffer *buffers = g_new (VkCommandBuffer, n + 1);
  const VkSubmitInfo submit = {
      .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
      .commandBufferCount = n + 1,
      .pCommandBuffers = buffers,
  };
  VkResult result;

  for (guint i = 0; i < n; i++)
    buffers[i] = first[i]->commands;
  buffers[n] = self->commands;
  if (!fe_vk_check (vkResetFences (device, 1, &self->fence), self->device,
                    error, "reset a fence"))
    return FALSE;
  g_mutex_lock (&self->device->queue_lock);
  result = vkQueueSubmit (self->device->queue, 1, &submit, self->fence);
  g_mutex_unlock (&self->device->queue_lock);
  if (result == VK_SUCCESS)
    result = vkWaitForFences (device, 1, &self->fence, VK_TRUE, NO_TIMEOUT);
  return fe_vk_check (result, self->device, error, "run the network");
}

gboolean
fe_commands_run_after (FeCommands *self, FeCommands *first, GError **error)
{
  return fe_commands_run_after_all (self, &first, first ? 1 : 0, error);
}

gboolean
fe_commands_run (FeCommands *self, GError **error)
{
  return fe_commands_run_after (self, NULL, error);
}

/* Adds one dispatch to the entry for its kernel and use. */
static void
add_timing (GArray *sums, const FeTiming *one, double seconds)
{
  FeTiming *sum = NULL;

  for (guint i = 0; i < sums->len && !sum; i++) {
    FeTiming *entry = &g_array_index (sums, FeTiming, i);

    if (entry->kernel == one->kernel && entry->use == one->use)
      sum = entry;
  }
  if (!sum) {
    g_array_append_val (sums, *one);
    sum = &g_array_index (sums, FeTiming, sums->len - 1);
    sum->dispatches = 0;
    sum->flop = sum->bytes = 0;
  }
  sum->dispatches++;
  sum->seconds += seconds;
  sum->flop += one->flop;
  sum->bytes += one->bytes;
}

GArray *
fe_commands_get_timings (FeCommands *self, GError **error)
{
  GArray *sums = g_array_new (FALSE, FALSE, sizeof (FeTiming));
  double period = self->device->properties.limits.timestampPeriod * 1e-9;
  guint n = MIN (self->recorded->len, MAX_TIMESTAMPS / 2);
  g_autofree guint64 *ticks = g_new0 (guint64, 2 * n + 1);
  VkResult result;

  g_assert (self->timestamps);
  if (n == 0)
    return sums;
  result = vkGetQueryPoolResults (
      self->device->device, self->timestamps, 0, 2 * n, 2 * n * sizeof *ticks,
      ticks, sizeof *ticks, VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  if (!fe_vk_check (result, self->device, error, "read timestamps")) {
    g_array_unref (sums);
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    add_timing (sums, &g_array_index (self->recorded, FeTiming, i),
                (double)(ticks[2 * i + 1] - ticks[2 * i]) * period);
  return sums;
}
