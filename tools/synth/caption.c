/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/caption.h"

#include <math.h>
#include <string.h>

static const char *const leads[] = {"a photo of", "a close-up photo of",
                                    "an inspection photo of", "an image of"};

static const char *const praises[] = {"without defects", "without any damage",
                                      "in perfect condition", "with no flaw"};

static const char *
describe_size (const FeSample *sample)
{
  const FePixels *box = &sample->mask.box;
  float n = (float)sample->request.width * (float)sample->request.height;
  float edge = (float)MIN (sample->request.width, sample->request.height);

  if (fe_defect_kind (sample->request.defect)->line) {
    float length = hypotf ((float)(box->right - box->left),
                           (float)(box->bottom - box->top));

    return length < 0.18F * edge  ? "short "
           : length > 0.5F * edge ? "long "
                                  : "";
  }
  return (float)sample->mask.area < 0.004F * n  ? "small "
         : (float)sample->mask.area > 0.03F * n ? "large "
                                                : "";
}

char *
fe_caption_new (const FeSample *sample, gboolean good)
{
  guint64 seed = fe_random_seed (sample->request.item, "caption", good);
  const char *lead = leads[seed % G_N_ELEMENTS (leads)];
  const char *phrase = sample->request.surface->phrase;
  const char *faint;
  g_autofree char *defect = NULL;

  if (good || sample->request.defect == FE_SAMPLE_GOOD) {
    gsize i = (seed >> 8) % G_N_ELEMENTS (praises);

    return g_strconcat (lead, " ", phrase, " ", praises[i], NULL);
  }
  faint = sample->mask.contrast < 0.1F ? "faint " : "";
  defect = g_strconcat (describe_size (sample), faint,
                        fe_defect_kind (sample->request.defect)->phrase, NULL);
  return g_strconcat (lead, " ", phrase, " with a ", defect, NULL);
}

static void
append_box (GString *line, const FePixels *box)
{
  g_string_append_printf (line, "[%d,%d,%d,%d]", box->left, box->top,
                          box->right - box->left, box->bottom - box->top);
}

char *
fe_caption_to_json (const FeSample *sample, gboolean good, const char *path,
                    const char *mask_path)
{
  GString *line = g_string_new (NULL);
  g_autofree char *caption = fe_caption_new (sample, good);

  /* All names and phrases are plain ASCII of our own. */
  g_string_append_printf (line, "{\"path\":\"%s\",\"kind\":\"%s\"", path,
                          sample->request.surface->name);
  if (good || sample->request.defect == FE_SAMPLE_GOOD) {
    g_string_append (line, ",\"mask\":null,\"defect\":null,\"severity\":null,"
                           "\"contrast\":null,\"box\":null");
  } else {
    char severity[G_ASCII_DTOSTR_BUF_SIZE];
    char contrast[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd (severity, sizeof severity, "%.3f",
                     (double)sample->severity);
    g_ascii_formatd (contrast, sizeof contrast, "%.3f",
                     (double)sample->mask.contrast);
    g_string_append_printf (line,
                            ",\"mask\":\"%s\",\"defect\":\"%s\","
                            "\"severity\":%s,\"contrast\":%s,\"box\":",
                            mask_path,
                            fe_defect_kind (sample->request.defect)->name,
                            severity, contrast);
    append_box (line, &sample->mask.box);
  }
  g_string_append_printf (line, ",\"caption\":\"%s\"}\n", caption);
  return g_string_free (line, FALSE);
}
