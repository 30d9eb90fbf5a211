# SPDX-License-Identifier: MIT
"""What the fault program can do, and whether one of its runs went well."""

import dataclasses
import re

STYLES = {"once": "one call fails", "kind": "all later calls of its kind fail too", "all": "all later calls fail too"}
# Deliberate faults, and what the report has to say about them.
FAULTY = {"losing": r"blocks of memory were lost", "careless": r"ended by signal 11"}


@dataclasses.dataclass
class Scenario:
    name: str
    slots: bool  # it uses the library's own closures, which every mode serves in another way


def scenarios(listing):
    """The scenarios, from what the program prints without words."""
    return [Scenario(name, "slots" in words) for name, *words in map(str.split, listing.splitlines())]


def troubles(scenario, done):
    """What went wrong in a run of the program: lines, none when all is well."""
    lines = done.stdout.splitlines()
    if scenario.name in FAULTY:
        found = any(re.search(FAULTY[scenario.name], line) for line in lines)
        return [] if found else ["its deliberate fault is not reported", *lines]
    failed = re.fullmatch(r"([1-9]\d*) calls failed in turn, 0 were borne badly", lines[-1] if lines else "")
    return [] if failed and done.returncode == 0 else [*lines, done.stderr]
