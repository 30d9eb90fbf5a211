# SPDX-License-Identifier: MIT
"""CFFI in API mode: a compiled module; pointers to functions and ffi.callback still go through libffi."""

import os
import sys
import unittest

from cffi_checks import Checks
from cffi_interface import MODULE

sys.path.insert(0, os.environ["CONSUMERS_API"])
api = __import__(MODULE)


@api.ffi.def_extern()
def api_add(x):
    return x + 100


@api.ffi.def_extern()
def api_big(x):
    x.v[0] = -1
    return x


class ApiMode(Checks, unittest.TestCase):
    ffi, lib, libc = api.ffi, api.lib, api.lib

    def test_extern_python(self):
        self.assertEqual(self.lib.back_i32(self.lib.api_add, 1), 101)
        got = self.lib.back_big(self.lib.api_big, self.make("big"))
        self.assertEqual(list(got.v), [-1, 11, 12, 13, 14, 15, 16, 17])


if __name__ == "__main__":
    unittest.main()
