#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The main job: unmodified Python calls C and is called back through this library, with proof.

usage: LD_LIBRARY_PATH=DIR/.libs /usr/bin/python3 quickstart.py --build-dir DIR
"""

import argparse
import ctypes
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import tempfile
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_long, c_size_t, c_void_p

import maps

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parents[1] / "bench" / "run"


class Report:
    """Prints checks as they are made, and remembers whether one failed."""

    def __init__(self):
        self.failed = self.passed = self.skipped = 0
        self.colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.marks = "utf" in (sys.stdout.encoding or "").lower()

    def paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self.colours else text

    def title(self, text):
        print("\n" + self.paint(text, "1"), flush=True)

    def check(self, good, text):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        mark = ("✓" if self.marks else "ok") if good else "FAILED"
        print(f"  {self.paint(mark, '32' if good else '1;31')} {text}", flush=True)

    def note(self, text):
        print(f"    {text}", flush=True)

    def skip(self, text):
        self.skipped += 1
        print(f"  {self.paint('skipped', '33')} {text}", flush=True)


class Pair(Structure):
    _fields_ = [("quot", c_long), ("rem", c_long)]


class Complex(Structure):  # passed in registers exactly as C's double complex is
    _fields_ = [("real", c_double), ("imag", c_double)]


class MallocInfo(Structure):
    _fields_ = [(name, c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks "
                                             "keepcost".split()]


NUMBERS = [31, 4, -15, 92, 65, 35, -89, 79]


def the_library(report, build):
    report.title("The library")
    wanted = os.path.realpath(build / ".libs" / "libffi.so.8")
    loaded = maps.loaded_libffi()
    report.check(loaded == [wanted], f"the only libffi in this process (/proc/self/maps): {', '.join(loaded)}")
    if loaded != [wanted]:
        report.note(f"expected {wanted}; run with LD_LIBRARY_PATH={build}/.libs")
        return None
    lib = ctypes.CDLL(wanted)
    if not hasattr(lib, "ffi_hardened_version"):
        report.check(False, "it has no function ffi_hardened_version, so it is another libffi")
        return lib
    lib.ffi_get_version.restype = lib.ffi_hardened_version.restype = c_char_p
    report.check(True, f"it is version {lib.ffi_hardened_version().decode()}, with the interface of libffi "
                       f"{lib.ffi_get_version().decode()}")
    return lib


def ctypes_at_work(report):
    """Returns the live callback, for a look at its trampoline."""
    report.title("ctypes")
    libc, libm = ctypes.CDLL(None), ctypes.CDLL("libm.so.6")

    calls = []
    compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda a, b: calls.append(1) or a[0] - b[0])
    array = (c_int * len(NUMBERS))(*NUMBERS)
    libc.qsort(array, c_size_t(len(NUMBERS)), c_size_t(4), compare)
    report.check(list(array) == sorted(NUMBERS), f"qsort called a Python function {len(calls)} times: {list(array)}")

    libc.ldiv.restype, libc.ldiv.argtypes = Pair, [c_long, c_long]
    pair = libc.ldiv(2**40 + 6, 7)
    report.check((pair.quot, pair.rem) == divmod(2**40 + 6, 7),
                 f"ldiv returned a struct of two longs: {{{pair.quot}, {pair.rem}}}")
    libm.cpow.restype, libm.cpow.argtypes = Complex, [Complex, Complex]
    power = libm.cpow(Complex(0, 1), Complex(2, 0))
    report.check(abs(complex(power.real, power.imag) + 1) < 1e-9,
                 f"cpow took and returned structs of two doubles: i² = {power.real:g}")
    if hasattr(libc, "mallinfo2"):
        libc.mallinfo2.restype = MallocInfo
        info = libc.mallinfo2()
        report.check(info.uordblks > 0 and info.arena >= info.uordblks,
                     f"mallinfo2 returned a struct of 80 bytes: {info.uordblks} bytes in use")
    libm.pow.restype, libm.pow.argtypes = c_double, [c_double, c_double]
    report.check(libm.pow(2, 0.5) == 2**0.5, f"pow took and returned doubles: √2 = {libm.pow(2, 0.5):.6f}")
    text = ctypes.create_string_buffer(100)
    libc.snprintf(text, c_size_t(100), b"%d %.3f %s %ld", -5, c_double(2.5), b"five", c_long(2**40))
    report.check(text.value == b"-5 2.500 five 1099511627776", f"snprintf took varargs: \"{text.value.decode()}\"")
    return compare


def what_serves(address):
    """Judged from /proc/self/maps alone: (mode, the mapping)."""
    where = maps.mapping_of(address)
    if "w" in where.perms:
        return "writable code", where
    if "trampfd" in where.path:
        return "kernel", where
    if re.search(r"/libffi\.so", where.path):
        return "table", where
    return "legacy", where


def in_a_child(body):
    """The wait status of a child that ran `body` and exited with what it returned."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        os._exit(body())
    return os.waitpid(pid, 0)[1]


