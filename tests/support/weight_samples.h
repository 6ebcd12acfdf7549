/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small weight files with one of everything that their readers know. */
#pragma once

#include <glib.h>

/* A Lightning checkpoint: "visual.proj" [4][4] twice, as FE-CLIP has it, and
 * "fc_patch.weight" among objects of unknown classes. */
GByteArray *sample_checkpoint (void);

/* Hugging Face's names: a product in three parts of three formats, a turned
 * matrix "visual.proj" [2][3], numbers that are none of the network's. */
GByteArray *sample_safetensors (void);
