# SPDX-License-Identifier: MIT
"""The rules of STYLE.md that a script can see: each is a function from a tree to the list of what breaks it."""

import fnmatch
import pathlib
import re
import shutil
import subprocess

ROOM_FILES = {"ffitarget.h", "convention.h", "classify.cpp", "image.h", "call.S", "closure.S", "tramp.S",
              "handlers.cpp"}
ROOM_BUDGETS = {"convention.h": 150, "classify.cpp": 250, "call.S": 150, "closure.S": 150, "tramp.S": 80}
FILE_BUDGET = 400
PORTING_TOLERANCE = 10
CODE = (".h", ".cpp", ".S", ".c", ".in")
LIBRARY = ("libffi/", "trampfd-glue/", "include/")
READS_TARGET = ("libffi/base/target.h", "libffi/arch/*/ffitarget.h")
TARGET_MACRO = re.compile(
    r"\b(?:__(?:x86_64|amd64|i[3-6]86|aarch64|arm|riscv|powerpc|powerpc64|ppc|ppc64|s390|s390x|mips|mips64|sparc|alpha"
    r"|ia64|hppa|m68k|sh|or1k|csky|arc|xtensa|microblaze|kvx|loongarch|loongarch64|loongarch_lp64)__"
    r"|__ILP32__|__LP64__|_ILP32|_LP64|__AARCH64E[BL]__|__ARM_PCS_VFP|_CALL_ELF|_MIPS_SIM|__riscv_\w+)(?!\w)")
# Spelled in halves, so that this file does not break its own rule.
BANNED = [re.compile(pattern, re.I) for pattern in (
    "keep in " "sync", "must " "match", "do not change one " "without")]
LEFT_OPEN = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
# Prose, and files whose format leaves no room for a licence line; packaging/debian/copyright and LICENSE speak for them.
NO_LICENCE_LINE = ("LICENSE", "*.md", "packaging/*debian/*", "*.json", "*.csv", "*.png", "*.svg", "*.patch", "*.golden", "*.txt",
                   "patches/linux/*/series")
SKIPPED_FOLDERS = {".git", "__pycache__", "autom4te.cache", "build-aux", "build", "_build", "_inst", ".libs", ".deps"}