def attack(report, address, where):
    """A child writes to the trampoline, as it is and after asking for permission."""
    status = in_a_child(lambda: ctypes.memset(address, 0xCC, 1) and 0)
    report.check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV,
                 "a child that wrote to the trampoline was stopped (SIGSEGV)")
    if where.perms[3] == "s":
        libc, page = ctypes.CDLL(None), address & ~(os.sysconf("SC_PAGE_SIZE") - 1)
        status = in_a_child(lambda: int(libc.mprotect(c_void_p(page), c_size_t(1), 7) == 0))
        report.check(status == 0, "a child that asked mprotect to make it writable was refused")


def the_trampoline(report, lib, callback):
    report.title("What served ctypes' callback")
    address = ctypes.cast(callback, c_void_p).value
    mode, where = what_serves(address)
    name = os.path.basename(where.path) or "anonymous memory"
    report.check(mode in ("kernel", "table", "legacy"),
                 f"mode {mode}: its code lies in a {where.perms} mapping of {name}")
    said = library_says(report, lib)
    if said:
        report.check(said == mode, f"the library says the same: {said}")
    both = maps.writable_executable()
    report.check(not both, "no page of this process is both writable and executable")
    for m in both:
        report.note(f"{m.start:x}-{m.end:x} {m.perms} {m.path}")
    attack(report, address, where)


def library_says(report, lib):
    """The mode as the library's own interface names it, or None where it has no such function."""
    if lib is None or not hasattr(lib, "ffi_hardened_mode"):
        return None
    lib.ffi_hardened_mode.restype = c_char_p
    return lib.ffi_hardened_mode().decode()


def exercise_cffi(report, how, ffi, libc):
    array = ffi.new("int[]", NUMBERS)
    compare = ffi.callback("int(*)(const void *, const void *)",
                           lambda a, b: ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0])
    libc.qsort(array, len(NUMBERS), 4, compare)
    report.check(list(array) == sorted(NUMBERS), f"{how}: qsort with a Python callback: {list(array)}")
    divide = ffi.cast("ldiv_t(*)(long, long)", ffi.addressof(libc, "ldiv"))
    pair = divide(47, 5)
    report.check((pair.quot, pair.rem) == (9, 2), f"{how}: ldiv through a pointer, a struct by value: {{9, 2}}")
    text = ffi.new("char[]", 100)
    libc.snprintf(text, 100, b"%d %.3f %s", ffi.cast("int", -5), ffi.cast("double", 2.5), ffi.new("char[]", b"five"))
    report.check(ffi.string(text) == b"-5 2.500 five", f"{how}: snprintf took varargs: \"{ffi.string(text).decode()}\"")
    add = ffi.callback("ldiv_t(ldiv_t, double)", lambda s, d: ffi.new("ldiv_t *", [s.quot + int(d), s.rem])[0])
    pair = add(pair, 33.0)
    report.check((pair.quot, pair.rem) == (42, 2), f"{how}: a callback took and returned a struct by value: {{42, 2}}")
    return int(ffi.cast("uintptr_t", compare))


CDEF = """
    typedef struct { long quot; long rem; } ldiv_t;
    ldiv_t ldiv(long a, long b);
    void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
    int snprintf(char *to, size_t size, const char *format, ...);
"""


def compile_api_module(directory):
    import cffi

    builder = cffi.FFI()
    builder.cdef(CDEF)
    builder.set_source("quickstart_api", "#include <stdio.h>\n#include <stdlib.h>")
    builder.compile(tmpdir=directory)


