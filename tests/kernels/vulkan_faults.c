/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes each Vulkan call that can fail do so, one after the other, while a
 * kernel is made, fed and run: every failure must come out as one sentence and
 * leave nothing behind, which the validation layer watches. */
#define _GNU_SOURCE
#include "compute/vulkan/commands.h"

#include <dlfcn.h>
#include <feclip/error.h>
#include <string.h>

static guint calls;        /* so far in this round */
static guint failing_call; /* which of them fails */
static const char *failed; /* its name */
static gboolean texels;    /* whether there are views of buffers */

static gboolean
fails (const char *name)
{
  if (++calls != failing_call)
    return FALSE;
  failed = name;
  return TRUE;
}

/* Stands before the Vulkan loader's own function. One that waits does so before
 * it fails, or its caller would free what is in use. */
#define FALLIBLE(name, parameters, ...) \
  VKAPI_ATTR VkResult VKAPI_CALL name parameters \
  { \
    gboolean waits = strstr (#name, "Wait") != NULL; \
    VkResult result = VK_SUCCESS; \
    gboolean fail = fails (#name); \
    if (waits || !fail) \
      result = ((PFN_##name)dlsym (RTLD_NEXT, #name)) (__VA_ARGS__); \
    return fail ? VK_ERROR_OUT_OF_DEVICE_MEMORY : result; \
  }

/* The functions whose arguments are an owner, what to make, how to allocate,
 * and where to put it. */
#define FALLIBLE_CREATE(name, Info, Object) \
  FALLIBLE ( \
      name, \
      (VkDevice d, const Info *i, const VkAllocationCallbacks *a, Object *o), \
      d, i, a, o)

/* clang-format off */
FALLIBLE_CREATE (vkAllocateMemory, VkMemoryAllocateInfo, VkDeviceMemory)
FALLIBLE_CREATE (vkCreateBuffer, VkBufferCreateInfo, VkBuffer)
FALLIBLE_CREATE (vkCreateBufferView, VkBufferViewCreateInfo, VkBufferView)
FALLIBLE_CREATE (vkCreateCommandPool, VkCommandPoolCreateInfo, VkCommandPool)
FALLIBLE_CREATE (vkCreateDescriptorPool, VkDescriptorPoolCreateInfo,
                 VkDescriptorPool)
FALLIBLE_CREATE (vkCreateDescriptorSetLayout, VkDescriptorSetLayoutCreateInfo,
                 VkDescriptorSetLayout)
FALLIBLE_CREATE (vkCreateFence, VkFenceCreateInfo, VkFence)
FALLIBLE_CREATE (vkCreatePipelineCache, VkPipelineCacheCreateInfo,
                 VkPipelineCache)
FALLIBLE_CREATE (vkCreatePipelineLayout, VkPipelineLayoutCreateInfo,
                 VkPipelineLayout)
FALLIBLE_CREATE (vkCreateQueryPool, VkQueryPoolCreateInfo, VkQueryPool)
FALLIBLE_CREATE (vkCreateShaderModule, VkShaderModuleCreateInfo, VkShaderModule)

FALLIBLE (vkAllocateCommandBuffers,
          (VkDevice d, const VkCommandBufferAllocateInfo *i,
           VkCommandBuffer *o),
          d, i, o)
FALLIBLE (vkAllocateDescriptorSets,
          (VkDevice d, const VkDescriptorSetAllocateInfo *i,
           VkDescriptorSet *o),
          d, i, o)
FALLIBLE (vkBeginCommandBuffer,
          (VkCommandBuffer c, const VkCommandBufferBeginInfo *i), c, i)
FALLIBLE (vkBindBufferMemory,
          (VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize o),
          d, b, m, o)
FALLIBLE (vkCreateComputePipelines,
          (VkDevice d, VkPipelineCache c, uint32_t n,
           const VkComputePipelineCreateInfo *i,
           const VkAllocationCallbacks *a, VkPipeline *o),
          d, c, n, i, a, o)
FALLIBLE (vkCreateDevice,
          (VkPhysicalDevice p, const VkDeviceCreateInfo *i,
           const VkAllocationCallbacks *a, VkDevice *o),
          p, i, a, o)
FALLIBLE (vkCreateInstance,
          (const VkInstanceCreateInfo *i, const VkAllocationCallbacks *a,
           VkInstance *o),
          i, a, o)
FALLIBLE (vkEndCommandBuffer, (VkCommandBuffer c), c)
FALLIBLE (vkEnumeratePhysicalDevices,
          (VkInstance i, uint32_t *n, VkPhysicalDevice *o), i, n, o)
FALLIBLE (vkGetPipelineCacheData,
          (VkDevice d, VkPipelineCache c, size_t *n, void *o), d, c, n, o)
FALLIBLE (vkGetQueryPoolResults,
          (VkDevice d, VkQueryPool p, uint32_t f, uint32_t n, size_t s,
           void *o, VkDeviceSize t, VkQueryResultFlags g),
          d, p, f, n, s, o, t, g)
FALLIBLE (vkMapMemory,
          (VkDevice d, VkDeviceMemory m, VkDeviceSize o, VkDeviceSize s,
           VkMemoryMapFlags f, void **p),
          d, m, o, s, f, p)
FALLIBLE (vkQueueSubmit,
          (VkQueue q, uint32_t n, const VkSubmitInfo *i, VkFence f),
          q, n, i, f)
FALLIBLE (vkResetFences, (VkDevice d, uint32_t n, const VkFence *f), d, n, f)
FALLIBLE (vkWaitForFences,
          (VkDevice d, uint32_t n, const VkFence *f, VkBool32 a, uint64_t t),
          d, n, f, a, t)
/* clang-format on */

/* Memory that the host cannot see, so that transfers are staged. */
static FeBuffer *
hidden_buffer (FeDevice *device, GError **error)
{
  FeBuffer *buffer;

  for (guint32 i = 0; i < device->memory.memoryTypeCount; i++)
    device->memory.memoryTypes[i].propertyFlags &=
        ~(VkMemoryPropertyFlags)VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  buffer =
      fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_R32G32B32A32_SFLOAT,
                     64, "hidden numbers", error);
  vkGetPhysicalDeviceMemoryProperties (device->physical, &device->memory);
  return buffer;
}

/* Enlarges one number to four and reads them back. */
static gboolean
run_kernel (FeDevice *device, FeBuffer *from, FeBuffer *to, GError **error)
{
  const guint32 shape[] = {0, 1, 2};
  const float number = 3;
  g_autoptr (FeCommands) commands = fe_commands_new (device, TRUE, error);
  g_autoptr (GArray) timings = NULL;
  float numbers[4];

  if (!commands)
    return FALSE;
  fe_commands_dispatch (commands, &(FeDispatch){
                                      .kernel = FE_KERNEL_UPSAMPLE,
                                      .use = "a test",
                                      .buffers = {from, to},
                                      .push = shape,
                                      .push_size = sizeof shape,
                                      .groups = {1, 2},
                                  });
  if (!fe_commands_end (commands, error)
      || !fe_buffer_write (from, 0, &number, sizeof number, error)
      || !fe_commands_run (commands, error)
      || !(timings = fe_commands_get_timings (commands, error))
      || !fe_buffer_read (to, 0, numbers, sizeof numbers, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpfloat (numbers[i], ==, number);
  return TRUE;
}

static gboolean
run_all (GError **error)
{
  g_autoptr (FeDevice) device = fe_device_open (NULL, error);
  g_autoptr (FeBuffer) from = NULL, to = NULL;

  if (!device || !(from = hidden_buffer (device, error)))
    return FALSE;
  texels = device->subgroup_kernels;
  to = fe_buffer_new (device, FE_BUFFER_READBACK, VK_FORMAT_UNDEFINED, 16,
                      "numbers", error);
  return to && run_kernel (device, from, to, error);
}

static void
test_faults (void)
{
  GHashTable *seen = g_hash_table_new (g_str_hash, g_str_equal);

  do {
    g_autoptr (GError) error = NULL;
    gboolean ok;

    failing_call++;
    calls = 0;
    failed = NULL;
    ok = run_all (&error);
    if (!failed) {
      g_assert_no_error (error);
      continue;
    }
    g_hash_table_add (seen, (gpointer)failed);
    /* Without a cache all works, only later. */
    if (strcmp (failed, "vkGetPipelineCacheData") == 0) {
      g_assert_no_error (error);
      continue;
    }
    g_test_message ("%s: %s", failed, error ? error->message : "no error");
    g_assert_false (ok);
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_assert_true (g_pattern_match_simple (
        "could not * (VK_ERROR_OUT_OF_DEVICE_MEMORY)", error->message));
  } while (failed);

  /* As many functions as there are above. */
  g_assert_cmpuint (g_hash_table_size (seen), ==, texels ? 26 : 25);
  g_hash_table_unref (seen);
}

int
main (int argc, char **argv)
{
  g_setenv ("FECLIP_VALIDATION", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vulkan/faults", test_faults);
  return g_test_run ();
}