class Tree:
    """The files of a checkout, or of an unpacked tarball, with their texts."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self._texts = {}
        self.files = sorted(self._list())

    def _list(self):
        if (self.root / ".git").exists() and shutil.which("git"):
            listing = subprocess.run(
                ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                capture_output=True, text=True)
            if listing.returncode == 0:
                return [name for name in listing.stdout.split("\0") if name and (self.root / name).is_file()]
        # A tarball also holds what autoreconf made.
        made = {"configure", "Makefile.in", "aclocal.m4", "fficonfig.h.in", "m4/libtool.m4"}
        found = []
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and not SKIPPED_FOLDERS & set(name.split("/")) and name not in made \
                    and not fnmatch.fnmatch(name, "m4/lt*.m4"):
                found.append(name)
        return found

    def text(self, name):
        if name not in self._texts:
            data = (self.root / name).read_bytes()
            self._texts[name] = "" if b"\0" in data else data.decode("utf-8", "replace")
        return self._texts[name]

    def lines(self, name):
        return self.text(name).splitlines()

    def library(self, suffixes=CODE):
        return [name for name in self.files if name.startswith(LIBRARY) and name.endswith(suffixes)]

    def folders(self, parent):
        depth = parent.count("/") + 1
        return sorted({name.split("/")[depth] for name in self.files
                       if name.startswith(parent + "/") and name.count("/") > depth})


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def rooms_hold_the_same_files(tree):
    problems = []
    for room in tree.folders("libffi/arch"):
        base = f"libffi/arch/{room}/"
        held = {name[len(base):] for name in tree.files if name.startswith(base)}
        problems += [f"{base}{name}: missing" for name in sorted(ROOM_FILES - held)]
        problems += [f"{base}{name}: no other room has it" for name in sorted(held - ROOM_FILES)]
    if not tree.folders("libffi/arch"):
        problems.append("libffi/arch: no rooms")
    backends = {}
    for backend in tree.folders("trampfd-glue/backends"):
        base = f"trampfd-glue/backends/{backend}/"
        backends[backend] = {name[len(base):] for name in tree.files if name.startswith(base)}
    for backend, held in backends.items():
        for name in sorted(set().union(*backends.values()) - held):
            problems.append(f"trampfd-glue/backends/{backend}/{name}: missing, another backend has it")
    return problems


def rooms_are_listed_alike(tree):
    folders = set(tree.folders("libffi/arch"))
    listed = set(re.findall(r"^\s+libffi/arch/(\w+)(?: \\)?$", tree.text("libffi/sources.am"), re.M))
    rows = set(re.findall(r"^FFI_ROOM_ROW\(\[[^\]]*\],\s*\[(\w+)\]", tree.text("configure.ac"), re.M))
    problems = []
    if listed != folders:
        problems.append(f"libffi/sources.am lists rooms {sorted(listed)}, the folders are {sorted(folders)}")
    if rows != folders:
        problems.append(f"configure.ac has rows for {sorted(rows)}, the folders are {sorted(folders)}")
    return problems


def sources_are_listed(tree):
    listed = set()
    for name in ("libffi/sources.am", "trampfd-glue/sources.am"):
        if name in tree.files:
            listed |= set(re.findall(r"\b((?:libffi|trampfd-glue)/\S+\.(?:cpp|S))\b", tree.text(name)))
    apart = ("libffi/arch/*/*", "libffi/asm/offsets.cpp", "trampfd-glue/backends/fake/*")
    there = {name for name in tree.files if name.startswith(("libffi/", "trampfd-glue/"))
             and name.endswith((".cpp", ".S")) and not matches(name, apart)}
    return ([f"{name}: in no sources.am" for name in sorted(there - listed)]
            + [f"{name}: listed and not there" for name in sorted(listed - there)])


def layer_table(tree):
    """[(name, [prefixes])], what everybody may use first."""
    block = re.search(r"^```layers\n(.*?)^```", tree.text("libffi/README.md"), re.M | re.S) \
        if "libffi/README.md" in tree.files else None
    if not block:
        return None
    table = []
    for line in block[1].splitlines():
        if line.strip():
            name, _, prefixes = line.partition(":")
            table.append((name.strip(), [prefix.strip() for prefix in prefixes.split(",")]))
    return table


def includes_stay_in_their_layers(tree):
    table = layer_table(tree)
    if table is None:
        return ["libffi/README.md: no block ```layers"]

    def layer(name):
        found = [(len(prefix), level) for level, (_, prefixes) in enumerate(table) for prefix in prefixes
                 if name == prefix or name.startswith(prefix.rstrip("/") + "/") or fnmatch.fnmatch(name, prefix)
                 or fnmatch.fnmatch(name, prefix.rstrip("/") + "/*")]
        return max(found)[1] if found else None

    problems = []
    known = set(tree.files)
    for name in tree.library((".h", ".cpp")):
        if name.startswith("include/"):
            continue
        mine = layer(name)
        if mine is None:
            problems.append(f"{name}: in no layer")
            continue
        folder = name.rsplit("/", 1)[0]
        for number, line in enumerate(tree.lines(name), 1):
            computed = re.match(r"\s*#\s*include\s+FFI_NATIVE_ROOM\(([\w.]+)\)", line)
            plain = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if computed:
                targets = [f"libffi/arch/{room}/{computed[1]}" for room in tree.folders("libffi/arch")]
            elif plain:
                tried = [folder + "/" + plain[1], "libffi/" + plain[1], "libffi/asm/" + plain[1], plain[1]]
                tried = [re.sub(r"[^/]+/\.\./", "", path) for path in tried]
                targets = [path for path in tried if path in known][:1]
            else:
                continue
            for target in targets:
                theirs = layer(target)
                if theirs is None and target.startswith(("libffi/", "trampfd-glue/")):
                    problems.append(f"{name}:{number}: {target} is in no layer")
                elif theirs is not None and theirs > mine:
                    problems.append(f"{name}:{number}: layer {table[mine][0]} may not use {table[theirs][0]} ({target})")
    return problems


def target_macros_stay_in_their_place(tree):
    return [f"{name}:{number}: reads {TARGET_MACRO.search(line)[0]}"
            for name in tree.library() if not matches(name, READS_TARGET)
            for number, line in enumerate(tree.lines(name), 1) if TARGET_MACRO.search(line)]


def licence_comes_first(tree):
    problems = []
    for name in tree.files:
        if matches(name, NO_LICENCE_LINE) or not tree.text(name):
            continue
        lines = tree.lines(name)
        if lines[0].startswith(".so "):
            continue
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        wanted = r"\(*GPL-2\.0(?:-only)?" if name.startswith("patches/linux/") else "MIT"
        if not re.search(rf"SPDX-License-Identifier: {wanted}\b", first):
            problems.append(f"{name}: the first line is no SPDX line for {wanted}")
    return problems


def two_places_are_never_asked_to_agree(tree):
    return [f"{name}:{number}: {pattern.search(line)[0]!r}"
            for name in tree.files if not name.endswith(".md")
            for number, line in enumerate(tree.lines(name), 1) for pattern in BANNED if pattern.search(line)]


def nothing_is_left_open(tree):
    return [f"{name}:{number}: {LEFT_OPEN.search(line)[0]}"
            for name in tree.files if name.endswith(CODE + (".py", ".am", ".ac", ".sh"))
            for number, line in enumerate(tree.lines(name), 1) if LEFT_OPEN.search(line)]


def files_are_short(tree):
    problems = []
    for name in tree.files:
        length = len(tree.lines(name))
        if name.endswith(CODE + (".py", ".sh", ".am", ".ac", ".m4")) and length > FILE_BUDGET \
                and not name.startswith(("testsuite/", "patches/")):
            problems.append(f"{name}: {length} lines, at most {FILE_BUDGET}")
        budget = ROOM_BUDGETS.get(name.rsplit("/", 1)[-1]) if fnmatch.fnmatch(name, "libffi/arch/*/*") else None
        if budget and length > budget:
            problems.append(f"{name}: {length} lines, at most {budget} in a room")
    return problems


def porting_counts_right(tree):
    """PORTING.md's table of lines in each room says what the rooms have, give or take a few."""
    if "PORTING.md" not in tree.files:
        return []
    text = tree.text("PORTING.md")
    header = re.search(r"^\| file \| limit \|(.*)\|$", text, re.M)
    if not header:
        return ["PORTING.md: no table of files and lines"]
    rooms = [word.strip() for word in header[1].split("|")]
    rows = re.findall(r"^\| `([\w.]+)` \|([ \d]*)\|(.*)\|$", text, re.M)
    problems = [f"PORTING.md: rooms {rooms}"] if set(rooms) != set(tree.folders("libffi/arch")) else []
    problems += [f"PORTING.md: no row for {name}" for name in sorted(ROOM_FILES - {row[0] for row in rows})]
    for name, limit, counts in rows:
        if (limit.strip() or None) != (str(ROOM_BUDGETS[name]) if name in ROOM_BUDGETS else None):
            problems.append(f"PORTING.md: {name} may have {ROOM_BUDGETS.get(name, 'any number of')} lines")
        for room, count in zip(rooms, counts.split("|")):
            length = len(tree.lines(f"libffi/arch/{room}/{name}")) if f"libffi/arch/{room}/{name}" in tree.files else 0
            if abs(int(count) - length) > PORTING_TOLERANCE:
                problems.append(f"PORTING.md: {name} of {room} has {length} lines, not {count.strip()}")
    return problems


