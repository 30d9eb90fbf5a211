# SPDX-License-Identifier: MIT
"""Python's ctypes on the library in kernel mode: the exercise of testsuite/consumers, and CPython's own tests."""

import ctypes
import ctypes.test
import importlib
import os
import pkgutil
import unittest

os.environ["CONSUMERS_SAMPLE"] = "/payload/libsample.so"

import hardened  # noqa: E402
import maps  # noqa: E402
import tap  # noqa: E402

# They ask compilers and linkers where libraries are.
NEED_TOOLS = ("ctypes.test.test_find",)


class Points(unittest.TestResult):
    """Each test is a point, but for those that CPython itself leaves out."""

    def startTest(self, test):
        super().startTest(test)
        self.trouble, self.skipped_for = [], None

    def addError(self, test, err):
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            self.trouble.append(self._exc_info_to_string(err, test))
        else:
            tap.point(False, str(test), self._exc_info_to_string(err, test))

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.trouble.append(f"{subtest}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skipped_for = reason

    def stopTest(self, test):
        super().stopTest(test)
        if self.skipped_for:
            print(f"# {test.id()} leaves itself out: {self.skipped_for}")
        else:
            tap.point(not self.trouble, test.id(), *self.trouble)


def address_of(callback):
    return ctypes.cast(callback, ctypes.c_void_p).value


def main():
    loaded = maps.loaded_libffi()
    tap.point(loaded == ["/payload/libffi.so.8"], "the only libffi here is the build's", loaded)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(abs)
    code = maps.mapping_of(address_of(callback))
    tap.point(code.path == "/dev/trampfd" and code.perms == "r-xs", "a callback's code is the device's", code)
    tap.point(hardened.mode() == "kernel", "the library says that mode is kernel", hardened.mode())
    tap.point(callback(-3) == 3, "the callback works")

    loader = unittest.TestLoader()
    own = sorted(module.name for module in pkgutil.iter_modules(ctypes.test.__path__, "ctypes.test."))
    own = [name for name in own if ".test_" in name and name not in NEED_TOOLS]
    for name in ("exercise_ctypes", *own):
        loader.loadTestsFromModule(importlib.import_module(name)).run(Points())
    tap.point(maps.writable_executable() == [], "no page is both writable and executable", maps.writable_executable())
    code = maps.mapping_of(address_of(callback))
    tap.point(code.path == "/dev/trampfd" and callback(-4) == 4, "the first callback still works", code)
    tap.finish()


main()
