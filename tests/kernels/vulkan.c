/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choosing and opening a device, its pipeline cache, and what is said when
 * something is missing. The cache folder is a temporary one. */
#include "compute/vulkan/device.h"

#include <feclip/device.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <string.h>

#include "compute/vulkan/memory.h"
#include "compute/vulkan/pipeline_cache.h"
#include "compute/vulkan/pipelines.h"
#include "support/scratch.h"

/* Characters of the SHA-256 that a cache begins with. */
#define CHECKSUM_SIZE 64

static FeDevice *
open_device (const char *wanted)
{
  g_autoptr (GError) error = NULL;
  FeDevice *device = fe_device_open (wanted, &error);

  g_assert_no_error (error);
  return device;
}

static GPtrArray *
list_devices (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *devices = feclip_list_devices (&error);

  g_assert_no_error (error);
  g_assert_cmpuint (devices->len, >, 0);
  return devices;
}

/* Every way to name a device leads to it, and to one open device alone. */
static void
test_choose (void)
{
  g_autoptr (GPtrArray) devices = list_devices ();
  g_autoptr (FeDevice) best = open_device (NULL);
  g_autoptr (FeDevice) any = open_device ("");

  g_assert_true (best == any);
  for (guint i = 0; i < devices->len; i++) {
    const FeclipDeviceInfo *info = g_ptr_array_index (devices, i);
    g_autofree char *index = g_strdup_printf ("%u", i);
    g_autofree char *shouted = g_ascii_strup (info->name, -1);
    g_autofree char *uuid = g_ascii_strup (info->uuid, -1);
    g_autoptr (FeDevice) by_index = NULL, by_name = NULL, by_part = NULL;
    g_autoptr (FeDevice) by_uuid = NULL;

    if (!info->usable)
      continue;
    by_index = open_device (index);
    by_name = open_device (info->name);
    by_part = open_device (shouted + 1);
    by_uuid = open_device (uuid);
    g_assert_cmpstr (by_index->name, ==, info->name);
    g_assert_cmpstr (by_name->name, ==, info->name);
    g_assert_cmpstr (by_part->name, ==, info->name);
    g_assert_true (by_uuid == by_index);
  }
}

static void
test_unknown (void)
{
  static const char *const unknown[] = {
      "Voodoo 2", "999", "00000000-0000-0000-0000-000000000000", "-1", "0x0"};
  g_autoptr (GPtrArray) devices = list_devices ();
  const FeclipDeviceInfo *first = g_ptr_array_index (devices, 0);

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *sentence = g_strdup_printf (
        "no usable Vulkan device matches \"%s\"; there are: 0 %s*", unknown[i],
        first->name);

    g_assert_null (fe_device_open (unknown[i], &error));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_assert_true (g_pattern_match_simple (sentence, error->message));
  }
}

static void
test_list (void)
{
  g_autoptr (GPtrArray) devices = list_devices ();
  g_autoptr (FeDevice) device = open_device (NULL);
  gboolean listed = FALSE;

  for (guint i = 0; i < devices->len; i++) {
    g_autoptr (FeclipDeviceInfo) info =
        feclip_device_info_copy (g_ptr_array_index (devices, i));

    g_assert_cmpuint (strlen (info->uuid), ==, 36);
    g_assert_cmpuint (info->memory, >, 0);
    g_assert_true (g_str_has_prefix (info->api_version, "1."));
    g_assert_cmpstr (info->driver, !=, " ");
    listed |= strcmp (info->name, device->name) == 0;
  }
  g_assert_true (listed);
}

/* Whoever lets go last closes, and the next one opens again. */
static void
test_again (void)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (FeDevice) device = open_device (NULL);
    g_autoptr (FeDevice) same = open_device (NULL);

    g_assert_true (device == same);
  }
}

