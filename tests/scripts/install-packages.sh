#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs the Debian packages that building and testing feclip takes, those
# that are missing only. Needs root or sudo if there are any.
#
# usage: tests/scripts/install-packages.sh [--small]
#
# --small leaves out what only frames in Vulkan memory take, the headers of
# GStreamer's Vulkan library, which come with those of OpenCV, 400 MB; and what
# makes and checks documentation. With FECLIP_PACKAGING=1 there is also what makes
# and checks Debian packages.

set -u

packages="
  gcc g++ meson ninja-build pkg-config python3
  glslang-tools libvulkan-dev mesa-vulkan-drivers vulkan-validationlayers
  libglib2.0-dev libjson-glib-dev libcairo2-dev libpango1.0-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
  gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0
  gstreamer1.0-x fonts-dejavu-core xvfb xauth locales clang-format
  libgirepository1.0-dev gobject-introspection python3-gi python3-gi-cairo
  python3-sklearn
"

if [ "${1:-}" != --small ]; then
  packages="$packages libgstreamer-plugins-bad1.0-dev gi-docgen mandoc"
fi
if [ "${FECLIP_PACKAGING:-0}" = 1 ]; then
  packages="$packages git dpkg-dev debhelper lintian debootstrap"
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian: the packages have to be there already."
  exit 0
fi

missing=
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)
  if [ "$status" != installed ]; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  echo "All packages are there."
  exit 0
fi
echo "Missing:$missing"

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true; } 2>/dev/null; then
  as_root=sudo
else
  echo "Installing them takes root. Run this as root, or first:"
  echo "  apt-get install$missing"
  exit 1
fi

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
echo "Installing them."
# shellcheck disable=SC2086 # words on purpose
if ! { $as_root apt-get update \
  && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log"
  echo "The packages could not be installed."
  exit 1
fi
