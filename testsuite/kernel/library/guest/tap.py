# SPDX-License-Identifier: MIT
"""Points of a test, printed as TAP as they are made."""

import sys

made = failed = 0


def point(good, what, *why):
    """One point; why, if it is not so."""
    global made, failed
    made, failed = made + 1, failed + (not good)
    if not good:
        for line in "\n".join(map(str, why)).splitlines()[-8:]:
            print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} {made} - {what}", flush=True)


def skip(what, why):
    global made
    made += 1
    print(f"ok {made} - {what} # SKIP {why}", flush=True)


def finish():
    print(f"1..{made}", flush=True)
    sys.exit(failed != 0)
