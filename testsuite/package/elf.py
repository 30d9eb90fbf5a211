# SPDX-License-Identifier: MIT
"""What readelf says of a shared library, and the properties that ours has to have."""

import re
import subprocess

import symbols


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Library:
    def __init__(self, path):
        self.path = str(path)
        self.dynamic = re.findall(r"^ *0x[0-9a-f]+ \((\w+)\)\s+(.*)$", output("readelf", "-dW", self.path), re.M)
        self.segments = [line.split() for line in output("readelf", "-lW", self.path).splitlines()]
        self.sections = {}
        for name, kind, address, offset, size in re.findall(
                r"^ *\[ *\d+\] (\S+) +(\S+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)",
                output("readelf", "-SW", self.path), re.M):
            self.sections[name] = (kind, int(address, 16), int(offset, 16), int(size, 16))
        self.notes = output("readelf", "-nW", self.path)
        self.symbols = {}
        self.undefined = {}
        for line in output("readelf", "--dyn-syms", "-W", self.path).splitlines():
            field = line.split()
            if len(field) < 8 or not field[0].rstrip(":").isdigit():
                continue
            _, value, size, kind, binding, _, index, name = field[:8]
            if binding == "LOCAL":
                continue
            name, _, version = name.partition("@")
            version = version.lstrip("@")
            if index == "UND":
                self.undefined[name] = version
            else:
                self.symbols[name] = (version, kind, int(size, 0), int(value, 16), index)

    def tags(self, name):
        return [value for tag, value in self.dynamic if tag == name]

    def versions(self):
        """{node: parent} in the order of the definitions, without the file's own."""
        nodes, last = {}, None
        text = output("readelf", "-VW", self.path)
        text = text[text.find("Version definition section"):]
        for line in text.splitlines():
            if found := re.search(r"Rev: 1  Flags: (\w+).*Name: (\S+)", line):
                last = None if found[1] == "BASE" else found[2]
                if last:
                    nodes[last] = None
            elif (found := re.search(r"Parent \d+: (\S+)", line)) and last:
                nodes[last] = found[1]
            elif "Version needs section" in line:
                break
        return nodes


def named_and_numbered(lib, room):
    problems = [] if lib.tags("SONAME") == ["Library soname: [libffi.so.8]"] else [f"soname: {lib.tags('SONAME')}"]
    real = re.search(r"[^/]*$", lib.path)[0]
    return problems + ([] if real == "libffi.so.8.5.0" else [f"the file is called {real}"])


def exports_the_interface(lib, room):
    wanted, _ = symbols.expected(room)
    found = {name: row for name, row in lib.symbols.items() if row[4] != "ABS"}
    problems = [f"{name}@{wanted[name][0]}: missing" for name in wanted.keys() - found.keys()]
    problems += [f"{name}@{found[name][0]}: not in the interface" for name in found.keys() - wanted.keys()]
    for name in wanted.keys() & found.keys():
        version, kind, size = wanted[name]
        if found[name][:2] != (version, kind):
            problems.append(f"{name}: {found[name][:2]}, not {(version, kind)}")
        if size is not None and found[name][2] != size:
            problems.append(f"{name}: {found[name][2]} bytes, not {size}: executables copy it")
    return sorted(problems)


def versions_are_in_order(lib, room):
    wanted = list(symbols.expected(room)[1].items())
    found = list(lib.versions().items())
    return [] if found == wanted else [f"nodes and parents are {found}", f"and should be    {wanted}"]


def needs_libc_alone(lib, room):
    needed = lib.tags("NEEDED")
    problems = [] if needed == ["Shared library: [libc.so.6]"] else [f"needs {needed}"]
    return problems + [f"{name}: from {version or 'nowhere in particular'}" for name, version in lib.undefined.items()
                       if name and not version.startswith("GLIBC_")]


def binds_at_once_and_read_only(lib, room):
    problems = []
    if not any("NOW" in flags for flags in lib.tags("FLAGS") + lib.tags("FLAGS_1") + lib.tags("BIND_NOW")):
        problems.append("no BIND_NOW")
    if not any(row and row[0] == "GNU_RELRO" for row in lib.segments):
        problems.append("no RELRO")
    if lib.tags("RPATH") or lib.tags("RUNPATH"):
        problems.append("a search path of its own")
    return problems


