# SPDX-License-Identifier: MIT
"""CFFI in ABI mode: declarations read at run time, every call and callback through libffi."""

import os
import unittest

import cffi
from cffi_checks import Checks
from cffi_interface import declarations


class AbiMode(Checks, unittest.TestCase):
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    lib = ffi.dlopen(os.environ["CONSUMERS_SAMPLE"])
    libc = ffi.dlopen(None)


if __name__ == "__main__":
    unittest.main()
