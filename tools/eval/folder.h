/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/results.h"

G_BEGIN_DECLS

/*
 * Makes the folder that results are written to. Fails on one inside the data
 * set, whose images the results would join.
 */
gboolean fe_folder_prepare (const char *path, const FeDataset *dataset,
                            GError **error);

/*
 * Writes all there is into the folder, each file as a whole: report.html,
 * curves.png, worst.png, results.json, results.csv, scores.csv. Where an
 * interrupt comes before the first one, nothing.
 */
gboolean fe_folder_write_results (const char *path, FeEvaluation *evaluation,
                                  const FeSubject *subject, GError **error);

G_END_DECLS
