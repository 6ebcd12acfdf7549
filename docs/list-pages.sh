#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Names the pages that stand beside the library's reference.

set -eu
cd "$(dirname "$0")"
printf '%s\n' *.md
