#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether the pages of the manual and bash's completion know each command, each
# option and each value that --help shows, and whether readers of manuals take the
# pages without a warning.
#
# usage: help.sh FECLIP FOLDER-WITH-PAGES

set -u
feclip=$1
folder=$2
failed=0

offence () {
  echo "$*"
  failed=1
}

# shellcheck source=/dev/null
. "$folder/feclip.bash" || exit 1
# Programmable completion's own, which works in a completion only.
compopt () {
  :
}

# complete WORD...: what bash would offer for the last word.
complete_line () {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _feclip
}

# offers WHAT: whether that was offered.
offers () {
  printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -e "$1"
}

# check_values COMMAND OPTION VALUES: a list of words with "|" between them.
check_values () {
  local word

  for word in ${3//|/ }; do
    complete_line feclip "$1" "$2" = "${word:0:1}"
    offers "$word" || offence "$1 $2=: the completion lacks $word"
  done
}

# check_option COMMAND PAGE OPTION VALUE
check_option () {
  local roff=${3//-/\\-}

  grep -qE "^\\\\fB${roff//\\/\\\\}\\\\fR(=|\$)" "$2" ||
    offence "$2 lacks $3"
  complete_line feclip "$1" "${3%?}"
  offers "$3${4:+=}" || offence "$1: the completion lacks $3"
  case $4 in
    *[a-z]*"|"*[a-z]*) check_values "$1" "$3" "$4" ;;
    FILE | DIR | LOCATION)
      complete_line feclip "$1" "$3" = "$folder/feclip.b"
      offers "$folder/feclip.bash" || offence "$1 $3=: no files are offered" ;;
  esac
}

# check_page PAGE: whether those who show it are content.
check_page () {
  local said

  if command -v mandoc >/dev/null; then
    said=$(mandoc -Tlint "$1") || offence "$said"
  fi
  if command -v man >/dev/null; then
    said=$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" \
      2>&1 >/dev/null)
    test -z "$said" || offence "$1: $said"
  fi
}

check_command () {
  local page=$folder/feclip-$1.1 options=0 line

  test -f "$page" || {
    offence "There is no page of the manual for $1"
    return
  }
  grep -qF "feclip\\-$1" "$folder/feclip.1" || offence "feclip.1 lacks $1"
  complete_line feclip "${1%?}"
  offers "$1" || offence "The completion lacks the command $1"
  while read -r line; do
    check_option "$1" "$page" "${line%%=*}" \
      "$(printf '%s' "$line" | sed -n 's/^[^=]*=//p')"
    options=$((options + 1))
  done < <("$feclip" "$1" --help | sed -n 's/^  \(--.*\)/\1/p')
  test "$options" -gt 0 || offence "$1 --help shows no option"
  check_page "$page"
}

commands=$("$feclip" --help |
  sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
test -n "$commands" || offence "feclip --help shows no command"
for command in $commands; do
  check_command "$command"
done
for option in $("$feclip" --help | sed -n 's/^  \(--[a-z]*\).*/\1/p'); do
  grep -qF "${option//-/\\-}" "$folder/feclip.1" || offence "feclip.1 lacks $option"
  complete_line feclip "${option%?}"
  offers "$option" || offence "The completion lacks $option"
done
check_page "$folder/feclip.1"

# Arguments are files, in the form of two words as well; a number has no words.
complete_line feclip score "$folder/feclip.b"
offers "$folder/feclip.bash" || offence "score: no files are offered"
complete_line feclip score --model-file "$folder/feclip.b"
offers "$folder/feclip.bash" || offence "score --model-file: no files are offered"
complete_line feclip score --fit s
offers stretch || offence "score --fit: no words are offered"
complete_line feclip score --threshold = ""
test "${#COMPREPLY[@]}" -eq 0 || offence "score --threshold=: ${COMPREPLY[*]}"
exit "$failed"
