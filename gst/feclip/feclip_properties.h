/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/references.h"

G_BEGIN_DECLS

/* The element's own properties and their defaults; those of the settings and of
 * the references follow. */
#define DEFAULT_INFERENCE_INTERVAL 1
#define DEFAULT_ACTIVE TRUE
#define DEFAULT_POST_MESSAGES FALSE
/* A second one takes a network's activations in device memory once more. */
#define DEFAULT_NIREQ 1
#define DEFAULT_BATCH_SIZE 1
/* So that streams in step with each other meet, while a camera that is late
 * holds the others up by no more than the eye forgives. */
#define DEFAULT_BATCH_TIMEOUT (10 * GST_MSECOND)
#define DEFAULT_ON_OVERLOAD GST_FECLIP_OVERLOAD_BLOCK
#define DEFAULT_MAX_DELAY (500 * GST_MSECOND)

enum {
  PROP_0,
  PROP_MODEL,
  PROP_INFERENCE_INTERVAL,
  PROP_INFERENCE_REGION,
  PROP_ACTIVE,
  PROP_POST_MESSAGES,
  PROP_NIREQ,
  PROP_BATCH_SIZE,
  PROP_BATCH_TIMEOUT,
  PROP_ON_OVERLOAD,
  PROP_MAX_DELAY,
  PROP_STATS,
  PROP_FIRST_REFERENCES,
  PROP_FIRST_SETTING =
      PROP_FIRST_REFERENCES + GST_FECLIP_REFERENCES_N_PROPERTIES,
  PROP_FIRST_OF_JUDGE = 1000,
};

/* Installs all of them. */
void gst_feclip_install_properties (GObjectClass *klass);

G_END_DECLS
