#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether all C is laid out as .clang-format says. Versions of clang-format
# differ in some lines, so that only that of Debian 12 decides; with another one
# the status is 77, skipped.

set -u
cd "$(dirname "$0")/../.." || exit 1

wanted=14
status=0

version=$(clang-format --version 2>/dev/null |
  sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != "$wanted" ]; then
  echo "Not checked: that takes clang-format $wanted, here is ${version:-none}."
  exit 77
fi
for file in $(find src include gst tools tests examples -name '*.[ch]' | sort)
do
  clang-format --dry-run --Werror "$file" 2>/dev/null || {
    echo "$file is not formatted: run clang-format -i on it."
    status=1
  }
done
exit $status
