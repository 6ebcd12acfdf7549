#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether GStreamer, which is pointed at the plugin's folder in the build folder,
# finds the plugin there and nothing that it takes for one but cannot load.
#
# usage: scan.sh FOLDER

set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export GST_PLUGIN_PATH_1_0="$1" GST_PLUGIN_SYSTEM_PATH_1_0=
export GST_REGISTRY="$scratch/registry"

gst-inspect-1.0 feclip >"$scratch/plugin" 2>"$scratch/warnings" || {
  cat "$scratch/warnings"
  exit 1
}
if [ -s "$scratch/warnings" ]; then
  cat "$scratch/warnings"
  exit 1
fi
rm "$GST_REGISTRY"
GST_DEBUG=2,GST_PLUGIN_LOADING:5,GST_REGISTRY:5 GST_DEBUG_NO_COLOR=1 \
  gst-inspect-1.0 --print-all >/dev/null 2>"$scratch/debug"
if grep -E 'WARN|ERROR|not a GStreamer plugin|entry point|lacklist' "$scratch/debug"; then
  exit 1
fi
gst-inspect-1.0 --print-blacklist >"$scratch/blacklist"
grep -q '^Total count: 0' "$scratch/blacklist" || {
  cat "$scratch/blacklist"
  exit 1
}