def nothing_is_writable_and_executable(lib, room):
    problems = []
    stack = [row for row in lib.segments if row and row[0] == "GNU_STACK"]
    if not stack or "RWE" in stack[0]:
        problems.append("an executable stack")
    for row in lib.segments:
        if row and row[0] == "LOAD" and "".join(row[6:-1]) == "RWE":
            problems.append("a segment that is writable and executable")
    if lib.tags("TEXTREL") or any("TEXTREL" in flags for flags in lib.tags("FLAGS")):
        problems.append("text relocations")
    return problems


def claims_landing_pads(lib, room):
    wanted = {"BTI", "PAC"} if room == "aarch64" else {"IBT", "SHSTK"}
    found = re.search(r"(?:x86|AArch64) feature: (.*)", lib.notes)
    missing = wanted - set(found[1].split(", ") if found else [])
    return [f"no property {name}" for name in sorted(missing)]


def doors_have_landing_pads(lib, room):
    """The first four bytes of what it exports are endbr; or `bti c', or `paciasp', which is one too."""
    pads = {"x86_64": [b"\xf3\x0f\x1e\xfa"], "i386": [b"\xf3\x0f\x1e\xfb"],
            "aarch64": [b"\x5f\x24\x03\xd5", b"\x3f\x23\x03\xd5"]}
    with open(lib.path, "rb") as file:
        data = file.read()
    _, address, offset, _ = lib.sections[".text"]
    return [f"{name}: no landing pad" for name, (_, kind, _, value, _) in sorted(lib.symbols.items())
            if kind == "FUNC" and data[value - address + offset:][:4] not in pads[room]]


def runs_nothing_at_load(lib, room):
    """Judged by the dynamic tags, which are all that the loader looks at: start files are left out of the link, so
    that not even the C runtime's own functions are there."""
    tags = ("INIT", "INIT_ARRAY", "PREINIT_ARRAY")
    problems = [f"{tag}: {lib.tags(tag)}" for tag in tags if lib.tags(tag)]
    return problems + [f"a section {name}" for name in (".ctors", ".init", ".init_array") if name in lib.sections]


def stays_once_loaded(lib, room):
    return [] if any("NODELETE" in flags for flags in lib.tags("FLAGS_1")) else ["no NODELETE: closures outlive dlclose"]


def types_are_read_only(lib, room):
    ranges = [lib.sections[name] for name in (".rodata", ".data.rel.ro") if name in lib.sections]
    return [f"{name}: can be written" for name, (_, kind, _, value, index) in sorted(lib.symbols.items())
            if kind == "OBJECT" and index != "ABS"
            and not any(start <= value < start + size for _, start, _, size in ranges)]


def code_is_covered_by_cfi(lib, room):
    """Whatever of .text no frame description covers is padding between functions."""
    with open(lib.path, "rb") as file:
        data = file.read()
    spans = sorted((int(a, 16), int(b, 16)) for a, b in re.findall(
        r"pc=([0-9a-f]+)\.\.([0-9a-f]+)", output("readelf", "--debug-dump=frames", lib.path)))
    _, start, offset, size = lib.sections[".text"]
    padding = {"x86_64": set(b"\x66\x2e\x0f\x1f\x84\x80\x40\x44\x00\x90\xcc"),
               "i386": set(b"\x66\x2e\x0f\x1f\x84\x80\x40\x44\x00\x90\xcc\x8d\xb4\x26\x74\xb6\xbc\x27\x76"),
               "aarch64": set(b"\x1f\x20\x03\xd5\x00")}[room]
    problems, at = [], start
    for low, high in spans + [(start + size, start + size)]:
        gap = data[at - start + offset:max(at, min(low, start + size)) - start + offset]
        if set(gap) - padding:
            problems.append(f"{len(gap)} bytes at {at:#x} have no CFI: {gap[:16].hex()}")
        at = max(at, high)
    return problems


CHECKS = [named_and_numbered, exports_the_interface, versions_are_in_order, needs_libc_alone,
          binds_at_once_and_read_only, nothing_is_writable_and_executable, claims_landing_pads, doors_have_landing_pads,
          runs_nothing_at_load, stays_once_loaded, types_are_read_only, code_is_covered_by_cfi]
