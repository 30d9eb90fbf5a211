# SPDX-License-Identifier: MIT
"""The programs of the test suite that the monitor watches, and which it leaves out for what reason."""

import dataclasses
import pathlib
import shutil
import subprocess
import sys

import ffibuild

SUITES = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SUITES / "attack"), str(SUITES / "fault")]
import faults  # noqa: E402
import judge as attacks  # noqa: E402

PYTHON = "/usr/bin/python3"
AREAS = ["call", "closures", "complex", "go", "int128", "plans", "raw", "threads", "varargs", "vectors"]
OTHERS = ["attack", "consumers", "fault", "fuzz", "hostile", "misuse", "oracle", "stress", "unit", "unwind"]
# Suites and parts of suites. What concerns millions of calls of one kind would show nothing new.
LEFT_OUT = {
    "big-endian": "parts of the library without closures, under an emulator",
    "closures/many under policy strict": "it opens one page for every closure of thousands, and nothing else",
    "dkms, house, package, tools": "they look at files and run no closures",
    "fuzz, at random": "sanitizers map memory all the time; the kept inputs are watched, without sanitizers",
    "hostile, settings for root": "strace cannot follow them",
    "kernel": "a machine of its own, in which the driver refuses what is forbidden here",
    "unit tests of fake backends and of a full table": "no part of the library, and calls of one kind",
    "valgrind": "it translates all code into memory of its own",
    "weakened builds of attack, oracle and fuzz": "they are wrong on purpose",
}
NO_SUITES = {"config", "golden", "lib", "monitor"}
# Programs that make executable memory of their own.
OWN_CODE = {"closures/own_memory", "closures/executable_view", "closures/microsoft", "raw/raw", "raw/java_raw"}
HOSTILE = ["nothing", "mdwe", "no-proc", "no-files", "reused", "empty-root"]
STRESS = ["threads 4 500", "forks 10", "exec 2", "cycles 3000", "live 3000"]
VARIANTS = {"": {}, ", strict": {"FFI_CLOSURE_POLICY": "strict"}, ", legacy": {"FFI_TRAMPOLINE_MODE": "legacy"}}
# The attack that overwrites words of the library's bookkeeping takes one of so many.
SWEEP_STRIDE = 97
HEAVY = {"closures/many, strict"}
UNIT_TESTS = {"": "-*legacy*:*strict*:*fake*:*FullTable*", ", legacy": "*legacy*"}
# Users of libffi: what runs, what it needs, and whether it makes executable memory of its own.
CONSUMERS = {"ctypes": ([PYTHON, "exercise_ctypes.py"], [PYTHON, "-c", "import ctypes"], False),
             "PyGObject": ([PYTHON, "exercise_gobject.py"], [PYTHON, "-c", "import gi"], False),
             "Ruby, fiddle": (["ruby", "exercise_fiddle.rb"], ["ruby", "-e", "require 'fiddle'; require 'minitest'"], False),
             "Ruby, ffi": (["ruby", "exercise_ruby_ffi.rb"], ["ruby", "-e", "require 'ffi'; require 'minitest'"], True),
             "CFFI": ([PYTHON, "exercise_cffi_abi.py"], [PYTHON, "-c", "import cffi"], True)}


def unknown_suites():
    """Suites that are neither watched nor left out by name."""
    known = {*AREAS, *OTHERS, *NO_SUITES, *", ".join(LEFT_OUT).split(", ")}
    return sorted(folder.name for folder in SUITES.iterdir() if folder.is_dir() and folder.name not in known
                  and not folder.name.startswith((".", "__")))


@dataclasses.dataclass
class Case:
    """A program to watch: a command, or sources of which to make one."""
    name: str
    command: list = ()
    sources: list = ()
    flags: list = ()
    environment: dict = dataclasses.field(default_factory=dict)
    stacks: bool = False            # it makes executable memory of its own
    interposes: bool = False        # it stands between the library and libc
    library: pathlib.Path = None    # another file than the build's
    statuses: tuple = (0, 77)       # None: any, for programs that are to end by a signal


