/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/sample.h"

G_BEGIN_DECLS

/*
 * Renders the item of @request on a conveyor belt, near the middle of the
 * image, with a good item of the same product beside it. Always renders the
 * pair.
 */
FeSample *fe_belt_sample_new (const FeSampleRequest *request);

G_END_DECLS
