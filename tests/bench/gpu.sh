#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What there is to know on a machine with a GPU, in one call of a few minutes: is
# every kernel right there, and how fast is the network in each way that it has.
#
# usage: tests/bench/gpu.sh [BUILD]
#
# BUILD          a build folder, made and built where it is not there yet
# FECLIP_DEVICE  the device for comparisons; unset: the best
# PYTHON         a Python with torch that sees the GPU; unset: python3
# SIZE, ROUNDS   the network's, and of each measurement; unset: ViT-L-14-336 and 20.
#                ViT-B-32-224 and 2 try the script where there is no GPU

set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1-build-gpu}
size=${SIZE-ViT-L-14-336}
rounds=${ROUNDS-20}
failed=0

say () {
  printf '\n== %s\n' "$*"
}

if [ ! -f "$build/build.ninja" ]; then
  meson setup "$build" -Dwerror=true || exit 1
fi
ninja -C "$build" all meson-test-prereq tests/bench/product_tiles \
  tests/bench/rounds || exit 1
feclip=$build/tools/feclip

say "devices"
"$feclip" devices

# Software drivers have tests of their own: here only the device's way counts.
say "kernels beside plain C, with the validation layer"
for program in ops matrix command_buffer preprocess frames; do
  FECLIP_VALIDATION=1 timeout 120 "$build/tests/kernels/test-$program" -k || failed=1
done

say "matrices of whole workgroups, where VK_NV_cooperative_matrix2 is there"
FECLIP_COOPMAT=2 FECLIP_VALIDATION=1 timeout 90 \
  "$build/tests/kernels/test-ops" -k -p /ops/matmul || failed=1

say "the network beside golden numbers, and fp16 beside fp32"
FECLIP_VALIDATION=1 timeout 120 "$build/tests/network/test-stages" || failed=1
FECLIP_VALIDATION=1 timeout 120 "$build/tests/network/test-detector" \
  -p /detector/results -p /detector/precision || failed=1
for coopmat in 1 2; do
  FECLIP_FULL_SIZE=$size FECLIP_BUILTIN_MODEL=src/api/builtin-model.safetensors \
    FECLIP_COOPMAT=$coopmat timeout 120 "$build/tests/network/test-precision" || failed=1
done

# Where the chosen tile is not about as fast as the best one, the constants of
# src/compute/product_choice.c are off.
say "every tile of every product: fp32, cooperative matrices, matrices of workgroups"
timeout 60 "$build/tests/bench/product_tiles" 10 || failed=1
for coopmat in 1 2; do
  FECLIP_COOPMAT=$coopmat FECLIP_BENCH_PRECISION=fp16 timeout 60 \
    "$build/tests/bench/product_tiles" 10 || failed=1
done

say "fp32"
timeout 120 "$feclip" bench --size "$size" --precision fp32 --rounds "$rounds" \
  --profile || failed=1
say "fp16 weights, fp32 products"
timeout 120 "$feclip" bench --size "$size" --precision fp32 \
  --weights-storage fp16 --rounds "$rounds" --profile || failed=1
say "fp16, on cooperative matrices where there are some"
timeout 120 "$feclip" bench --size "$size" --precision fp16 --rounds "$rounds" \
  --batch 1,2,4,8 --profile || failed=1
say "fp16, with matrices of whole workgroups where the driver takes them"
FECLIP_COOPMAT=2 timeout 120 "$feclip" bench --size "$size" \
  --precision fp16 --rounds "$rounds" --batch 1,2,4,8 --profile || failed=1

say "beside PyTorch"
timeout 180 python3 tests/bench/compare.py --build "$build" \
  --python "${PYTHON:-python3}" --size "$size" --rounds "$rounds" gpu || failed=1

exit "$failed"
