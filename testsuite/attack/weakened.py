# SPDX-License-Identifier: MIT
"""Builds of the library with defences taken out, which an attack must succeed against."""

import pathlib
import re
import shlex
import shutil

import ffibuild

TREE = pathlib.Path(__file__).resolve().parents[2]
GLUE = "trampfd-glue/"

# defence: (file, the text that makes it, what stands there instead)
NO_CHECK = (GLUE + "record.cpp",
            "return copy.check == check_of(copy, record, state().key);", "return true;")
NO_MSEAL = [
    (GLUE + "static_tables.cpp", "sys::mseal(at, bytes)", "0"),
    (GLUE + "select.cpp", "sys::mseal(page.whole, sizeof page.whole)", "0"),
]
NO_COMPARISON = (GLUE + "static_tables.cpp",
                 "return memcmp(code, arch::ffi_tramp_table, layout::Geometry::code_bytes) == 0;",
                 "return code != nullptr;")
# Stands for the native room's row of BOUNDS.
BOUND = object()
# In each room's trampolines, the instruction that bounds a record's handler index.
BOUNDS = {
    "x86_64": ("\tjb\t2f\n", "\tjmp\t2f\n"),
    "i386": ("\tjb\t3f\n", "\tjmp\t3f\n"),
    "aarch64": ("\tcsel\tw16, w16, wzr, lo\n", ""),
}
WEAKENED = {
    "public": [
        # The public fields decide, and the plan is made from the cif at every call.
        (GLUE + "record.cpp", "return state().policy == Policy::open ? open_binding(copy) : binding_of(copy);",
         "return open_binding(copy);"),
        (GLUE + "select.cpp", "draft->policy != Policy::open && !draft->counted_records;", "false;"),
        ("libffi/api/closure.cpp", "binding.plan = plan;", "binding.plan = nullptr;"),
    ],
    "unprotected": [
        NO_CHECK, *NO_MSEAL,
        # Records stay writable, and so do state, directory, headers and plans.
        (GLUE + "static_tables.cpp", "return sys::protect(page, bytes, PROT_READ);",
         "return page == nullptr || bytes == 0;"),
        (GLUE + "select.cpp", "sys::protect(page.whole, sizeof page.whole, PROT_READ)", "0"),
        (GLUE + "directory.cpp", "sys::protect(page.whole, sizeof page.whole, PROT_READ)", "0"),
        (GLUE + "static_tables.cpp",
         "make(base, layout::header_bytes, PROT_READ, \"make a table's header read-only\")", "true"),
        ("libffi/plans/table.cpp", "return mprotect(start, bytes, protection) == 0;",
         "return mprotect(start, bytes, protection | PROT_WRITE) == 0;"),
        ("libffi/plans/table.cpp", "if (!has_begun()) wipe();", ""),
        # Any handler, any slot, at any time.
        BOUND,
        (GLUE + "directory.h", "number % layout::slots >= region.usable || ", ""),
        (GLUE + "slots.cpp", " || is_bound(*slot.record)) overwritten_bookkeeping();", ") overwritten_bookkeeping();"),
        (GLUE + "slots.cpp", "    if (is_bound(*slot.record)) {\n",
         "    if (is_bound(*slot.record) && size_t{0} != 0) {\n"),
        (GLUE + "slots.cpp",
         "if (is_bound(record) ? record.closure != closure : record.handler != arch::trap_handler)\n",
         "if (closure == nullptr && is_bound(record))\n"),
        (GLUE + "cache.h", "constexpr std::uint32_t quarantine = 64;",
         "constexpr std::uint32_t quarantine = 0;"),
        (GLUE + "cache.h", "most_resting = 2 * quarantine;", "most_resting = 1;"),
    ],
    "moves": [
        *NO_MSEAL,
        (GLUE + "backends/table/map.cpp",
         "remember(source != nullptr ? Way::copies : Way::moves, source);",
         "remember(Way::moves, source == nullptr ? source : nullptr);"),
    ],
    "descriptor": [
        NO_COMPARISON,
        (GLUE + "backends/table/map.cpp",
         "remember(source != nullptr ? Way::copies : Way::moves, source);",
         "remember(Way::files, source == nullptr ? source : nullptr);"),
        (GLUE + "own_text.cpp",
         "if (!same) note(state().mode, \"prove that the library's file is still the same\", 0);\n"
         "  sys::unmap(mapped, text.bytes);\n  return same;",
         "sys::unmap(mapped, text.bytes);\n  return same || mapped != nullptr;"),
        # The name is that of the file that was loaded, whatever has it now.
        (GLUE + "own_text.cpp", "  do {\n    if (void *const mapped",
         "  if (char *const end = strstr(path, \" (deleted)\")) *end = 0;\n  do {\n    if (void *const mapped"),
        # Whoever says where it was loaded from is believed.
        (GLUE + "map.cpp", "if (system.f_type == PROC_SUPER_MAGIC) return", "return"),
        # The descriptor is kept, and taken to be what it was.
        (GLUE + "map.cpp", "int open_to_read(const char *path) {\n",
         "int open_to_read(const char *path) {\n"
         "  static int kept = -1;\n"
         "  if (path[1] != 'p' && kept >= 0) return kept;\n"
         "  if (path[1] != 'p') return kept = ::open(path, O_RDONLY | O_CLOEXEC);\n"),
        (GLUE + "map.cpp", "  ::close(fd);\n", "  if (fd < 0) ::close(fd);\n"),
    ],
}
LINK = {"unprotected": ["-Wl,-z,norelro"]}


