/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* While one thread loads, opens, compiles or encodes something, others that do
 * not need it go on, and those that need it wait and share it. The thread is
 * stopped inside a Vulkan function, so that no test depends on how long
 * anything takes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <feclip/error.h>
#include <pthread.h>
#include <string.h>

#include "api/model.h"
#include "compute/vulkan/pipelines.h"
#include "references/references.h"
#include "support/golden.h"

/* Enough on a busy machine for what does not wait, */
#define LONG (20 * G_TIME_SPAN_SECOND)
/* and for what waits to show it. */
#define SHORT (200 * G_TIME_SPAN_MILLISECOND)

#define WIDTH 8

static GMutex lock;
static GCond changed;

/* Stops a thread at its first call of a Vulkan function. */
typedef struct {
  const char *function;
  VkResult failure; /* what the function returns then; VK_SUCCESS: as it is */
  gboolean reached;
  gboolean open;
} Gate;

/* Of the calling thread. */
static _Thread_local Gate *gate;
static _Thread_local guint n_allocations;

static gboolean out_of_threads;

static VkResult
pass (const char *function)
{
  Gate *own = gate;

  if (!own || strcmp (own->function, function) != 0)
    return VK_SUCCESS;
  gate = NULL;
  g_mutex_lock (&lock);
  own->reached = TRUE;
  g_cond_broadcast (&changed);
  while (!own->open)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
  return own->failure;
}

/* The functions that follow stand before those of the libraries. */
#define REAL(name) ((__typeof__ (&name))dlsym (RTLD_NEXT, #name))

VKAPI_ATTR VkResult VKAPI_CALL
vkAllocateMemory (VkDevice device, const VkMemoryAllocateInfo *info,
                  const VkAllocationCallbacks *allocator,
                  VkDeviceMemory *memory)
{
  VkResult result = pass ("vkAllocateMemory");

  n_allocations++;
  return result != VK_SUCCESS
             ? result
             : REAL (vkAllocateMemory) (device, info, allocator, memory);
}

VKAPI_ATTR VkResult VKAPI_CALL
vkCreateInstance (const VkInstanceCreateInfo *info,
                  const VkAllocationCallbacks *allocator, VkInstance *instance)
{
  VkResult result = pass ("vkCreateInstance");

  return result != VK_SUCCESS
             ? result
             : REAL (vkCreateInstance) (info, allocator, instance);
}

VKAPI_ATTR VkResult VKAPI_CALL
vkCreateDevice (VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
                const VkAllocationCallbacks *allocator, VkDevice *device)
{
  VkResult result = pass ("vkCreateDevice");

  return result != VK_SUCCESS
             ? result
             : REAL (vkCreateDevice) (physical, info, allocator, device);
}

VKAPI_ATTR VkResult VKAPI_CALL
vkCreateComputePipelines (VkDevice device, VkPipelineCache cache, uint32_t n,
                          const VkComputePipelineCreateInfo *infos,
                          const VkAllocationCallbacks *allocator,
                          VkPipeline *pipelines)
{
  VkResult result = pass ("vkCreateComputePipelines");

  return result != VK_SUCCESS
             ? result
             : REAL (vkCreateComputePipelines) (device, cache, n, infos,
                                                allocator, pipelines);
}

/* Both ways to wait for the device have one gate. */
VKAPI_ATTR VkResult VKAPI_CALL
vkWaitForFences (VkDevice device, uint32_t n, const VkFence *fences,
                 VkBool32 all, uint64_t time)
{
  pass ("wait");
  return REAL (vkWaitForFences) (device, n, fences, all, time);
}

VKAPI_ATTR VkResult VKAPI_CALL
vkQueueWaitIdle (VkQueue queue)
{
  pass ("wait");
  return REAL (vkQueueWaitIdle) (queue);
}

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes,
                void *(*function) (void *), void *data)
{
  return out_of_threads
             ? EAGAIN
             : REAL (pthread_create) (thread, attributes, function, data);
}

/* What another thread does. */
typedef struct {
  gpointer (*run) (gconstpointer data, GError **error);
  gconstpointer data;
  Gate *gate; /* or NULL */
  GThread *thread;
  gboolean done;
  gpointer result;
  GError *error;
  guint n_allocations;
} Job;

