#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes the built-in model from scratch: images, training, weight file.
#
# usage: train.sh FECLIP FOLDER
#
# FECLIP  the command that generates the images, build/tools/feclip
# FOLDER  the folder for all files, 7 GB. Existing files are kept, and a stopped
#         training run continues.
#
# Needs Debian's python3-torch, libopenblas0-pthread and python3-scipy.

set -eu

feclip=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3

# Kinds and defects that are excluded from training, for the evaluation.
kept_kinds=wood,leather,tiles,rolled-steel,biscuit,nut
kept_defects=crack,chip,burn,splatter

kinds=brushed-metal,cast-iron,woven-fabric,carpet,bricks,concrete,terrazzo
kinds=$kinds,metal-grid,perforated-sheet,solar-cell,circuit-board,screw,washer
kinds=$kinds,gear,bottle-cap,bottle-bottom,glass-pane,tablet,capsule,cable
kinds=$kinds,zipper,toothbrush,label
defects=scratch,hole,dent,stain,missing-part,foreign-body,misprint,thread,bend
defects=$defects,smear,crease,rust,discoloration

mkdir -p "$folder"
cd "$folder"

# images NAME OPTION...: generates a folder of arrays, unless it exists.
images () {
  name=$1
  shift
  [ -d "$name" ] && return
  rm -rf "$name.part"
  "$feclip" synth --npy "$name.part" "$@"
  mv "$name.part" "$name"
}

images items --count 60000 --size 120 --seed 5002 --severity 0.15-1 \
  --kinds "$kinds" --defects "$defects"
images belts --count 20000 --size 168 --seed 6001 --severity 0.15-1 \
  --belt-share 0.5 --kinds "$kinds" --defects "$defects"

# Half precision is faster only on processors that multiply it.
products=float32
grep -qs avx512_bf16 /proc/cpuinfo && products=bfloat16

# train NAME OPTION...: trains NAME.pt with the options, on both processors.
train () {
  name=$1
  shift
  "$python" "$here/train.py" "$name.pt" "$@" --batch 48 --workers 2 \
    --products $products
}

# First large defects, then most of them; at last larger images, with
# interpolated positions.
train large items --images 60000 --stop-at 24000 --least-area 0.012 \
  --seed 7 --warm-up 200 --muon-rate 0.01 --rate 7e-4
train main items belts --start large.pt --images 75000 --stop-at 43200 \
  --least-area 0.006 --seed 9 --warm-up 20 --muon-rate 0.005 --rate 5e-4
train end belts --size 168 --start main.pt --images 20400 \
  --least-area 0.004 --average 0.995 --seed 10 --warm-up 20 \
  --muon-rate 0.004 --rate 4e-4
"$python" "$here/export.py" end.pt both.safetensors

# The adapters are trained again by feclip's own trainer, on other images.
images tune --count 4000 --size 168 --seed 6101 --severity 0.15-1 \
  --belt-share 0.5 --kinds "$kinds" --defects "$defects"
[ -e adapters.safetensors ] ||
  "$feclip" train --model-file both.safetensors \
    --adapter-file both.safetensors --output adapters.safetensors \
    --epochs 1 --batch 32 --at-once 8 \
    --learning-rate 5e-5 --fc-patch-learning-rate 5e-5 \
    --focal-alpha 0.667 --focal-weight 15 --dice-weight 2 \
    --checkpoint-every 20 tune
"$python" "$here/export.py" end.pt builtin-model.safetensors \
  --adapters adapters.safetensors

# Metrics on kinds and defects that were excluded from training.
images all --count 1000 --size 168 --seed 900001 \
  --kinds "$kept_kinds" --defects "$kept_defects"
images plain --count 1000 --size 168 --seed 900003 --severity 0.6-1 \
  --extent 0.6-1 --kinds "$kept_kinds" --defects "$kept_defects"
for each in plain all; do
  echo
  echo "$each:"
  "$python" "$here/evaluate.py" "$each" builtin-model.safetensors --kinds
done
