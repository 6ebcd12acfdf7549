/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/sample.h"

G_BEGIN_DECLS

/*
 * The item that @request stands for as a conveyor's camera sees it: on a belt,
 * near the middle, with a good one of the same product before or behind it.
 * Always a pair.
 */
FeSample *fe_belt_sample_new (const FeSampleRequest *request);

G_END_DECLS
