/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/dataset.h"

G_BEGIN_DECLS

/*
 * Adds to @dataset what lies in its folder in @layout, which is not
 * FE_LAYOUT_AUTO. Returns whether the folder has this layout.
 */
gboolean fe_layout_read (FeLayout layout, FeDataset *dataset);

/*
 * VisA's list of what is for testing. Returns FALSE where the data set has
 * none. A line that cannot be used is named and counted.
 */
gboolean fe_visa_list_read (FeDataset *dataset);

G_END_DECLS
