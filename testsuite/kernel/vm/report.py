# SPDX-License-Identifier: MIT
"""Counts the test points on a console and holds them against what programs/list expects."""
import re

POINT = re.compile(r"(not )?ok (\d+) - (.*?)(?: # SKIP (.*))?")
# A complaint in the kernel's log, of its own checks too: KASAN, UBSAN, lockdep, lists, references.
COMPLAINT = re.compile(
    r"\[ *\d+\.\d+\] .*(?:\bBUG\b|WARNING:|KASAN:|UBSAN:|Oops|general protection|unable to handle|"
    r"RCU.*(?:stall|suspicious)|rcu.*self-detected|possible (?:circular|recursive)|"
    r"INFO: trying to register|corruption|leak).*")
# The taints of a module that is not signed, from outside the kernel's tree, and no other.
OUTSIDE, UNSIGNED = 4096, 8192


class Results:
    def __init__(self, target):
        self.target, self.passed, self.failures, self.skips = target, 0, [], []

    def point(self, ok, what, details=()):
        if ok:
            self.passed += 1
        else:
            self.failures.append("\n    ".join([what, *details]))

    def skip(self, what, reason):
        self.skips.append(f"{what}: {reason}")

    def print(self):
        for skip in self.skips:
            print(f"SKIP: {skip}")
        for failure in self.failures:
            print(f"FAILED: {failure}")
        print(f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped")
        return 1 if self.failures else 0


def _sections(lines):
    """Splits a console into its programs' lines and the `@@` remarks between them."""
    sections, remarks, name = {}, [], None
    for line in lines:
        if line.startswith("@@ begin "):
            name = line.split()[2]
            sections[name] = ([], None)
        elif line.startswith("@@ end "):
            _, _, ended, status = line.split()
            sections[ended] = (sections[ended][0], int(status))
            name = None
        elif line.startswith("@@ "):
            remarks.append(line[3:])
        elif name:
            sections[name][0].append(line)
    return sections, remarks


def _program(name, lines, status, expected, expected_skips, results):
    """Every point of one program, and that there are as many as there should be."""
    seen = skipped = 0
    plan = None
    for line in lines:
        match = POINT.fullmatch(line)
        if match:
            seen += 1
            what = f"{name}: {match[3]}"
            if match[4] is not None:
                skipped += 1
                results.skip(what, match[4])
            else:
                remarks = [l for l in lines if l.startswith("# ")][-5:] if match[1] else ()
                results.point(not match[1], what, remarks)
        elif re.fullmatch(r"1\.\.\d+", line):
            plan = int(line[3:])
    tail = lines[-5:]
    if plan != seen or seen == 0:
        results.point(False, f"{name}: planned {plan} points, printed {seen}", tail)
    if expected is not None and (seen, skipped) != (expected, expected_skips):
        results.point(False, f"{name}: {seen} points, {skipped} of them skipped; expected "
                             f"{expected} and {expected_skips}", tail)
    if status != 0 and not any(line.startswith("not ok") for line in lines):
        results.point(False, f"{name}: ended with status {status}", tail)


def read_console(log, trouble, programs, results, signed=False):
    text = log.read_bytes().decode(errors="replace").replace("\r", "")
    lines = text.splitlines()
    sections, remarks = _sections(lines)
    results.point(trouble is None and "done" in remarks,
                  "the machine ran to its end" + (f": {trouble}" if trouble else ""),
                  lines[-15:] if "done" not in remarks else ())
    results.point("insmod 0" in remarks, "the module loads")
    results.point("device 666" in remarks, "the device has mode 0666")
    for program in programs:
        got, status = sections.get(program.name, ([], None))
        _program(program.name, got, status, program.points,
                 program.skips.get(results.target, 0), results)
    results.point("rmmod 0" in remarks, "the module unloads")
    # The console shows grave ones at once, and the log at the end repeats them.
    complaints = list(dict.fromkeys(m[0] for m in map(COMPLAINT.search, lines) if m))
    complaints += ["lockdep has given up"] if "lockdep 0" in remarks else []
    results.point(not complaints, "the kernel has nothing to complain of", complaints[:10])
    taint = [r.split()[1] for r in remarks if r.startswith("tainted ")]
    allowed = OUTSIDE if signed else OUTSIDE | UNSIGNED
    results.point(len(taint) == 1 and not int(taint[0]) & ~allowed, f"the kernel's taint is {taint}")