static gpointer
open_and_close (gpointer failed)
{
  for (guint i = 0; i < 5; i++) {
    g_autoptr (FeDevice) device = fe_device_open (NULL, NULL);

    if (!device)
      g_atomic_int_set ((int *)failed, TRUE);
  }
  return NULL;
}

static void
test_open_in_threads (void)
{
  GThread *threads[3];
  int failed = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("open", open_and_close, &failed);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_false (failed);
}

static void
test_no_driver (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (GError) open_error = NULL, list_error = NULL;

    g_setenv ("VK_DRIVER_FILES", NOWHERE, TRUE);
    g_setenv ("VK_ICD_FILENAMES", NOWHERE, TRUE);
    g_assert_null (fe_device_open (NULL, &open_error));
    g_assert_error (open_error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_assert_null (feclip_list_devices (&list_error));
    g_assert_error (list_error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_print ("opening: %s.\nlisting: %s.\n", open_error->message,
             list_error->message);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*opening: no Vulkan driver is installed; *.\n"
                             "listing: no Vulkan driver is installed; *.\n*");
}

/* Wrong use must be seen, or the layer is silent because it is not there. */
static void
test_validation (void)
{
  if (g_test_subprocess ()) {
    const VkBufferCreateInfo nothing = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
    };
    g_autoptr (FeDevice) device = open_device (NULL);
    VkBuffer buffer = VK_NULL_HANDLE;

    vkCreateBuffer (device->device, &nothing, NULL, &buffer);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr (
      "*CRITICAL*Vulkan validation: *VUID-VkBufferCreateInfo-size-00912*");
}

static void
test_too_large (void)
{
  static const VkFormat formats[] = {VK_FORMAT_UNDEFINED,
                                     VK_FORMAT_R16G16B16A16_SFLOAT,
                                     VK_FORMAT_R32G32B32A32_SFLOAT};
  const gsize size = G_GUINT64_CONSTANT (1) << 45;
  g_autoptr (FeDevice) device = open_device (NULL);
  g_autofree char *sentence =
      g_strdup_printf ("the token table needs %" G_GSIZE_FORMAT
                       " bytes in one buffer, %s allows "
                       "*",
                       size, device->name);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (fe_buffer_new (device, FE_BUFFER_DEVICE, formats[i], size,
                                  "the token table", &error));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_assert_true (g_pattern_match_simple (sentence, error->message));
  }
}

/* Every code becomes a sentence, also those that have no name here. */
static void
test_sentence (void)
{
  static const struct {
    VkResult result;
    const char *sentence;
  } cases[] = {
      {VK_ERROR_OUT_OF_DEVICE_MEMORY,
       "could not allocate 1.2 GiB for weights on the device "
       "(VK_ERROR_OUT_OF_DEVICE_MEMORY)"},
      {VK_ERROR_DEVICE_LOST, "could not allocate 1.2 GiB for weights on the "
                             "device (VK_ERROR_DEVICE_LOST)"},
      {-12345, "could not allocate 1.2 GiB for weights on the device (VkResult "
               "-12345)"},
  };
  const FeDevice device = {.name = (char *)"the device"};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (fe_vk_check (cases[i].result, &device, &error,
                                 "allocate %s for %s", "1.2 GiB", "weights"));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
    g_assert_cmpstr (error->message, ==, cases[i].sentence);
  }
  g_assert_false (fe_vk_check (VK_ERROR_UNKNOWN, NULL, NULL, "start"));
  g_assert_true (fe_vk_check (VK_SUCCESS, NULL, NULL, "start"));
}

/* Makes a pipeline on a newly opened device and closes it again. */
static void
use_pipeline (void)
{
  g_autoptr (FeDevice) device = open_device (NULL);
  g_autoptr (GError) error = NULL;
  const FePipeline *pipeline =
      fe_pipelines_get (device->pipelines, FE_KERNEL_UPSAMPLE, NULL, 0, &error);

  g_assert_no_error (error);
  g_assert_true (pipeline
                 == fe_pipelines_get (device->pipelines, FE_KERNEL_UPSAMPLE,
                                      NULL, 0, &error));
}

