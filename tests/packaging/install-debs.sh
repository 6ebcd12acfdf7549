#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds the Debian packages, installs them on a fresh Debian of the same release
# in a folder of its own, and uses them there. Exits with 77, which means skipped,
# where debootstrap, root or the network is missing.
#
# usage: install-debs.sh [FOLDER-WITH-PACKAGES]

set -u
cd "$(dirname "$0")/../.." || exit 1

skip () {
  echo "$*"
  exit 77
}

command -v debootstrap >/dev/null ||
  skip "debootstrap is missing, which makes a fresh Debian."
test "$(id -u)" -eq 0 || skip "A fresh Debian takes root."
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016 # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $release" \
  'Component: main' 2>/dev/null | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian/}

scratch=$(mktemp -d) || exit 1
root=$scratch/root
clean_up () {
  umount "$root/proc" 2>/dev/null
  rm -rf "$scratch"
}
trap clean_up EXIT

debs=${1:-}
if [ -z "$debs" ]; then
  debs=$scratch/debs
  tools/packaging/build-debs.sh "$debs"
  status=$?
  test "$status" -eq 0 || exit "$status"
fi

debootstrap --variant=minbase "$release" "$root" "$mirror" \
  >"$scratch/log" 2>&1 || {
  grep -q 'Failed getting release file\|Invalid Release' "$scratch/log" &&
    skip "Debian's archive cannot be reached."
  tail -n 20 "$scratch/log"
  exit 1
}
mount -t proc proc "$root/proc" || skip "A fresh Debian takes /proc."
cp /etc/resolv.conf "$root/etc/" 2>/dev/null
# Updates come from where they come from here, which may be an earlier state of
# the archive, or lie behind a proxy.
grep -lr debian-archive-keyring /etc/apt/sources.list.d 2>/dev/null |
  xargs -r cp -t "$root/etc/apt/sources.list.d"
apt-config dump | grep -E '^Acquire::(Check|https?)' \
  >"$root/etc/apt/apt.conf.d/90host"
mkdir "$root/debs"
cp "$debs"/*.deb "$root/debs/"

# inside COMMAND: there, with no more than a new user has.
inside () {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
    chroot "$root" sh -c "$1"
}

install_packages () {
  inside "apt-get update && apt-get install --yes --no-install-recommends \
    /debs/*.deb gstreamer1.0-tools gstreamer1.0-plugins-base \
    gstreamer1.0-plugins-good mesa-vulkan-drivers gcc libc6-dev pkg-config \
    python3-gi" >"$scratch/log" 2>&1 || {
    tail -n 20 "$scratch/log"
    return 1
  }
}

# check NAME COMMAND
check () {
  inside "$2" >"$scratch/log" 2>&1 || {
    tail -n 20 "$scratch/log"
    echo "FAILED: $1"
    exit 1
  }
  echo "ok: $1"
}

install_packages || exit 1
version=$(sed -n "s/^  version : '\(.*\)',/\1/p" meson.build)
check "the command" "feclip --version | grep -qxF 'feclip $version'"
for element in feclip feclipoverlay feclippublish; do
  check "$element" "gst-inspect-1.0 $element | grep 'Filename.*libgstfeclip.so'"
done
check "a pipeline" "cd /tmp && gst-launch-1.0 -q videotestsrc num-buffers=2 ! \
  video/x-raw,width=64,height=64 ! feclip ! \
  feclippublish file-path=lines.json ! feclipoverlay ! pngenc snapshot=true ! \
  filesink location=item.png && grep -q score lines.json"
check "a photo" "cd /tmp && feclip score item.png | grep -q score"
check "the manual" "test -f /usr/share/man/man1/feclip-score.1.gz"
check "the reference" "test -f /usr/share/doc/libfeclip-0/index.html"
check "Python" "python3 -c 'import gi
gi.require_version (\"Feclip\", \"${version%%.*}\")
from gi.repository import Feclip
assert Feclip.version () == Feclip.VERSION == \"$version\"'"
check "a program in C" "cd /tmp && printf '%s\n' \
  '#include <feclip/feclip.h>' '#include <feclip/gst/meta.h>' \
  '#if !FECLIP_CHECK_VERSION(0, 1, 0)' '#error version' '#endif' \
  'int main (void) { feclip_meta_get_info (); return !feclip_version (); }' \
  >program.c && gcc program.c -o program \
  \$(pkg-config --cflags --libs feclip feclip-gst) && ./program"
# All that the packages brought goes with them.
check "removal" "apt-get purge --yes '?narrow(?installed,?name(feclip))' && \
  ! find / -xdev -name '*feclip*' -not -path '/debs/*' -not -path '/tmp/*' \
    -not -path '/root/*' | grep ."
