/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The golden numbers: tests/data/golden, or the folder FECLIP_GOLDEN, which may
 * hold more. */
#pragma once

#include <feclip/feclip.h>
#include <json-glib/json-glib.h>

#include "files/weights.h"
#include "image/preprocess.h"
#include "network/config.h"
#include "network/network.h"

G_BEGIN_DECLS

#define GOLDEN_IMAGES 4
#define GOLDEN_TAPS 4

/* A file of the committed set. Free it. */
char *golden_path (const char *name);

/* A tensor of expected.safetensors, or NULL where the trimmed set lacks it. */
float *golden_tensor (const char *name, FeShape *shape);

/* expected.json. */
JsonObject *golden_expected (void);

/* Settings with the open_clip weights and the adapter. */
FeclipSettings *golden_settings (void);

/* Image imageINDEX.png in system memory; free with golden_frame_clear(). */
void golden_frame_init (FeclipFrame *frame, guint index);
/* The same of any PNG file. */
void golden_frame_init_from (FeclipFrame *frame, const char *path);
void golden_frame_clear (FeclipFrame *frame);

/* The network of those settings on the default device, in fp32. Unreference it.
 */
FeNetwork *golden_network_new (FeConfig *config);

/* A detector for settings, with a model of its own. */
FeclipDetector *golden_detector_new (FeclipSettings *settings);

/* What a detector finds in an image. */
FeclipResult *golden_analyse (FeclipDetector *detector, guint index);

/* Adds an image to the normal ones. */
void golden_add (FeclipReferences *references, FeclipDetector *detector,
                 guint index);

/* Uploads an image and records how it becomes the network's patches. Free what
 * it returns once the commands have run. */
FePreprocess *golden_record_patches (const FeNetwork *network, guint index,
                                     const FeMatrix *patches,
                                     FeCommands *commands);

/* Largest |a - b|. */
double largest_difference (const float *a, const float *b, gsize n);

/* |a - b| / |b| over all elements. */
double relative_difference (const float *a, const float *b, gsize n);

G_END_DECLS
