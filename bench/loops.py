# SPDX-License-Identifier: MIT
"""Loops of real consumers: prints, for each named loop, the ns of one iteration in each of N rounds, as JSON.

usage: loops.py ROUNDS LOOP...
"""

import ctypes
import json
import sys
import time


def ctypes_call():
    function = ctypes.CDLL(None).abs
    function.argtypes, function.restype = [ctypes.c_int], ctypes.c_int
    return 20000, lambda: function(-3)


def ctypes_callback():
    proto = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    function = proto(lambda x: x)
    through = proto(ctypes.cast(function, ctypes.c_void_p).value)
    return 10000, lambda: through(1)


def ctypes_create():
    proto = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    return 10000, lambda: proto(abs)


def ctypes_create_and_call():
    proto = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    return 5000, lambda: proto(abs)(-1)


def ctypes_keep_1000():
    """Replaces one of a thousand live callbacks each time."""
    proto = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    alive, state = [proto(abs) for _ in range(1000)], [0]

    def step():
        state[0] = (state[0] * 75 + 74) % 65537
        alive[state[0] % 1000] = proto(abs)
    return 10000, step


def ctypes_qsort():
    pointer = ctypes.POINTER(ctypes.c_int)
    proto = ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer)
    qsort = ctypes.CDLL(None).qsort
    qsort.argtypes = [pointer, ctypes.c_size_t, ctypes.c_size_t, proto]
    values = [i * 37 % 64 for i in range(64)]
    return 30, lambda: qsort((ctypes.c_int * 64)(*values), 64, 4, proto(lambda a, b: a[0] - b[0]))


def cffi_call():
    import cffi
    ffi = cffi.FFI()
    ffi.cdef("int abs(int x);")
    function = ffi.dlopen(None).abs
    return 20000, lambda: function(-3)


def cffi_create():
    import cffi
    ffi = cffi.FFI()
    kind = ffi.typeof("int(*)(int)")
    return 10000, lambda: ffi.callback(kind, abs)


def cffi_create_and_call():
    import cffi
    ffi = cffi.FFI()
    kind = ffi.typeof("int(*)(int)")
    return 5000, lambda: ffi.callback(kind, abs)(-1)


def gobject_store():
    import gi
    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GObject

    class Item(GObject.Object):
        pass

    store = Gio.ListStore.new(Item)
    for _ in range(3):
        store.append(Item())
    return store


def gobject_sort():
    """One closure for each call, called a few times."""
    store = gobject_store()
    return 2000, lambda: store.sort(lambda a, b, *data: 0)


def gobject_signal():
    """The generic marshaller: ffi_call on every emission, and PyGObject's own calls."""
    from gi.repository import GObject

    class Sender(GObject.Object):
        __gsignals__ = {"go": (GObject.SignalFlags.RUN_LAST, int, (int, float))}

    sender = Sender()
    sender.connect("go", lambda s, i, d: i)
    return 2000, lambda: sender.emit("go", 1, 0.5)


LOOPS = {f.__name__: f for f in (ctypes_call, ctypes_callback, ctypes_create, ctypes_create_and_call, ctypes_keep_1000,
                                 ctypes_qsort, cffi_call, cffi_create, cffi_create_and_call, gobject_sort,
                                 gobject_signal)}


def measure(name, rounds):
    try:
        count, step = LOOPS[name]()
    except (ImportError, ValueError) as error:
        return str(error)
    times = []
    for _ in range(rounds + 1):  # the first round warms up
        start = time.perf_counter_ns()
        for _ in range(count):
            step()
        times.append((time.perf_counter_ns() - start) / count)
    return times[1:]


if __name__ == "__main__":
    print(json.dumps({name: measure(name, int(sys.argv[1])) for name in sys.argv[2:]}))
