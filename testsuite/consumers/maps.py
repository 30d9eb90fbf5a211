# SPDX-License-Identifier: MIT
"""What /proc/self/maps says about this process: which libffi is in it, and where executable code lies."""

import collections
import os
import re

Mapping = collections.namedtuple("Mapping", "start end perms path")


def mappings():
    """Every mapping of this process, in address order."""
    found = []
    with open("/proc/self/maps") as f:
        for line in f:
            fields = line.rstrip("\n").split(None, 5)
            start, end = (int(x, 16) for x in fields[0].split("-"))
            found.append(Mapping(start, end, fields[1], fields[5] if len(fields) > 5 else ""))
    return found


def mapping_of(address):
    for m in mappings():
        if m.start <= address < m.end:
            return m
    raise LookupError(f"nothing is mapped at {address:#x}")


def loaded_libffi():
    """The files named libffi.so.* that are mapped, sorted: exactly one in a healthy process."""
    names = {m.path.removesuffix(" (deleted)") for m in mappings()
             if re.fullmatch(r"libffi\.so(\.[0-9]+)*( \(deleted\))?", os.path.basename(m.path))}
    return sorted(names)


def writable_executable():
    return [m for m in mappings() if "w" in m.perms and "x" in m.perms]


def resident_kb():
    """Resident memory in kB."""
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
