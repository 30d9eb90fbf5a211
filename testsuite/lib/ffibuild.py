# SPDX-License-Identifier: MIT
"""What the run scripts share: which library to test, which compilers to test it with, and counting."""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "i386": "i386", "i686": "i386", "aarch64": "aarch64"}


class Trouble(Exception):
    """The run cannot go on, and the text says why."""


@dataclasses.dataclass
class Library:
    """The libffi under test: how to compile and link against it and how to run what comes out."""

    cflags: list
    ldflags: list
    prefix: list
    build: object  # the build tree, or None for the system's library
    sanitizers: list = dataclasses.field(default_factory=list)  # the flags it was built with

    def compile(self, compiler, sources, output, *flags, libraries=()):
        """Compile and link a program; returns the compiler's complaint, or None."""
        command = [*shlex.split(compiler), *flags, *self.cflags, *map(str, sources), "-o", str(output),
                   *self.ldflags, *libraries]
        return complaint_of(command)

    def run(self, command, **options):
        """Run a program, under the prefix if there is one."""
        if self.sanitizers:
            options.setdefault("env", os.environ | {"ASAN_OPTIONS": "allocator_may_return_null=1"})
        done = subprocess.run([*self.prefix, *map(str, command)], capture_output=True, text=True,
                              errors="replace", check=False, **options)
        # What an emulator says of a program's death is not the program's word.
        done.stderr = re.sub(r"^qemu: uncaught target signal .*\n", "", done.stderr, flags=re.MULTILINE)
        return done

    def has_test_hooks(self):
        """Whether it was configured with --enable-test-hooks."""
        return self.build is not None and "#define FFI_TEST_HOOKS 1" in (self.build / "fficonfig.h").read_text()

    def macros(self, compiler):
        """The macros that ffi.h leaves defined."""
        command = [*shlex.split(compiler), *self.cflags, "-x", "c", "-dM", "-E", "-include", "ffi.h", os.devnull]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"{compiler} cannot read ffi.h:\n{done.stderr}")
        lines = (line.split(None, 2) for line in done.stdout.splitlines())
        return {words[1]: words[2] if len(words) > 2 else "" for words in lines if len(words) > 1}


def complaint_of(command):
    """Run a compiler; its complaint when it failed, else None."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return f"{shlex.join(command)}\n{done.stdout}{done.stderr}" if done.returncode else None


def parser_for(description):
    """An argument parser with the options that all run scripts have."""
    parser = argparse.ArgumentParser(description=description, conflict_handler="resolve",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--build", type=pathlib.Path, metavar="DIR",
                       help="the build tree to test (default: FFI_BUILD_DIR from the environment)")
    which.add_argument("--system", action="store_true", help="test the system's libffi instead")
    parser.add_argument("--cc", action="append", metavar="COMPILER",
                        help="a C compiler, with its options; may be repeated; a plain one alone stands first among all "
                             "that are installed (default: gcc and clang)")
    parser.add_argument("--cxx", metavar="COMPILER", help="a C++ compiler, with its options, for suites that use one")
    parser.add_argument("--long", action="store_true", help="run longer, in suites that can")
    parser.add_argument("--arch", choices=sorted(set(ARCHITECTURES.values())),
                        help="the machine compiled for (default: this one)")
    parser.add_argument("--run-prefix", default="", metavar="COMMAND", help="how to run a program, as with qemu")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser


def library_of(options):
    """The library that the options name."""
    prefix = shlex.split(options.run_prefix)
    if options.system:
        return Library([], ["-lffi"], prefix, None)
    build = options.build or os.environ.get("FFI_BUILD_DIR")
    if not build:
        raise Trouble("name a build tree with --build, or test the system's library with --system")
    build = pathlib.Path(build).resolve()
    for needed in (build / "include" / "ffi.h", build / ".libs"):
        if not needed.exists():
            raise Trouble(f"{build} is not a finished build tree: {needed} is missing")
    headers = [f"-I{build / 'include'}", f"-I{pathlib.Path(__file__).resolve().parents[2] / 'include'}"]
    libs = build / ".libs"
    link = [f"-L{libs}", f"-Wl,-rpath,{libs}", "-lffi"]
    if not (libs / "libffi.so").exists():
        link = [str(libs / "libffi.a")]
    sanitizers = sanitizers_of(build)
    return Library(headers + sanitizers, link + sanitizers, prefix, build, sanitizers)


def sanitizers_of(build):
    """The sanitizer flags that a build was configured with: programs linked with it need them too."""
    makefile = build / "Makefile"
    if not makefile.exists():
        return []
    flags = re.search(r"^CFLAGS = (.*)$", makefile.read_text(), re.MULTILINE)
    return [word for word in (flags[1].split() if flags else []) if re.match(r"-f(no-)?sanitize", word)]


CLANG = {"c": "clang", "c++": "clang++"}


def compilers_of(options, language="c"):
    """The compilers to use: those named, or one and the other of gcc and clang, as far as they are installed."""
    named = options.cc if language == "c" else options.cxx and [options.cxx]
    names = {"c": ["gcc"], "c++": ["g++"]}[language] + [CLANG[language] + version for version in ("-19", "-14", "")]
    if named and (len(named) > 1 or " " in named[0] or options.arch or options.run_prefix):
        return named
    found = list(named or [])
    families = {"clang" in name for name in found}
    for name in names:
        if shutil.which(name) and ("clang" in name) not in families:
            found.append(name)
            families.add("clang" in name)
    if not found:
        raise Trouble("neither gcc nor clang is installed")
    return found


def architecture_of(options):
    """The machine's name as the test suites spell it."""
    name = options.arch or ARCHITECTURES.get(os.uname().machine)
    if not name:
        raise Trouble(f"no test knows the machine {os.uname().machine}; name one with --arch")
    return name


