#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether `meson install --tags runtime` gives a command and a plugin that work,
# the built-in model included, and nothing that is for building only.
#
# usage: install.sh BUILD-FOLDER PREFIX LIBDIR

set -u
build=$1
prefix=$2
libdir=$3
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root

fail () {
  echo "$*"
  exit 1
}

DESTDIR=$root meson install -C "$build" --no-rebuild --tags runtime \
  >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }

lib=$root$prefix/$libdir
for file in libfeclip.so.0 libfeclip-gst.so.0 gstreamer-1.0/libgstfeclip.so; do
  test -f "$lib/$file" || fail "There is no $file."
done
for file in libfeclip.so libfeclip-gst.so pkgconfig; do
  test ! -e "$lib/$file" || fail "$file is not for running."
done
test ! -e "$root$prefix/include" || fail "Headers are not for running."

# Away from the build folder, whose libraries and model must not be found.
cd "$scratch" || exit 1
export LD_LIBRARY_PATH="$lib"
export FECLIP_BUILTIN_MODEL="$root$prefix/share/feclip/builtin-model.safetensors"
export GST_PLUGIN_PATH_1_0="$lib/gstreamer-1.0"
export GST_REGISTRY="$scratch/registry"
unset GST_PLUGIN_PATH GST_PLUGIN_SYSTEM_PATH GST_PLUGIN_SYSTEM_PATH_1_0
command=$root$prefix/bin/feclip

ldd "$command" | grep "$build" && fail "The command needs the build folder."
"$command" --version || fail "The command does not start."
gst-launch-1.0 -q videotestsrc num-buffers=1 ! \
  video/x-raw,width=64,height=64 ! pngenc ! filesink location=item.png ||
  fail "No image could be made."
"$command" score item.png >line.json || fail "The command scores nothing."
grep -q '"score"' line.json || fail "This is no result: $(cat line.json)"
gst-launch-1.0 -q videotestsrc num-buffers=2 ! \
  video/x-raw,width=64,height=64 ! feclip ! \
  feclippublish file-path=lines.json ! feclipoverlay ! fakesink ||
  fail "The plugin does not run."
test "$(wc -l <lines.json)" -eq 2 || fail "Results are missing."
