#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes Debian packages of what is committed in this checkout, and has lintian
# look at them. They fit the release of Debian that this runs on.
#
# usage: tools/packaging/build-debs.sh [FOLDER]
#
# FOLDER  where the packages go, feclip-debs in the current one unless given
#
# Needs what debian/control names, and dpkg-dev; lintian is used where it is
# there. Exits with 77 where packages for building are missing.

set -eu
folder=${1:-feclip-debs}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/../.."

for program in git dpkg-buildpackage dpkg-checkbuilddeps; do
  command -v "$program" >/dev/null || {
    echo "$program is missing, without which there are no packages."
    exit 77
  }
done
dpkg-checkbuilddeps tools/packaging/debian/control || exit 77

version=$(sed -n "s/^  version : '\(.*\)',/\1/p" meson.build)
packaged=$(sed -n '1s/^feclip (\(.*\)-[^-]*) .*/\1/p' tools/packaging/debian/changelog)
if [ "$version" != "$packaged" ]; then
  echo "meson.build says $version, tools/packaging/debian/changelog $packaged."
  exit 1
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git archive --prefix="feclip-$version/" \
  -o "$scratch/feclip_$version.orig.tar.gz" HEAD
tar -xzf "$scratch/feclip_$version.orig.tar.gz" -C "$scratch"
cp -a tools/packaging/debian "$scratch/feclip-$version/debian"

(cd "$scratch/feclip-$version" &&
  dpkg-buildpackage --unsigned-source --unsigned-changes) \
  >"$scratch/log" 2>&1 || {
  tail -n 60 "$scratch/log"
  echo "The packages could not be built."
  exit 1
}
find "$scratch" -maxdepth 1 -type f -not -name log -exec mv -t "$folder" {} +
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning \
    "$folder/feclip_${version}"-*.changes || {
    echo "lintian has found faults."
    exit 1
  }
fi
ls "$folder"/*.deb
