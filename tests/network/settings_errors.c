/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each wrong use gives one readable sentence that names what is wrong. */
#include <glib/gstdio.h>
#include <string.h>

#include "support/golden.h"
#include "support/scratch.h"

/* Stands for the golden folder in the table's paths. */
#define DATA "DATA/"
/* What the built-in model's file is here. */
#define BUILTIN NOWHERE "/builtin.safetensors"

/* One wrong setting beside the golden ones, and what its error must hold. */
typedef struct {
  const char *path;
  const char *property;
  const char *value; /* parsed by the property's type */
  FeclipError code;
  const char *says[2];
} WrongUse;

static const WrongUse wrong_uses[] = {
    {"model/unset", "model-file", NULL, FECLIP_ERROR_FILE, {BUILTIN}},
    {"model/empty", "model-file", "", FECLIP_ERROR_FILE, {BUILTIN}},
    {"model/no-such-file",
     "model-file",
     NOWHERE "/model.safetensors",
     FECLIP_ERROR_FILE,
     {NOWHERE "/model.safetensors", "No such file"}},
    {"model/not-weights",
     "model-file",
     DATA "image0.png",
     FECLIP_ERROR_FORMAT,
     {"image0.png"}},
    {"model/a-folder", "model-file", DATA, FECLIP_ERROR_FILE, {"golden"}},
    {"model/only-adapters",
     "model-file",
     DATA "adapter.safetensors",
     FECLIP_ERROR_FORMAT,
     {"adapter.safetensors", "visual.conv1.weight"}},
    {"adapter/no-such-file",
     "adapter-file",
     NOWHERE "/adapter.safetensors",
     FECLIP_ERROR_FILE,
     {NOWHERE "/adapter.safetensors"}},
    {"adapter/none-inside",
     "adapter-file",
     DATA "model.safetensors",
     FECLIP_ERROR_FORMAT,
     {"model.safetensors", "no adapters"}},
    {"tokenizer/not-a-vocabulary",
     "tokenizer-file",
     DATA "image0.png",
     FECLIP_ERROR_FORMAT,
     {"image0.png"}},
    {"tokenizer/no-such-file",
     "tokenizer-file",
     NOWHERE "/merges.txt",
     FECLIP_ERROR_FILE,
     {NOWHERE "/merges.txt"}},
    {"device/unknown",
     "device",
     "no such device",
     FECLIP_ERROR_DEVICE,
     {"no such device", "there are: 0"}},
    {"device/index", "device", "99", FECLIP_ERROR_DEVICE, {"99"}},
    {"taps/out-of-range",
     "tap-blocks",
     "0,1,2,4",
     FECLIP_ERROR_INPUT,
     {"block 4", "0 to 3"}},
    {"taps/too-few",
     "tap-blocks",
     "1,2,3",
     FECLIP_ERROR_INPUT,
     {"3 blocks", "4 adapters"}},
    {"taps/twice", "tap-blocks", "1,2,2,3", FECLIP_ERROR_INPUT, {"twice"}},
    {"taps/no-list", "tap-blocks", "last", FECLIP_ERROR_INPUT, {"last"}},
    {"taps/empty-item", "tap-blocks", "1,,2,3", FECLIP_ERROR_INPUT, {"1,,2,3"}},
    {"taps/negative", "tap-blocks", "-1,0,1,2", FECLIP_ERROR_INPUT, {"-1"}},
    {"ffe-window/one", "ffe-window", "1", FECLIP_ERROR_INPUT, {"ffe-window"}},
    {"lfs-window/even",
     "lfs-window",
     "4",
     FECLIP_ERROR_INPUT,
     {"lfs-window", "3, 5 or 7"}},
    {"prompt/no-vocabulary",
     "normal-prompt",
     "a perfect nut",
     FECLIP_ERROR_INPUT,
     {"vocabulary", "tokenizer-file"}},
};

static void
set (FeclipSettings *settings, const char *property, const char *text)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (settings), property);
  g_autofree char *folder = golden_path ("/");
  g_autoptr (GString) value = text ? g_string_new (text) : NULL;

  if (G_IS_PARAM_SPEC_UINT (pspec)) {
    g_object_set (settings, property, (guint)g_ascii_strtoull (text, NULL, 10),
                  NULL);
    return;
  }
  if (value)
    g_string_replace (value, DATA, folder, 0);
  g_object_set (settings, property, value ? value->str : NULL, NULL);
}

static void
test_wrong_use (gconstpointer data)
{
  const WrongUse *wrong = data;
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;

  set (settings, wrong->property, wrong->value);
  /* A vocabulary is opened only for a prompt that is not a default one. */
  if (g_str_has_prefix (wrong->property, "tokenizer"))
    g_object_set (settings, "anomaly-prompt", "a torn leaf", NULL);
  model = feclip_model_new (settings, &error);
  if (model)
    detector = feclip_detector_new (model, settings, &error);
  g_assert_null (detector);
  g_test_message ("%s", error->message);
  g_assert_error (error, FECLIP_ERROR, (int)wrong->code);
  g_assert_null (strchr (error->message, '\n'));
  for (guint i = 0; i < G_N_ELEMENTS (wrong->says) && wrong->says[i]; i++)
    g_assert_nonnull (strstr (error->message, wrong->says[i]));
}

/* An adapter of another width names the tensor and both shapes. */
static void
test_other_width (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *adapter = golden_path ("adapter.safetensors");
  g_autofree char *narrow = scratch_path ("narrow.safetensors");
  g_autofree char *bytes = NULL;
  char *shape;
  gsize size;

  /* The same numbers, called [64,256] instead of [128,128]. */
  g_file_get_contents (adapter, &bytes, &size, NULL);
  shape = g_strstr_len (bytes + 8, (gssize)size - 8, "[128,128]");
  g_assert_nonnull (shape);
  memcpy (strstr (shape, "128"), " 64", 3);
  memcpy (strstr (shape, "128"), "256", 3);
  g_file_set_contents (narrow, bytes, (gssize)size, NULL);

  g_object_set (settings, "adapter-file", narrow, NULL);
  model = feclip_model_new (settings, &error);
  g_test_message ("%s", error->message);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "ffe."));
  g_assert_nonnull (strstr (error->message, "[64, 256]"));
  g_assert_nonnull (strstr (error->message, "[128, 128]"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("FECLIP_BUILTIN_MODEL", BUILTIN, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (wrong_uses); i++) {
    g_autofree char *path =
        g_strconcat ("/settings-errors/", wrong_uses[i].path, NULL);

    g_test_add_data_func (path, &wrong_uses[i], test_wrong_use);
  }
  g_test_add_func ("/settings-errors/adapter/other-width", test_other_width);
  return g_test_run ();
}
