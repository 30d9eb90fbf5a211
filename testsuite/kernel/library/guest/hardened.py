# SPDX-License-Identifier: MIT
"""What the libffi of this process says about itself, by its query interface."""

import ctypes

MODES = ("none", "kernel", "table", "legacy")


class Info(ctypes.Structure):
    _fields_ = ([(name, ctypes.c_uint32) for name in ("mode", "policy", "protections", "refusals")] +
                [(name, ctypes.c_uint64) for name in ("closures", "allocations", "caller_memory", "tables")])


def query():
    info = Info()
    ctypes.CDLL("libffi.so.8").ffi_hardened_query(ctypes.byref(info), ctypes.c_size_t(ctypes.sizeof(info)))
    return info


def mode():
    return MODES[query().mode]