class Cases:
    """What to watch, given a monitor, which builds programs."""

    def __init__(self, monitor, count):
        self.monitor, self.count = monitor, count
        self.library, self.libffi, self.scratch = monitor.library, monitor.libffi, monitor.scratch

    def all(self):
        if self.library.has_test_hooks():
            return [*self.attack(), *self.fault()]
        return [*self.unit_tests(), *self.consumers(), *self.oracle(), *self.fuzz(), *self.programs()]

    def programs(self):
        """Programs that need nothing but the library."""
        for area in AREAS:
            for source in sorted((SUITES / area).glob("*.c")):
                name = f"{area}/{source.stem}"
                for variant, environment in VARIANTS.items() if area in ("closures", "threads") else [("", {})]:
                    if name + variant not in HEAVY:
                        yield Case(name + variant, sources=[source], environment=environment, stacks=name in OWN_CODE)
        for source in sorted((SUITES / "misuse").glob("*.c")):
            yield Case(f"misuse/{source.stem}", sources=[source], flags=[f"-I{SUITES / 'misuse'}"], statuses=None)
        for source in sorted((SUITES / "unwind").glob("*.c*")):
            yield Case(f"unwind/{source.stem}", sources=[source], flags=["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"])
        stress = self.monitor.build("stress", sorted(set((SUITES / "stress").glob("*.c")) - {SUITES / "stress" / "own_malloc.c"}))
        for words in STRESS:
            for variant, environment in VARIANTS.items():
                yield Case(f"stress {words}{variant}", [stress, *words.split()], environment=environment)
        hostile = self.monitor.build("hostile", sorted((SUITES / "hostile").glob("*.c")), "-DBATCH=2000")
        foreign = self.scratch / "foreign"
        foreign.write_bytes(b"\xcc" * 65536)
        for setting in HOSTILE:
            yield Case(f"hostile {setting}", [hostile, setting, "0", self.libffi, foreign])

    def consumers(self):
        """Python's, Ruby's and GObject's users of libffi, on this library."""
        folder = SUITES / "consumers"
        sample = self.monitor.build("libsample.so", [folder / "sample.c"], "-shared", "-fPIC")
        environment = {"LD_LIBRARY_PATH": str(self.libffi.parent), "CONSUMERS_SAMPLE": str(sample), "PYTHONDONTWRITEBYTECODE": "1",
                       "PYTHONPATH": str(folder)}
        for name, (command, needs, own_code) in CONSUMERS.items():
            if not shutil.which(needs[0]) or subprocess.run(needs, capture_output=True, check=False).returncode:
                self.count.skip(f"{name}: not installed")
                continue
            yield Case(name, [command[0], folder / command[1]], environment=environment, stacks=own_code)

    def unit_tests(self):
        program = self.library.build / "unit-tests"
        if not program.exists():
            self.count.skip("the unit tests are not built (make unit-tests)")
            return
        for variant, tests in UNIT_TESTS.items():
            yield Case(f"unit tests{variant}", [program, f"--gtest_filter={tests}"])

    def made_by(self, suite, *words):
        """Have a suite's own runner make its programs."""
        command = [SUITES / suite / "run", "--build", self.library.build, *words]
        if complaint := ffibuild.complaint_of([str(word) for word in command]):
            raise ffibuild.Trouble(complaint)

    def oracle(self):
        """Random signatures, down every path."""
        folder = self.scratch / "oracle"
        self.made_by("oracle", "--count", "100", "--keep", folder)
        for program in sorted(file for file in folder.glob("program-*") if not file.suffix):
            yield Case(f"oracle {program.name}", [program], stacks=True)

    def fuzz(self):
        """The inputs that the fuzzer keeps."""
        for target in ("calls", "types"):
            sources = [SUITES / "fuzz" / f"{target}.c", SUITES / "monitor" / "replay.c"]
            program = self.monitor.build(f"fuzz-{target}", sources)
            yield Case(f"fuzz/{target}", [program, SUITES / "fuzz" / f"{target}.corpus.txt"], stacks=True)

    def attack(self):
        """Attacks, each watched for what the library does meanwhile."""
        folder = self.scratch / "attacks"
        folder.mkdir()
        self.made_by("attack", "--pack", folder)
        for source in sorted((SUITES / "attack").glob("*.cpp")):
            environment, libffi = attacks.surroundings(folder / source.stem, attacks.Attack.read(source, self.monitor.arch), self.libffi.parent,
                                                       self.scratch, SWEEP_STRIDE)
            yield Case(f"attack/{source.stem}", [folder / source.stem], environment=environment, stacks=True, library=libffi,
                       statuses=None)

    def fault(self):
        """Calls of the library's failing in turn: whatever was refused, it makes no do with what is forbidden."""
        program = self.monitor.build("fault", sorted((SUITES / "fault").glob("*.c")))
        listing = self.library.run([program]).stdout
        for scenario in faults.scenarios(listing):
            if scenario.name not in faults.FAULTY:
                for style in faults.STYLES:
                    yield Case(f"fault/{scenario.name} {style}", [program, scenario.name, style, "2"],
                               stacks=scenario.name.endswith("own_memory"), interposes=True)