@dataclasses.dataclass
class Tables:
    """How many closures the built-in table of a machine has room for, and each copied one."""

    builtin: int
    copied: int

    @classmethod
    def of(cls, arch):
        """Read from the room's own description."""
        tree = pathlib.Path(__file__).resolve().parents[2]
        image = (tree / "libffi" / "arch" / arch / "image.h").read_text()
        number = {name: int(value) for name, value in re.findall(r"constexpr std::size_t (\w+) = (\d+);", image)}
        return cls(*(number[name] // number["slot_bytes"] - number["tail_slots"]
                     for name in ("builtin_bytes", "code_bytes")))


@dataclasses.dataclass
class Count:
    """What passed and failed, and what was left out and why: one skip for each reason."""

    passed: int = 0
    failed: int = 0
    reasons: dict = dataclasses.field(default_factory=dict)

    def skip(self, reason, number=1):
        """Note that this many cases were left out for this reason."""
        self.reasons[reason] = self.reasons.get(reason, 0) + number

    def finish(self):
        """Print the reasons and the closing line; the exit status."""
        suite = pathlib.Path(sys.argv[0]).resolve().parent.name
        for reason, number in sorted(self.reasons.items()):
            print(f"SKIP: {suite}: {reason}" + (f" ({number} cases)" if number > 1 else ""))
        print(f"{self.passed} passed, {self.failed} failed, {len(self.reasons)} skipped", flush=True)
        return 1 if self.failed or not self.passed else 0


def in_parallel(jobs, function, items):
    """The results of function over items as they come, with a line of progress every ten seconds."""
    items = list(items)
    last = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max(jobs, 1)) as pool:
        waiting = [pool.submit(function, item) for item in items]
        for number, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            yield future.result()
            if time.monotonic() - last > 10:
                last = time.monotonic()
                print(f"... {number} of {len(items)}", file=sys.stderr, flush=True)


def main(function):
    """Run a script's main function; trouble is one line, not a traceback."""
    try:
        with tempfile.TemporaryDirectory(prefix="ffi-test-") as scratch:
            sys.exit(function(pathlib.Path(scratch)))
    except Trouble as trouble:
        print(f"{pathlib.Path(sys.argv[0]).parent.name}: {trouble}", file=sys.stderr)
        sys.exit(2)
