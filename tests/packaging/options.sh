#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether the build's options leave out what they say, and the rest is built and
# installed: without GStreamer, the command or the tests, by choice or because
# GStreamer is not there.
#
# usage: options.sh

set -u
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0
# Where there is ccache: what one build compiles, the next need not.
export CCACHE_BASEDIR="$scratch" CCACHE_NOHASHDIR=1

offence () {
  echo "$*"
  failed=1
}

# configure NAME OPTION...
configure () {
  name=$1
  shift
  meson setup "$scratch/$name" . --prefix=/usr "$@" >"$scratch/$name.log" 2>&1
}

# install NAME OPTION...
install () {
  name=$1
  configure "$@" && ninja -C "$scratch/$name" >>"$scratch/$name.log" 2>&1 &&
    DESTDIR=$scratch/$name-root meson install -C "$scratch/$name" \
      --no-rebuild >>"$scratch/$name.log" 2>&1 || {
    tail -n 30 "$scratch/$name.log"
    offence "$name: it cannot be installed"
  }
}

# has NAME PATTERN, lacks NAME PATTERN: among the installed files.
files () {
  (cd "$scratch/$1-root" && find . -path "$2")
}
has () {
  files "$1" "$2" | grep -q . || offence "$1: no $2"
}
lacks () {
  files "$1" "$2" | grep . && offence "$1: $2"
}

# said NAME TEXT: in the log.
said () {
  grep -qF -- "$2" "$scratch/$1.log" || {
    tail -n 20 "$scratch/$1.log"
    offence "$1: it does not say \"$2\""
  }
}

install without-gst -Dgst=disabled
grep 'dependency gst.* found' "$scratch/without-gst.log" &&
  offence "without-gst: GStreamer is looked for"
said without-gst 'no, GStreamer is disabled'
has without-gst '*/libfeclip.so.0'
has without-gst '*/feclip/version.h'
has without-gst '*/builtin-model.safetensors'
lacks without-gst '*gst*'
lacks without-gst '*/bin/*'
meson test -C "$scratch/without-gst" core-weights network-introspection \
  >"$scratch/tests.log" 2>&1 || {
  tail -n 20 "$scratch/tests.log"
  offence "without-gst: its tests fail"
}

install without-tools -Dtools=disabled
has without-tools '*/gstreamer-1.0/libgstfeclip.so'
lacks without-tools '*/bin/*'
lacks without-tools '*/man1/*'

install without-tests -Dtests=disabled
has without-tests '*/bin/feclip'
has without-tests '*/man1/feclip-score.1'
has without-tests '*/gstreamer-1.0/libgstfeclip.so'
find "$scratch/without-tests" -name 'test-*' | grep . &&
  offence "without-tests: there are test programs"

configure contradiction -Dgst=disabled -Dtools=enabled &&
  offence "contradiction: the command was built without GStreamer"
said contradiction 'the command reads images with GStreamer'

# A machine without GStreamer's development files.
mkdir "$scratch/pkgconfig"
for folder in $(pkg-config --variable pc_path pkg-config | tr : ' '); do
  for file in "$folder"/*.pc; do
    case ${file##*/} in
      gstreamer* | '*.pc') ;;
      *) ln -sf "$file" "$scratch/pkgconfig" ;;
    esac
  done
done
export PKG_CONFIG_LIBDIR="$scratch/pkgconfig"
configure missing || offence "missing: it cannot be configured"
said missing 'no, GStreamer >= 1.22 was not found'
configure required -Dgst=enabled && offence "required: GStreamer is not required"
said required 'Dependency "gstreamer-1.0" not found'
exit "$failed"
