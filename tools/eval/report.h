/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/results.h"

G_BEGIN_DECLS

/*
 * Creates the folder that the report is written to. Fails on one inside the
 * data set, because the drawn images would then be taken for its own.
 */
gboolean fe_report_make_folder (const char *path, const FeDataset *dataset,
                                GError **error);

/*
 * Writes report.html, curves.png, worst.png, results.json, results.csv and
 * scores.csv into the folder @path; each file is replaced as a whole. Writes
 * nothing where an interrupt is pending before the first file.
 */
gboolean fe_report_write (const char *path, FeEvaluation *evaluation,
                          const FeSubject *subject, GError **error);

G_END_DECLS
