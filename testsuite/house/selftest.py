# SPDX-License-Identifier: MIT
"""Shows each rule a small tree that keeps it and one that breaks it: a rule that cannot fail is no rule."""

import pathlib
import tempfile

import rules

SPDX = "// SPDX-License-Identifier: MIT\n// A file of the self-test.\n"
ASM = '/* SPDX-License-Identifier: MIT */\n#include "asm_base.h"\n'
PAGE = """.\\" SPDX-License-Identifier: MIT
.Dd January 1, 2026
.Dt FFI_ONE 3
.Os
.Sh NAME
.Nm ffi_one
.Nd do one thing
.Sh SYNOPSIS
.In ffi.h
.Ft void
.Fn ffi_one "void"
.Sh DESCRIPTION
The
.Fn ffi_one
function does one thing.
"""


def good_tree():
    files = {
        "configure.ac": "dnl SPDX-License-Identifier: MIT\n" + "".join(
            f"FFI_ROOM_ROW([{room}-*], [{room}], [X], [1], [])\n" for room in ("one", "two")),
        "libffi/sources.am": "# SPDX-License-Identifier: MIT\nrooms = \\\n\tlibffi/arch/one \\\n\tlibffi/arch/two\n"
                             "libffi_sources = \\\n\tlibffi/api/one.cpp\n",
        "trampfd-glue/sources.am": "# SPDX-License-Identifier: MIT\nglue_sources = trampfd-glue/backends/a/a.cpp\n",
        "libffi/README.md": "<!-- SPDX-License-Identifier: MIT -->\n```layers\nbase: libffi/base\n"
                            "arch: libffi/arch, libffi/asm\nglue: trampfd-glue\napi: libffi/api\n```\n",
        "libffi/libffi.map.in": "/* SPDX-License-Identifier: MIT */\nV { ffi_one; ffi_type_one; };\n",
        "libffi/base/target.h": SPDX + "#ifdef __x86_64__\n#endif\n",
        "libffi/api/one.cpp": SPDX + '#include "base/target.h"\n',
        "libffi/asm/asm_base.h": SPDX,
        "include/ffi.h.in": SPDX + "#define FFI_FN(f) ((void (*)(void))f)\nFFI_API void ffi_one(void);\n",
        "trampfd-glue/backends/a/a.cpp": SPDX,
        "man/ffi_one.3": PAGE,
        "man/ffi_other.3": ".so man3/ffi_one.3\n",
    }
    files["man/ffi_one.3"] = PAGE.replace(".Nd ", ".Nm ffi_other\n.Nd ").replace(".Nm ffi_one\n", ".Nm ffi_one ,\n")
    files["PORTING.md"] = "\n".join(["| file | limit | one | two |", "|---|---|---|---|"] + [
        f"| `{name}` | {rules.ROOM_BUDGETS.get(name, '')} | 2 | 2 |" for name in sorted(rules.ROOM_FILES)]) + "\n"
    for room in ("one", "two"):
        for name in rules.ROOM_FILES:
            files[f"libffi/arch/{room}/{name}"] = ASM if name.endswith(".S") else SPDX
    return files


def without(name):
    return lambda files: files.pop(name)


def adding(name, text):
    def change(files):
        files[name] = files.get(name, "") + text
    return change


def replacing(name, text):
    def change(files):
        files[name] = text
    return change