def cffi_at_work(report, compiler):
    try:
        import cffi
    except ImportError:
        report.title("CFFI")
        report.skip("not installed (Debian: python3-cffi)")
        return
    report.title(f"CFFI {cffi.__version__}")
    ffi = cffi.FFI()
    ffi.cdef(CDEF)
    address = exercise_cffi(report, "ABI mode", ffi, ffi.dlopen(None))

    with tempfile.TemporaryDirectory(prefix="ffi-quickstart-") as scratch:
        program = f"import sys; sys.path.insert(0, {str(HERE)!r}); import quickstart as q; " \
                  f"q.compile_api_module({scratch!r})"
        made = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True,
                              env={**os.environ, "CC": compiler})
        if made.returncode != 0:
            why = (made.stderr.strip().splitlines() or ["no message"])[-1]
            report.skip(f"API mode: its module does not compile here (Debian: gcc python3-dev): {why}")
        else:
            sys.path.insert(0, scratch)
            import quickstart_api as api
            exercise_cffi(report, "API mode", api.ffi, api.lib)

    mode, where = what_serves(address)
    name = os.path.basename(where.path) or "anonymous memory"
    if mode == "writable code":
        report.note(f"Its trampolines lie in a {where.perms} page of {name} that CFFI itself maps;")
        report.note("ffi_prep_closure_loc writes them there. A program's own such pages are its own affair.")
    else:
        report.note(f"Its trampolines: mode {mode}, {where.perms} {name}.")


SHOWN = {"call": ["void()", "long(long x6)", "double(int,double,void*,float,long,double)",
                  "{double,double}({double,double} x2)"],
         "prep": ["long(long x6)"],
         "closure": ["int(void* x2)", "double(int,double,void*,float,long,double)"],
         "alloc": ["alloc+prep+free, warm", "alloc+prep+free, batches of 1000"]}
WORDS = {"call": "ffi_call", "prep": "ffi_prep_cif", "closure": "callback", "alloc": "closure"}


def the_speed(report, build, compiler):
    report.title("Speed against the system's libffi, one process, interleaved (ns)")
    with tempfile.NamedTemporaryFile(prefix="ffi-quickstart-", suffix=".json") as out:
        command = [str(BENCH), "--build", str(build), "--quick", "--core-only", "--groups", ",".join(SHOWN), "--json",
                   out.name]
        made = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CXX": compiler})
        if made.returncode != 0:
            why = (made.stderr.strip().splitlines() or ["no message"])[-1]
            report.check(False, f"the benchmark did not run: {why}")
            return
        rows = json.load(open(out.name))["rows"]
    print(f"    {'':<58}{'system':>9}{'ours':>9}{'times as fast':>15}")
    for row in rows:
        if row["row"] in SHOWN[row["group"]]:
            system, ours = row["figures"]["system"], row["figures"]["ours"]
            print(f"    {WORDS[row['group']] + ' ' + row['row']:<58}{system['ns']:>9.1f}{ours['ns']:>9.1f}"
                  f"{ours['ratio']:>15.2f}")
    mean = re.search(r"ffi_call at least .*: ([0-9.]+)$", made.stdout, re.M)
    if mean:
        report.note(f"ffi_call over all 18 signatures of the goal: {mean[1]} times as fast (geometric mean).")
    report.note(f"All of it: bench/run --build {build}")


def compilers(build):
    """The C and C++ compilers that the build used."""
    try:
        text = (build / "Makefile").read_text()
    except OSError:
        text = ""
    return [(re.search(rf"^{name} = (.+)$", text, re.M) or [None, default])[1]
            for name, default in (("CC", "gcc"), ("CXX", "g++"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", required=True, type=pathlib.Path, metavar="DIR")
    parser.add_argument("--no-speed", action="store_true", help="leave the table of speed out")
    options = parser.parse_args()
    build = options.build_dir.resolve()
    cc, cxx = compilers(build)

    report = Report()
    print(report.paint(f"Python {platform.python_version()}, Linux {platform.release()}, {platform.machine()}", "2"))
    lib = the_library(report, build)
    callback = ctypes_at_work(report)
    the_trampoline(report, lib, callback)
    cffi_at_work(report, cc)
    report.title("Still the same library")
    the_end = maps.loaded_libffi()
    report.check(len(the_end) == 1, f"after all of this, the only libffi in this process: {', '.join(the_end)}")
    if not options.no_speed:
        the_speed(report, build, cxx)
    print(f"\n{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
