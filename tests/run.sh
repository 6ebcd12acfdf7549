#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs the Debian packages that feclip needs, builds it with warnings as
# errors and runs every check: style, public headers, all tests with Vulkan's
# validation layer, all tests under ASan and UBSan, those of threads under TSan.
#
# usage: tests/run.sh
#
# FECLIP_GOLDEN      folder with the full golden data      } unset: the tests
# FECLIP_VOCABULARY  a vocabulary file of CLIP             } that need one are
# FECLIP_MEDIA       folder with sample videos             } skipped, and say so
# FECLIP_PACKAGING=1 also builds with each option of the build, makes the Debian
#                    packages and installs them on a fresh Debian: half an hour
# FECLIP_FULL_SIZE=1 also runs a network of the paper's size: 2 GB, two minutes
#
# The last line reads "N passed, N failed", and ", N skipped" where some were.

set -u
cd "$(dirname "$0")/.." || exit 1

build=build-tests
sanitized=build-tests-sanitized
threads=build-tests-threads
passed=0
failed=0
skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

say () {
  printf '\n== %s\n' "$*"
}

# The last line, and the exit status that goes with it.
finish () {
  total="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then
    total="$total, $skipped skipped"
  fi
  printf '\n%s\n' "$total"
  test "$failed" -eq 0
  exit
}

# check NAME COMMAND...: one check, which passes, fails or (status 77) is
# skipped.
check () {
  name=$1
  shift
  "$@"
  case $? in
    0) passed=$((passed + 1)); echo "ok: $name" ;;
    77) skipped=$((skipped + 1)); echo "skipped: $name" ;;
    *) failed=$((failed + 1)); echo "FAILED: $name" ;;
  esac
}

# configure FOLDER OPTION...: leaves a folder of an earlier run as it is, so that
# little is built again.
configure () {
  folder=$1
  shift
  test -f "$folder/build.ninja" ||
    meson setup "$folder" -Dwerror=true "$@" >"$log" 2>&1 || {
      tail -n 20 "$log"
      return 1
    }
}

# share_cache FOLDER: its tests take the shaders that those of the plain build
# had compiled, which takes half of many a test's time.
share_cache () {
  mkdir -p "$build/tests/cache" "$1/tests"
  test -e "$1/tests/cache" || ln -s "$PWD/$build/tests/cache" "$1/tests/cache"
}

# compile FOLDER TARGET...: all without targets.
compile () {
  folder=$1
  shift
  ninja -C "$folder" "$@" >"$log" 2>&1 || {
    grep -v '^\[' "$log" | tail -n 60
    return 1
  }
}

# run_tests FOLDER OPTION...: runs what is built there and counts each test
# case.
run_tests () {
  folder=$1
  shift
  meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
  counts=$(python3 tests/scripts/count-results.py "$folder/meson-logs/testlog.json") || {
    failed=$((failed + 1))
    return
  }
  set -- $counts
  echo "$folder: $1 passed, $2 failed, $3 skipped"
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
}

say "packages"
tests/scripts/install-packages.sh || {
  failed=1
  finish
}

say "style"
check "style" tests/scripts/check-style.sh
check "format" tests/scripts/check-format.sh

say "build with warnings as errors: $build"
build_plain () {
  configure "$build" && compile "$build" all meson-test-prereq
}
check "build" build_plain

say "public headers, each compiled alone"
check "headers" tests/scripts/check-headers.sh "$build"

say "includes that a folder must not have"
check "rooms" tests/scripts/check-rooms.sh "$build"

if [ -f "$build/build.ninja" ]; then
  say "tests, with Vulkan's validation layer"
  FECLIP_VALIDATION=1 run_tests "$build"
fi

# build_sanitized: also the library that helps to tell leaks apart.
build_sanitized () {
  configure "$sanitized" -Db_sanitize=address,undefined -Db_lundef=false &&
    share_cache "$sanitized" &&
    compile "$sanitized" all meson-test-prereq || return 1
  cc -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer \
    -fno-optimize-sibling-calls -shared -fPIC -Wl,-z,initfirst \
    -o "$sanitized/leak-check.so" tests/support/leak_check.c
}

say "build with ASan and UBSan: $sanitized"
check "sanitized build" build_sanitized

if [ -f "$sanitized/leak-check.so" ]; then
  say "tests under ASan and UBSan"
  # GStreamer's scanner and other programs without ASan load libraries that
  # have it: they may. A driver that allocates much in small pieces must not
  # fill the memory with what ASan keeps of it; the full-size test would count
  # what the sanitizers take.
  LD_PRELOAD="$PWD/$sanitized/leak-check.so" \
  ASAN_OPTIONS=detect_leaks=1:verify_asan_link_order=0:quarantine_size_mb=1 \
  FECLIP_FULL_SIZE=0 \
  LSAN_OPTIONS=suppressions="$PWD/tests/scripts/leaks.supp":print_suppressions=0 \
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    run_tests "$sanitized" --timeout-multiplier 4
fi

# build_threads: what runs several threads, and the library that tells the
# sanitizer of GLib's locks.
build_threads () {
  configure "$threads" -Db_sanitize=thread -Db_lundef=false &&
    share_cache "$threads" &&
    compile "$threads" gst/libgstfeclip.so \
      tests/kernels/test-command_buffer tests/network/test-batch \
      tests/network/test-concurrency tests/network/test-detector \
      tests/gst/test-background tests/gst/test-batch \
      tests/gst/test-batch_registry tests/gst/test-changes \
      tests/gst/test-feclip tests/gst/test-prompts tests/gst/test-requests \
      tests/gst/test-overload || return 1
  # shellcheck disable=SC2046 # words on purpose
  cc -O1 -g -Wall -Wextra -Werror -shared -fPIC \
    $(pkg-config --cflags gobject-2.0) \
    -o "$threads/race-check.so" tests/support/race_check.c
}

say "build with TSan: $threads"
check "build for threads" build_threads

if [ -f "$threads/race-check.so" ]; then
  say "tests of threads under TSan"
  # GStreamer's scanner could not load a plugin that needs TSan. GLib's slices
  # pass memory from thread to thread by locks that TSan does not see.
  LD_PRELOAD="$PWD/$threads/race-check.so" \
  G_SLICE=always-malloc \
  GST_REGISTRY_FORK=no \
  TSAN_OPTIONS=ignore_noninstrumented_modules=1:history_size=4 \
    run_tests "$threads" --timeout-multiplier 4 \
    gst-background gst-batch gst-batch-registry gst-changes gst-feclip \
    gst-overload gst-prompts gst-requests kernels-command-buffer-default \
    network-batch network-concurrency network-detector
fi

if [ "${FECLIP_PACKAGING:-0}" = 1 ]; then
  say "packaging"
  check "options of the build" tests/packaging/options.sh
  check "Debian packages" tests/packaging/install-debs.sh
fi

finish