static gpointer
run_job (gpointer data)
{
  Job *self = data;

  gate = self->gate;
  self->result = self->run (self->data, &self->error);
  self->n_allocations = n_allocations;
  g_mutex_lock (&lock);
  self->done = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
  return NULL;
}

static gboolean
wait_for (const gboolean *flag, gint64 time)
{
  gint64 end = g_get_monotonic_time () + time;
  gboolean set;

  g_mutex_lock (&lock);
  while (!*flag && g_cond_wait_until (&changed, &lock, end))
    ;
  set = *flag;
  g_mutex_unlock (&lock);
  return set;
}

/* Starts a job; one with a gate has reached it then. */
static void
job_start (Job *self)
{
  self->thread = g_thread_new ("job", run_job, self);
  if (self->gate)
    g_assert_true (wait_for (&self->gate->reached, LONG));
}

static void
job_join (Job *self)
{
  g_assert_true (wait_for (&self->done, LONG));
  g_thread_join (self->thread);
}

static void
gate_open (Gate *self)
{
  g_mutex_lock (&lock);
  self->open = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

/* Runs `other` while a job stands at its gate, and then lets that go on. */
static void
expect_no_wait (Job *stopped, Job *other)
{
  job_start (stopped);
  job_start (other);
  job_join (other);
  g_assert_no_error (other->error);
  g_assert_false (stopped->done);
  gate_open (stopped->gate);
  job_join (stopped);
  g_assert_no_error (stopped->error);
}

/* The same of a job that needs what the stopped one makes. */
static void
expect_wait (Job *stopped, Job *other)
{
  job_start (stopped);
  job_start (other);
  g_assert_false (wait_for (&other->done, SHORT));
  gate_open (stopped->gate);
  job_join (stopped);
  job_join (other);
  g_assert_no_error (other->error);
}

static FeDevice *
open_device (void)
{
  g_autoptr (GError) error = NULL;
  FeDevice *device = fe_device_open (NULL, &error);

  g_assert_no_error (error);
  return device;
}

/* Which network a job opens. */
typedef struct {
  FeDevice *device;
  const char *model;
} Files;

static gpointer
open_network (gconstpointer data, GError **error)
{
  const Files *files = data;
  g_autofree char *model = golden_path (files->model);
  g_autofree char *adapter = golden_path ("adapter.safetensors");

  return fe_network_open (files->device, model, adapter, (FeArithmetic){0},
                          error);
}

static gpointer
use_networks (gconstpointer data, GError **error)
{
  FeNetwork *network = (FeNetwork *)data;
  const Files others = {network->device, "model-hf.safetensors"};

  fe_network_unref (fe_network_ref (network));
  fe_network_unref (open_network (&others, error));
  fe_network_unref (network);
  return NULL;
}

static void
test_other_network (void)
{
  g_autoptr (FeDevice) device = open_device ();
  g_autoptr (GError) error = NULL;
  const Files files = {device, "model.safetensors"};
  const Files others = {device, "model-hf.safetensors"};
  Gate at_memory = {.function = "vkAllocateMemory"};
  Job load = {.run = open_network, .data = &files, .gate = &at_memory};
  Job use = {.run = use_networks, .data = open_network (&others, &error)};

  g_assert_no_error (error);
  expect_no_wait (&load, &use);
  g_assert_nonnull (load.result);
  fe_network_unref (load.result);
}

static void
test_same_network (void)
{
  g_autoptr (FeDevice) device = open_device ();
  const Files files = {device, "model.safetensors"};
  Gate at_memory = {.function = "vkAllocateMemory"};
  Job alone = {.run = open_network, .data = &files};
  Job load = {.run = open_network, .data = &files, .gate = &at_memory};
  Job share = {.run = open_network, .data = &files};

  job_start (&alone);
  job_join (&alone);
  g_assert_no_error (alone.error);
  fe_network_unref (alone.result);

  expect_wait (&load, &share);
  g_assert_no_error (load.error);
  g_assert_nonnull (load.result);
  g_assert_true (share.result == load.result);
  /* Loaded once: CLIP by the first one, the adapters by either. */
  g_assert_cmpuint (load.n_allocations + share.n_allocations, ==,
                    alone.n_allocations);
  fe_network_unref (load.result);
  fe_network_unref (share.result);
}

/* Whoever waits for a load that fails loads by itself. */
static void
test_failed_load (void)
{
  g_autoptr (FeDevice) device = open_device ();
  const Files files = {device, "model.safetensors"};
  Gate at_memory = {
      .function = "vkAllocateMemory",
      .failure = VK_ERROR_OUT_OF_DEVICE_MEMORY,
  };
  Job load = {.run = open_network, .data = &files, .gate = &at_memory};
  Job retry = {.run = open_network, .data = &files};

  expect_wait (&load, &retry);
  g_assert_null (load.result);
  g_assert_error (load.error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  g_clear_error (&load.error);
  g_assert_nonnull (retry.result);
  g_assert_cmpuint (retry.n_allocations, >, 0);
  fe_network_unref (retry.result);
}

static gpointer
open_any_device (gconstpointer data, GError **error)
{
  return fe_device_open (NULL, error);
}

static gpointer
use_buffer (gconstpointer data, GError **error)
{
  FeDevice *device = (FeDevice *)data;
  FeBuffer *buffer = fe_buffer_new (device, FE_BUFFER_DEVICE,
                                    VK_FORMAT_UNDEFINED, 16, "a test", error);

  fe_buffer_free (buffer);
  fe_device_unref (fe_device_ref (device));
  return NULL;
}

static void
test_other_device (void)
{
  g_autoptr (FeDevice) device = open_device ();
  Gate at_start = {.function = "vkCreateInstance"};
  Job load = {.run = open_any_device, .gate = &at_start};
  Job use = {.run = use_buffer, .data = device};

  expect_no_wait (&load, &use);
  g_assert_true (load.result == device);
  fe_device_unref (load.result);
}

static void
test_same_device (void)
{
  Gate at_device = {.function = "vkCreateDevice"};
  Job load = {.run = open_any_device, .gate = &at_device};
  Job share = {.run = open_any_device};

  expect_wait (&load, &share);
  g_assert_no_error (load.error);
  g_assert_nonnull (load.result);
  g_assert_true (share.result == load.result);
  fe_device_unref (load.result);
  fe_device_unref (share.result);
}

/* A transfer to memory that the host cannot see does not keep others from
 * submitting theirs. */
static void
test_transfers (void)
{
  g_autoptr (FeDevice) device = open_device ();
  Gate at_end = {.function = "wait"};
  Job stopped = {.run = use_buffer, .data = device, .gate = &at_end};
  Job other = {.run = use_buffer, .data = device};

  for (guint32 i = 0; i < device->memory.memoryTypeCount; i++)
    device->memory.memoryTypes[i].propertyFlags &=
        ~(VkMemoryPropertyFlags)VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  expect_no_wait (&stopped, &other);
}

/* Which pipeline a job gets. */
typedef struct {
  FeDevice *device;
  FeKernel kernel;
} Pipeline;

static gpointer
get_pipeline (gconstpointer data, GError **error)
{
  const Pipeline *wanted = data;

  return (gpointer)fe_pipelines_get (wanted->device->pipelines, wanted->kernel,
                                     NULL, 0, error);
}

static void
test_pipelines (void)
{
  g_autoptr (FeDevice) device = open_device ();
  g_autoptr (GError) error = NULL;
  const Pipeline known = {device, FE_KERNEL_UPSAMPLE};
  const Pipeline unknown = {device, FE_KERNEL_SMOOTH};
  const Pipeline third = {device, FE_KERNEL_BLEND_ADAPTERS};
  Gate first = {.function = "vkCreateComputePipelines"};
  Gate failing = {.function = "vkCreateComputePipelines",
                  .failure = VK_ERROR_OUT_OF_DEVICE_MEMORY};
  Job compile = {.run = get_pipeline, .data = &unknown, .gate = &first};
  Job use = {.run = get_pipeline, .data = &known};
  Job again = {.run = get_pipeline, .data = &third, .gate = &failing};
  Job retry = {.run = get_pipeline, .data = &third};

  g_assert_nonnull (get_pipeline (&known, &error));
  g_assert_no_error (error);
  expect_no_wait (&compile, &use);
  g_assert_true (compile.result == get_pipeline (&unknown, NULL));

  expect_wait (&again, &retry);
  g_assert_null (again.result);
  g_assert_error (again.error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  g_clear_error (&again.error);
  g_assert_true (retry.result && retry.result == get_pipeline (&third, NULL));
}

/* Whose prompts a job prepares. */
typedef struct {
  FeclipModel *model;
  const char *prompt; /* NULL: the method's */
} Prompt;

static gpointer
prepare_prompt (gconstpointer data, GError **error)
{
  const Prompt *wanted = data;
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autofree char *tokenizer = golden_path ("../tokenizer.json");

  g_object_set (settings, "normal-prompt", wanted->prompt, "anomaly-prompt",
                wanted->prompt, NULL);
  feclip_model_prepare_prompts (wanted->model, settings, error);
  return NULL;
}

static void
test_prompts (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  const Prompt known = {model, "A photo of a normal object"};
  const Prompt unknown = {model, "A photo of a damaged object"};
  Gate at_memory = {.function = "vkAllocateMemory"};
  Job encode = {.run = prepare_prompt, .data = &unknown, .gate = &at_memory};
  Job use = {.run = prepare_prompt, .data = &known};

  g_assert_no_error (error);
  prepare_prompt (&known, &error);
  g_assert_no_error (error);
  expect_no_wait (&encode, &use);
}

static void
append_image (FeclipReferences *references)
{
  g_autoptr (GError) error = NULL;
  const float row[WIDTH] = {1};
  FeFeatures image;

  fe_features_init (&image, 1, WIDTH);
  g_array_append_vals (image.taps[0], row, 1);
  fe_references_append (references, &image, &error);
  g_assert_no_error (error);
  fe_features_clear (&image);
}

static FeclipReferences *
references_new (FeDevice *device)
{
  FeReferencesOrigin origin = {
      .n_taps = 1, .width = WIDTH, .grid = 1, .text = g_strdup ("a test")};

  return fe_references_new (device, &origin);
}

static gpointer
get_bank (gconstpointer data, GError **error)
{
  FeReferenceBank *bank = NULL;

  fe_references_get_bank ((FeclipReferences *)data, &bank, error);
  return bank;
}

static gpointer
count_references (gconstpointer data, GError **error)
{
  FeclipReferences *references = (FeclipReferences *)data;

  return GUINT_TO_POINTER (feclip_references_get_count (references)
                           + feclip_references_get_n_rows (references));
}

static void
test_references (void)
{
  g_autoptr (FeDevice) device = open_device ();
  g_autoptr (FeclipReferences) references = references_new (device);
  Gate at_memory = {.function = "vkAllocateMemory"};
  Job upload = {.run = get_bank, .data = references, .gate = &at_memory};
  Job count = {.run = count_references, .data = references};

  append_image (references);
  expect_no_wait (&upload, &count);
  g_assert_cmpuint (GPOINTER_TO_UINT (count.result), ==, 2);
  g_assert_nonnull (upload.result);
  fe_reference_bank_unref (upload.result);
}

/* Where no thread can be had, reducing takes longer and does the same. */
static void
test_no_threads (void)
{
  g_autoptr (FeDevice) device = open_device ();
  g_autoptr (FeclipReferences) references = references_new (device);

  for (guint i = 0; i < 5; i++)
    append_image (references);
  out_of_threads = TRUE;
  feclip_references_reduce (references, 3);
  out_of_threads = FALSE;
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/concurrency/other-network", test_other_network);
  g_test_add_func ("/concurrency/same-network", test_same_network);
  g_test_add_func ("/concurrency/failed-load", test_failed_load);
  g_test_add_func ("/concurrency/other-device", test_other_device);
  g_test_add_func ("/concurrency/same-device", test_same_device);
  g_test_add_func ("/concurrency/transfers", test_transfers);
  g_test_add_func ("/concurrency/pipelines", test_pipelines);
  g_test_add_func ("/concurrency/prompts", test_prompts);
  g_test_add_func ("/concurrency/references", test_references);
  g_test_add_func ("/concurrency/no-threads", test_no_threads);
  return g_test_run ();
}