def listed(sources, variable):
    """The files of a variable in a sources.am."""
    text = sources.read_text().replace("\\\n", " ")
    return re.search(rf"^{variable} =(.*)$", text, re.MULTILINE)[1].split()


def changes_of(name, room):
    """What to replace for this weakened build, in this room."""
    bound = (f"libffi/arch/{room}/tramp.S", *BOUNDS[room])
    return [bound if change is BOUND else change for change in WEAKENED[name]]


def patch(copy, name, changes):
    """Take the defences out of a copy of the sources."""
    for file, old, new in changes:
        path = copy / file
        text = path.read_text()
        if text.count(old) != 1:
            raise ffibuild.Trouble(f"{name}: {file} has {text.count(old)} places with {old!r}")
        path.write_text(text.replace(old, new))


def object_of(library, source):
    """The object that the build under test made of a source."""
    folder, stem = library.build / pathlib.Path(source).parent / ".libs", pathlib.Path(source).stem
    found = [path for path in folder.glob("*.o") if re.fullmatch(rf"(.*-)?{stem}\.o", path.name)]
    if len(found) != 1:
        raise ffibuild.Trouble(f"{library.build} has {len(found)} objects of {source}")
    return found[0]


def build(name, library, scratch, compiler, jobs):
    """A shared library without the defences of that name, else like the one under test; its folder."""
    copy = scratch / f"weakened-{name}"
    for folder in ("libffi", "trampfd-glue", "include", "patches/linux"):
        shutil.copytree(TREE / folder, copy / folder)
    makefile = (library.build / "Makefile").read_text()
    room = re.search(r"^FFI_ROOM = (.*)$", makefile, re.MULTILINE)[1]
    changes = changes_of(name, room)
    patch(copy, name, changes)
    machine = re.search(r"^FFI_MACHINEFLAGS = (.*)$", makefile, re.MULTILINE)[1].split()
    sources = listed(copy / "libffi/sources.am", "libffi_sources")
    sources += listed(copy / "trampfd-glue/sources.am", "glue_sources")
    sources += [f"libffi/arch/{room}/{file}" for file in
                ("classify.cpp", "handlers.cpp", "call.S", "closure.S", "tramp.S")]
    changed = {file for file, _, _ in changes}
    if any(file.endswith(".h") for file in changed):
        changed |= {source for source in sources if source.startswith(GLUE)}
    include = [f"-I{folder}" for folder in
               (library.build, library.build / "include", copy / "include", copy, copy / "libffi")]
    flags = ["-O2", "-g", "-fPIC", "-fvisibility=hidden", "-DHAVE_CONFIG_H", *machine, *include]
    cxx = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
           "-fno-strict-aliasing"]

    def compile_one(source):
        if source not in changed:
            return object_of(library, source), None
        output = copy / (source.replace("/", "_") + ".o")
        language = cxx if source.endswith(".cpp") else []
        command = [*shlex.split(compiler), *language, *flags, "-c", str(copy / source),
                   "-o", str(output)]
        return output, ffibuild.complaint_of(command)

    objects = []
    for output, complaint in ffibuild.in_parallel(jobs, compile_one, sources):
        if complaint:
            raise ffibuild.Trouble(f"the weakened build '{name}' does not compile:\n{complaint}")
        objects.append(str(output))
    libs = copy / ".libs"
    libs.mkdir()
    command = [*shlex.split(compiler), "-shared", "-nostartfiles",
               "-Wl,-soname,libffi.so.8", "-Wl,-z,nodelete",
               f"-Wl,--version-script,{library.build / 'libffi/libffi.map'}",
               *LINK.get(name, ["-Wl,-z,relro,-z,now"]), *sorted(objects),
               "-o", str(libs / "libffi.so.8")]
    if complaint := ffibuild.complaint_of(command):
        raise ffibuild.Trouble(f"the weakened build '{name}' does not link:\n{complaint}")
    return libs