# (rule, what is wrong, how the good tree comes to be so)
BROKEN = [
    (rules.rooms_hold_the_same_files, "a room lacks a file", without("libffi/arch/two/image.h")),
    (rules.rooms_hold_the_same_files, "a room has one more", adding("libffi/arch/two/extra.h", SPDX)),
    (rules.rooms_hold_the_same_files, "a backend has one more", adding("trampfd-glue/backends/b/b.cpp", SPDX)),
    (rules.rooms_are_listed_alike, "a room is not built",
     replacing("libffi/sources.am", "# SPDX-License-Identifier: MIT\nrooms = \\\n\tlibffi/arch/one\n")),
    (rules.rooms_are_listed_alike, "a room has no row",
     replacing("configure.ac", "dnl SPDX-License-Identifier: MIT\nFFI_ROOM_ROW([one-*], [one], [X], [1], [])\n")),
    (rules.sources_are_listed, "a source is not built", adding("libffi/base/two.cpp", SPDX)),
    (rules.sources_are_listed, "a listed source is gone",
     adding("trampfd-glue/sources.am", "more = trampfd-glue/two.cpp\n")),
    (rules.includes_stay_in_their_layers, "base uses another layer", adding("libffi/base/target.h", '#include "api/one.cpp"\n')),
    (rules.includes_stay_in_their_layers, "base uses another layer by a relative path",
     adding("libffi/base/target.h", '#include "../api/one.cpp"\n')),
    (rules.includes_stay_in_their_layers, "base uses another layer by the native room's name",
     adding("libffi/base/target.h", "#include FFI_NATIVE_ROOM(image.h)\n")),
    (rules.includes_stay_in_their_layers, "a file is in no layer", adding("libffi/stray/stray.cpp", SPDX)),
    (rules.includes_stay_in_their_layers, "there is no table",
     replacing("libffi/README.md", "<!-- SPDX-License-Identifier: MIT -->\n")),
    (rules.target_macros_stay_in_their_place, "C++ asks for the machine",
     adding("libffi/api/one.cpp", "#if defined(__aarch64__)\n#endif\n")),
    (rules.target_macros_stay_in_their_place, "assembly asks for the machine",
     adding("libffi/arch/one/call.S", "#ifdef __ILP32__\n#endif\n")),
    (rules.licence_comes_first, "no licence", replacing("libffi/api/one.cpp", "// Nothing.\n")),
    (rules.licence_comes_first, "the wrong licence",
     replacing("libffi/api/one.cpp", "// SPDX-License-Identifier: GPL-2.0\n")),
    (rules.licence_comes_first, "the wrong licence for the driver", adding("patches/linux/one.c", SPDX)),
    (rules.two_places_are_never_asked_to_agree, "a plea", adding("libffi/api/one.cpp", "// Must " "match two.cpp.\n")),
    (rules.nothing_is_left_open, "a note to self", adding("libffi/api/one.cpp", "// TO" "DO\n")),
    (rules.files_are_short, "a long file", adding("libffi/api/one.cpp", "\n" * 400)),
    (rules.files_are_short, "a long trampoline", adding("libffi/arch/one/tramp.S", "\n" * 80)),
    (rules.porting_counts_right, "a room that grew", adding("libffi/arch/one/image.h", "\n" * 11)),
    (rules.porting_counts_right, "a room that the page does not have",
     adding("libffi/arch/three/image.h", SPDX)),
    (rules.porting_counts_right, "a page without its table", replacing("PORTING.md", "Nothing.\n")),
    (rules.assembly_starts_with_its_base, "assembly without its base",
     replacing("libffi/arch/one/call.S", "/* SPDX-License-Identifier: MIT */\n.text\n")),
    (rules.assembly_starts_with_its_base, "assembly that includes more",
     adding("libffi/arch/one/call.S", '#include "image.h"\n')),
    (rules.every_door_has_a_version, "a function without a version",
     adding("include/ffi.h.in", "FFI_API void ffi_two(int,\n  int);\n")),
    (rules.every_door_has_a_version, "a version without a function",
     adding("libffi/libffi.map.in", "W { ffi_gone; };\n")),
    (rules.every_door_has_a_page, "a function without a page",
     adding("include/ffi.h.in", "FFI_API void *ffi_two(int);\n")),
    (rules.every_door_has_a_page, "a link that leads nowhere", replacing("man/ffi_other.3", ".so man3/gone.3\n")),
    (rules.every_door_has_a_page, "a link to a page that does not name it",
     adding("man/ffi_third.3", ".so man3/ffi_one.3\n")),
    (rules.pages_are_clean, "a page with an unknown macro", adding("man/ffi_one.3", ".Zz what\n")),
]


def judge(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return rule(rules.Tree(root))


def cases():
    """Yields (title, rule, problems as a list of strings, empty when the case went as it should)."""
    for rule in rules.RULES:
        found = judge(rule, good_tree()) if available(rule) else None
        yield f"{rule.__name__} accepts a good tree", rule, found
    for rule, what, change in BROKEN:
        if not available(rule):
            yield f"{rule.__name__} refuses: {what}", rule, None
            continue
        files = good_tree()
        change(files)
        yield f"{rule.__name__} refuses: {what}", rule, [] if judge(rule, files) else ["it was accepted"]
    for rule in set(rules.RULES) - {row[0] for row in BROKEN}:
        yield f"{rule.__name__} has been shown a bad tree", rule, ["no bad tree for it"]


def available(rule):
    import shutil
    need = rules.NEEDS.get(rule)
    return need is None or shutil.which(need) is not None
