# SPDX-License-Identifier: MIT
"""What a trace of system calls may not show: each rule looks at one call, as strace -y prints it, and says what is wrong."""

import re

CALLS = ["mmap", "mmap2", "mprotect", "pkey_mprotect", "mremap", "memfd_create", "open", "openat", "shmat"]
# [pid 12] mmap(...) = 0x7f... ; with -f and -o a line starts with the process.
LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<arguments>.*)\) += (?P<result>\S+)")
UNFINISHED = re.compile(r"^(?P<pid>\d+) +(?P<start>\w+\(.*) <unfinished \.\.\.>$")
# With -k, the stack of a call follows it, innermost frame first.
FRAME = re.compile(r"^ > (?P<object>[^(]*)")
# Objects that make calls on behalf of others.
GO_BETWEENS = re.compile(r"/(libc|libpthread|libasan|ld-linux[^/]*)\.so[^/]*$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)$")


def whole(lines):
    """The lines of a trace with calls that were interrupted put together again."""
    begun = {}
    for line in lines:
        line = line.rstrip("\n")
        if match := UNFINISHED.match(line):
            begun[match["pid"]] = match["start"]
        elif match := RESUMED.match(line):
            if match["pid"] in begun:
                yield f"{match['pid']} {begun.pop(match['pid'])}{match['rest']}"
        else:
            yield line


def complaint(line, legacy):
    """What is wrong with the call on this line, or None. In legacy mode memory may gain execution, in the ways that README.md of the glue
    names; never together with writing."""
    match = LINE.match(line)
    if not match or match["call"] not in CALLS or match["result"] == "-1":
        return None
    call, arguments = match["call"], match["arguments"]
    execute, write = "PROT_EXEC" in arguments, "PROT_WRITE" in arguments
    if execute and write:
        return "writable and executable"
    if call in ("mprotect", "pkey_mprotect") and execute and not legacy:
        return "gains execution"
    if call in ("mmap", "mmap2") and execute:
        if "/memfd:" in arguments and not legacy:
            return "a memory file mapped executable"
        if "MAP_ANONYMOUS" in arguments:
            return "anonymous and executable"
    if call == "memfd_create" and "MFD_NOEXEC_SEAL" not in arguments and not re.search(r"\b0x[0-9a-f]*[89a-f]\b", arguments):
        return "an executable memory file"
    if call in ("open", "openat") and re.search(r'libffi[^"/]*\.so[^"/]*"', arguments) and re.search(r"O_RDWR|O_WRONLY", arguments):
        return "the library's file opened for writing"
    if call == "shmat" and "SHM_EXEC" in arguments:
        return "executable shared memory"
    return None


def caller(frames, go_between=None):
    """The object that a call comes from: the first of its stack that is no go-between, or the last; None without a stack."""
    objects = [match["object"] for match in map(FRAME.match, frames) if match]
    return next((name for name in objects if name != go_between and not GO_BETWEENS.search(name)), objects[-1] if objects else None)


def complaints(lines, legacy=False, own=None, go_between=None):
    """(complaint, line) of every call that a rule refuses, and how many calls there were. With `own', the start of a file name, what
    other objects than such files did is not complained of; what an object did that is a go-between counts as its caller's."""
    found, calls, frames, pending = [], 0, [], None

    def settle():
        if pending and (own is None or (caller(frames, go_between) or own).startswith(own)):
            found.append(pending)

    for line in whole(lines):
        if FRAME.match(line):
            frames.append(line)
            continue
        settle()
        frames, pending = [], None
        match = LINE.match(line)
        calls += bool(match and match["call"] in CALLS)
        if said := complaint(line, legacy):
            pending = (said, line)
    settle()
    return found, calls
