#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the test cases in a testlog.json of meson.

Prints "PASSED FAILED SKIPPED" to standard output; what failed and why something
was skipped go to standard error. A program that does not speak TAP is one case,
and one that ends badly without a failed case of its own is one failed case.
"""

import json
import re
import sys

CASE = re.compile(r"^(ok|not ok)\b ?\d* ?-? ?(.*)$")
SKIP = re.compile(r"^(.*?)\s*# SKIP\b\s*(.*)$", re.IGNORECASE)


def count(test):
    """Returns the passed, failed and skipped cases of one program."""
    passed, failed, skipped = [], [], []
    for line in test.get("stdout", "").splitlines():
        case = CASE.match(line)
        if not case:
            continue
        name = case.group(2)
        skip = SKIP.match(name)
        if case.group(1) == "not ok":
            failed.append(name)
        elif skip:
            skipped.append(f"{skip.group(1)}: {skip.group(2)}")
        else:
            passed.append(name)
    result = test["result"]
    if result in ("OK", "EXPECTEDFAIL") and not passed + failed + skipped:
        passed.append(test["name"])
    elif result == "SKIP" and not skipped:
        skipped.append(test["name"])
    elif result not in ("OK", "EXPECTEDFAIL", "SKIP") and not failed:
        failed.append(f"{test['name']}: {result.lower()}")
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        for line in log:
            test = json.loads(line)
            cases = count(test)
            for i, names in enumerate(cases):
                totals[i] += len(names)
            for name in cases[1]:
                print(f"FAILED: {name}", file=sys.stderr)
            for name in cases[2]:
                print(f"skipped: {name}", file=sys.stderr)
    print(*totals)


if __name__ == "__main__":
    main()
