/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

/* What a sub-command's command line may hold. */
typedef struct {
  /* The usage line's end, such as "FILE…". */
  const char *arguments;
  /* What the sub-command does. */
  const char *summary;
  /* The sub-command's own options. */
  const GOptionEntry *entries;
  /* NULL, or filled in from one option per property of the same name. */
  FeclipSettings *settings;
} FeOptions;

/*
 * Reads the command line @argv. Returns FALSE when there is nothing left to do:
 * help was asked for or the command line is wrong, which has been said, and
 * @status is what to exit with.
 */
gboolean fe_options_parse (const FeOptions *options, char **argv, int *status);

G_END_DECLS
