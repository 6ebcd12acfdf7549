#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes the built-in model from nothing: the pictures, the training, the file.
#
# usage: train.sh FECLIP FOLDER
#
# FECLIP  the command that is to make the pictures, build/tools/feclip
# FOLDER  for all that is made, 9 GB. What is there already is not made again
#         and a training run that was stopped goes on.
#
# Needs Debian's python3-torch, libopenblas0-pthread and python3-scipy.

set -eu

feclip=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3

# What no training picture shows, neither as an item nor as a defect.
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

# pictures NAME OPTION...: a folder of arrays, unless it is there.
pictures () {
  name=$1
  shift
  [ -d "$name" ] && return
  rm -rf "$name.part"
  "$feclip" synth --npy "$name.part" "$@"
  mv "$name.part" "$name"
}

pictures items --count 80000 --size 120 --seed 5002 --severity 0.15-1 \
  --kinds "$kinds" --defects "$defects"
pictures belts --count 30000 --size 168 --seed 6001 --severity 0.15-1 \
  --belt-share 0.5 --kinds "$kinds" --defects "$defects"

# A start at a high rate, a part with large defects only, the main part, and the
# end on larger pictures, the positions interpolated.
"$python" "$here/train.py" start.pt items --images 200000 --stop-at 38400 \
  --batch 48 --workers 2 --seed 7 --warm-up 200 --muon-rate 0.02 --rate 1e-3 \
  --pair 0
"$python" "$here/train.py" large.pt items --start start.pt \
  --images 100000 --stop-at 19200 --least-area 0.012 \
  --batch 32 --seed 8 --warm-up 20 --muon-rate 0.004 --rate 5e-4
"$python" "$here/train.py" main.pt items belts --start large.pt \
  --images 150000 --stop-at 76800 --least-area 0.006 \
  --batch 48 --workers 2 --seed 9 --warm-up 20 --muon-rate 0.005 --rate 5e-4
"$python" "$here/train.py" end.pt belts --size 168 --start main.pt \
  --images 32000 --least-area 0.004 --average 0.995 \
  --batch 32 --workers 2 --seed 10 --warm-up 20 --muon-rate 0.004 --rate 4e-4
"$python" "$here/export.py" end.pt builtin-model.safetensors

# Its figures, on what it has never seen.
pictures all --count 1000 --size 168 --seed 900001 \
  --kinds "$kept_kinds" --defects "$kept_defects"
pictures plain --count 1000 --size 168 --seed 900003 --severity 0.6-1 \
  --extent 0.6-1 --kinds "$kept_kinds" --defects "$kept_defects"
for each in plain all; do
  echo
  echo "$each:"
  "$python" "$here/evaluate.py" "$each" builtin-model.safetensors --kinds
done