typedef struct {
  FeDevice *device;
  const FePipeline *pipelines[2];
} Getter;

static gpointer
get_pipelines (gpointer data)
{
  Getter *getter = data;

  for (guint32 i = 0; i < G_N_ELEMENTS (getter->pipelines); i++)
    getter->pipelines[i] = fe_pipelines_get (getter->device->pipelines,
                                             FE_KERNEL_SMOOTH, &i, 1, NULL);
  return NULL;
}

/* Whoever asks first makes it, and all get the same. */
static void
test_pipelines_in_threads (void)
{
  g_autoptr (FeDevice) device = open_device (NULL);
  Getter getters[4];
  GThread *threads[G_N_ELEMENTS (getters)];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    getters[i] = (Getter){.device = device};
    threads[i] = g_thread_new ("pipelines", get_pipelines, &getters[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_nonnull (getters[0].pipelines[0]);
  g_assert_nonnull (getters[0].pipelines[1]);
  g_assert_true (getters[0].pipelines[0] != getters[0].pipelines[1]);
  for (guint i = 1; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpmem (getters[i].pipelines, sizeof getters[i].pipelines,
                     getters[0].pipelines, sizeof getters[0].pipelines);
}

static void
forget_cache (void)
{
  g_autofree char *path =
      g_build_filename (g_get_user_cache_dir (), "feclip", NULL);

  scratch_remove (path);
}

/* The one cache file, or NULL. */
static char *
find_cache (void)
{
  g_autofree char *folder =
      g_build_filename (g_get_user_cache_dir (), "feclip", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir ? g_dir_read_name (dir) : NULL;
  char *path = name ? g_build_filename (folder, name, NULL) : NULL;

  if (name)
    g_assert_null (g_dir_read_name (dir));
  return path;
}

/* As use_pipeline(), with a device that was open before and is again after. */
static void
use_pipeline_of_its_own (FeDevice **device)
{
  g_clear_pointer (device, fe_device_unref);
  use_pipeline ();
  *device = open_device (NULL);
}

static void
test_cache (void)
{
  g_autofree char *path = NULL, *first = NULL, *second = NULL;
  gsize first_size, second_size;

  forget_cache ();
  use_pipeline ();
  path = find_cache ();
  g_assert_nonnull (path);
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  g_assert_cmpuint (first_size, >=, 32); /* Vulkan's header */
  use_pipeline ();
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpuint (second_size, >=, first_size);
}

/* A cache that is cut off, empty or something else is a cache without use. */
static void
test_damaged_cache (void)
{
  g_autofree char *path = NULL, *content = NULL, *now = NULL;
  gsize size, now_size;

  forget_cache ();
  use_pipeline ();
  path = find_cache ();
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (guint damage = 0; damage < 4; damage++) {
    g_autofree char *damaged = g_memdup2 (content, size);
    gssize length = (gssize)size;

    if (damage == 0)
      length = 0;
    if (damage == 1)
      length = 7;
    if (damage == 2)
      length /= 2;
    if (damage == 3)
      memset (damaged, 0xa5, size);
    g_assert_true (g_file_set_contents (path, damaged, length, NULL));
    use_pipeline ();
  }
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  use_pipeline ();
  g_assert_true (g_file_get_contents (path, &now, &now_size, NULL));
  g_assert_cmpuint (now_size, >=, 32);
}

/* Gives a cache the checksum of what it holds. */
static void
seal (char *content, gsize size)
{
  g_autofree char *sum = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guint8 *)content + CHECKSUM_SIZE,
      size - CHECKSUM_SIZE);

  memcpy (content, sum, CHECKSUM_SIZE);
}

/* What another device or driver wrote is whole and must not be used: a change
 * in any of Vulkan's header's fields makes it another's. */
static void
test_foreign_cache (void)
{
  static const gsize fields[] = {0, 4, 8, 12, 16, 31};
  g_autoptr (FeDevice) device = open_device (NULL);
  g_autofree char *path = NULL, *content = NULL;
  gsize size, read_size;

  forget_cache ();
  use_pipeline_of_its_own (&device);
  path = find_cache ();
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_free (fe_pipeline_cache_read (device, &read_size));
  g_assert_cmpuint (read_size, ==, size - CHECKSUM_SIZE);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autofree char *foreign = g_memdup2 (content, size);

    foreign[CHECKSUM_SIZE + fields[i]] ^= 1;
    seal (foreign, size);
    g_assert_true (g_file_set_contents (path, foreign, (gssize)size, NULL));
    g_assert_null (fe_pipeline_cache_read (device, &read_size));
    g_assert_cmpuint (read_size, ==, 0);
  }
  seal (content, CHECKSUM_SIZE + 16);
  g_assert_true (g_file_set_contents (path, content, CHECKSUM_SIZE + 16, NULL));
  g_assert_null (fe_pipeline_cache_read (device, &read_size));
}

/* Neither read nor written where the user wants none. */
static void
test_switched_off_cache (void)
{
  g_autoptr (FeDevice) device = open_device (NULL);
  g_autofree char *path = NULL, *after = NULL;
  gsize size;

  forget_cache ();
  g_setenv ("FECLIP_PIPELINE_CACHE", "0", TRUE);
  use_pipeline_of_its_own (&device);
  g_assert_null (find_cache ());
  g_unsetenv ("FECLIP_PIPELINE_CACHE");
  use_pipeline_of_its_own (&device);
  path = find_cache ();
  g_assert_nonnull (path);
  g_setenv ("FECLIP_PIPELINE_CACHE", "0", TRUE);
  g_assert_null (fe_pipeline_cache_read (device, &size));
  g_assert_true (g_file_set_contents (path, "kept", 4, NULL));
  use_pipeline_of_its_own (&device);
  g_assert_true (g_file_get_contents (path, &after, &size, NULL));
  g_assert_cmpstr (after, ==, "kept");
  g_unsetenv ("FECLIP_PIPELINE_CACHE");
}

/* No cache can be written where the folder is a file. */
static void
test_no_cache (void)
{
  g_autofree char *folder =
      g_build_filename (g_get_user_cache_dir (), "feclip", NULL);

  forget_cache ();
  g_assert_true (g_file_set_contents (folder, "", 0, NULL));
  use_pipeline ();
  g_assert_null (find_cache ());
  g_remove (folder);
}

int
main (int argc, char **argv)
{
  g_setenv ("FECLIP_VALIDATION", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ()) { /* which uses this one's folder */
    g_autofree char *cache = scratch_path (NULL);

    g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  }
  g_test_add_func ("/vulkan/choose", test_choose);
  g_test_add_func ("/vulkan/unknown", test_unknown);
  g_test_add_func ("/vulkan/list", test_list);
  g_test_add_func ("/vulkan/again", test_again);
  g_test_add_func ("/vulkan/open-in-threads", test_open_in_threads);
  g_test_add_func ("/vulkan/no-driver", test_no_driver);
  g_test_add_func ("/vulkan/validation", test_validation);
  g_test_add_func ("/vulkan/too-large", test_too_large);
  g_test_add_func ("/vulkan/sentence", test_sentence);
  g_test_add_func ("/vulkan/pipelines-in-threads", test_pipelines_in_threads);
  g_test_add_func ("/vulkan/cache", test_cache);
  g_test_add_func ("/vulkan/cache/damaged", test_damaged_cache);
  g_test_add_func ("/vulkan/cache/foreign", test_foreign_cache);
  g_test_add_func ("/vulkan/cache/off", test_switched_off_cache);
  g_test_add_func ("/vulkan/cache/none", test_no_cache);
  return g_test_run ();
}
