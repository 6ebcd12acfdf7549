#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether the SPIR-V that is committed is that of its source, and valid where
# spirv-val is there to say so. Exits with 77, which means skipped, where glslang
# is another version than the one that made it.
#
# usage: tests/scripts/check-spirv.sh [--write]
#
# --write  makes it anew, with any glslang that knows GL_NV_cooperative_matrix2
#          (Debian 13's does)

set -u
cd "$(dirname "$0")/../../shaders" || exit 1

mode=${1-}
status=0
made=$(mktemp) || exit 1
trap 'rm -f "$made" "$made.spv"' EXIT

# check NAME SOURCE ENVIRONMENT DEFINITION...: one array of SPIR-V.
check () {
  name=$1
  source=$2
  environment=$3
  committed=compiled/$name.spv.inc
  shift 3
  set -- "$@" -V --target-env "$environment" --quiet -I. "$source"
  glslangValidator "$@" --vn "${name}_spv" -o "$made" >/dev/null 2>&1 || {
    echo "glslang cannot compile $source: it is older than its matrices"
    exit 77
  }
  if [ "$mode" = --write ]; then
    cat "$made" >"$committed"
    return
  fi
  # The first line is the version of glslang.
  if [ "$(head -n 1 "$made")" != "$(head -n 1 "$committed")" ]; then
    echo "glslang is not the version that made $committed"
    exit 77
  fi
  cmp "$made" "$committed" || {
    echo "$committed is not that of $source: run tests/scripts/check-spirv.sh --write"
    status=1
  }
  if command -v spirv-val >/dev/null; then
    glslangValidator "$@" -o "$made.spv" >/dev/null &&
      spirv-val --target-env "$environment" "$made.spv" || status=1
  fi
}

check matmul_coopmat matmul_coopmat.comp vulkan1.1
check matmul_coopmat2 matmul_coopmat2.comp vulkan1.3
check matmul_coopmat2_tensors matmul_coopmat2.comp vulkan1.3 -DTENSORS
exit "$status"