def assembly_starts_with_its_base(tree):
    problems = []
    for name in tree.library((".S",)):
        code = re.sub(r"/\*.*?\*/", "", tree.text(name), flags=re.S)
        code = [line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("//")]
        if not code or not re.fullmatch(r'#include "(?:libffi/asm/)?asm_base.h"', code[0].strip()):
            problems.append(f'{name}: does not start with #include "asm_base.h"')
        problems += [f"{name}: {line.strip()}: its base is all that assembly includes"
                     for line in code[1:] if re.match(r"\s*#\s*include", line)]
    return problems


def public_functions(tree):
    names = set()
    for header in ("include/ffi.h.in", "include/ffi_hardened.h"):
        if header not in tree.files:
            continue
        text = re.sub(r"/\*.*?\*/", " ", tree.text(header), flags=re.S)
        text = re.sub(r"^\s*#(?:.*\\\n)*.*$", " ", text, flags=re.M)
        names |= {name for name in re.findall(r"\b(ffi_\w+)\s*\(", text) if not name.startswith("ffi_type_")}
    return names


def versioned_symbols(tree):
    text = re.sub(r"/\*.*?\*/", " ", tree.text("libffi/libffi.map.in"), flags=re.S)
    return set(re.findall(r"\b(ffi_\w+)\s*;", text))


def every_door_has_a_version(tree):
    declared = public_functions(tree)
    # Builds with hooks for attack tests have those besides; no header offers them, and no such build is installed.
    versioned = {name for name in versioned_symbols(tree) if not name.startswith(("ffi_type_", "ffi_test_"))}
    return ([f"libffi/libffi.map.in: {name} is declared and has no version" for name in sorted(declared - versioned)]
            + [f"libffi/libffi.map.in: {name} is not declared" for name in sorted(versioned - declared)])


def every_door_has_a_page(tree):
    pages = {name[len("man/"):-len(".3")] for name in tree.files if fnmatch.fnmatch(name, "man/*.3")}
    problems = [f"man/{name}.3: missing" for name in sorted(public_functions(tree) - pages)]
    for name in sorted(pages):
        text = tree.text(f"man/{name}.3")
        target = re.match(r"\.so man3/(\S+)\n", text)
        if target and f"man/{target[1]}" not in tree.files:
            problems.append(f"man/{name}.3: leads to {target[1]}, which is not there")
        body = tree.text(f"man/{target[1]}") if target and f"man/{target[1]}" in tree.files else text
        if f".Nm {name}" not in body:
            problems.append(f"man/{name}.3: its page does not name {name}")
    return problems


def pages_are_clean(tree):
    pages = [name for name in tree.files if fnmatch.fnmatch(name, "man/*.3") and not tree.text(name).startswith(".so ")]
    if not pages:
        return ["man: no pages"]
    checked = subprocess.run(["mandoc", "-T", "lint", "-W", "style", *pages], cwd=tree.root, capture_output=True,
                             text=True)
    # What other pages this machine has, and whether it has indexed them, says nothing about these.
    about_machine = re.compile(r"referenced manual not found|outdated mandoc\.db")
    return [line for line in (checked.stdout + checked.stderr).splitlines() if not about_machine.search(line)]


RULES = [rooms_hold_the_same_files, rooms_are_listed_alike, sources_are_listed, includes_stay_in_their_layers, target_macros_stay_in_their_place,
         licence_comes_first, porting_counts_right, two_places_are_never_asked_to_agree, nothing_is_left_open, files_are_short,
         assembly_starts_with_its_base, every_door_has_a_version, every_door_has_a_page, pages_are_clean]
NEEDS = {pages_are_clean: "mandoc"}
