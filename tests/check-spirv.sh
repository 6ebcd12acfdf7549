#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether the SPIR-V that is committed is that of its source. Exits with 77, which
# means skipped, where glslang is another version than the one that made it.
#
# usage: tests/check-spirv.sh [--write]
#
# --write  makes it anew, with any glslang that knows GL_KHR_cooperative_matrix
#          (Debian 13's does)

set -u
cd "$(dirname "$0")/../shaders" || exit 1

source=matmul_units.comp
committed=compiled/matmul_units.spv.inc
made=$(mktemp) || exit 1
trap 'rm -f "$made"' EXIT

glslangValidator -V --target-env vulkan1.1 --quiet -I. --vn matmul_units_spv \
  -o "$made" "$source" >/dev/null 2>&1 || {
  echo "glslang cannot compile $source: it is older than cooperative matrices"
  exit 77
}
if [ "${1-}" = --write ]; then
  cp "$made" "$committed"
  exit
fi
# The first line is the version of glslang.
if [ "$(head -n 1 "$made")" != "$(head -n 1 "$committed")" ]; then
  echo "glslang is not the version that made $committed"
  exit 77
fi
cmp "$made" "$committed" || {
  echo "$committed is not that of $source: run tests/check-spirv.sh --write"
  exit 1
}
