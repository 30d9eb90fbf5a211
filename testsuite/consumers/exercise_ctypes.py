# SPDX-License-Identifier: MIT
"""ctypes beyond CPython's own tests: loops of closures, threads, fork, signals, closed descriptors."""

import ctypes
import gc
import os
import random
import signal
import sys
import threading
import unittest
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_float, c_int, c_long, c_longlong

import children
import maps

sample = ctypes.CDLL(os.environ["CONSUMERS_SAMPLE"])
libc = ctypes.CDLL(None, use_errno=True)
Unary = CFUNCTYPE(c_int, c_int)
sample.back_i32.argtypes = [Unary, c_int]
sample.in_threads.argtypes = [Unary, c_int, c_int]
sample.recurse.argtypes = [Unary, c_int]


class One(Structure):
    _fields_ = [("a", c_int)]


class Pair(Structure):
    _fields_ = [("a", c_long), ("b", c_long)]


class Point(Structure):
    _fields_ = [("x", c_double), ("y", c_double)]


class Floats(Structure):
    _fields_ = [("a", c_float), ("b", c_float), ("c", c_float)]


class Mixed(Structure):
    _fields_ = [("d", c_double), ("i", c_int)]


class Nested(Structure):
    _fields_ = [("o", One), ("f", Floats), ("tail", ctypes.c_char * 3)]


class Big(Structure):
    _fields_ = [("v", c_longlong * 8)]


STRUCTS = {"one": One(-7), "pair": Pair(2**40, -3), "point": Point(1.5, -2.5), "floats": Floats(1.5, 2.5, 3.5),
           "mixed": Mixed(0.125, -9), "nested": Nested(One(4), Floats(1, 2, 3), b"ab"),
           "big": Big((c_longlong * 8)(*range(10, 18)))}
SCALARS = {"i8": (ctypes.c_byte, [-128, -1, 0, 127]), "u8": (ctypes.c_ubyte, [0, 255]),
           "i16": (ctypes.c_short, [-32768, -1, 32767]), "u16": (ctypes.c_ushort, [0, 65535]),
           "i32": (c_int, [-2**31, -1, 2**31 - 1]), "u32": (ctypes.c_uint, [0, 2**32 - 1]),
           "i64": (c_longlong, [-2**63, -1, 2**63 - 1]), "u64": (ctypes.c_ulonglong, [0, 2**64 - 1]),
           "float": (c_float, [0.5, -1.25]), "double": (c_double, [0.1, -1e300]),
           "ldouble": (ctypes.c_longdouble, [0.1, -1e300])}


class Values(unittest.TestCase):
    def test_scalars_there_and_back(self):
        for name, (kind, values) in SCALARS.items():
            echo, back = getattr(sample, "echo_" + name), getattr(sample, "back_" + name)
            proto = CFUNCTYPE(kind, kind)
            echo.restype, echo.argtypes = kind, [kind]
            back.restype, back.argtypes = kind, [proto, kind]
            for value in values:
                with self.subTest(type=name, value=value):
                    seen = []
                    self.assertEqual(echo(value), value)
                    self.assertEqual(back(proto(lambda x: seen.append(x) or x), value), value)
                    self.assertEqual(seen, [value])

    def test_structs_by_value(self):
        for name, value in STRUCTS.items():
            with self.subTest(struct=name):
                echo = getattr(sample, "echo_" + name)
                echo.restype, echo.argtypes = type(value), [type(value)]
                self.assertEqual(bytes(echo(value)), bytes(value))

    def test_structs_in_callbacks(self):
        for name, value in STRUCTS.items():  # ctypes' callbacks take structs but cannot return them
            with self.subTest(struct=name):
                seen = []
                proto = CFUNCTYPE(None, type(value))
                inner = proto(lambda s: seen.append(bytes(s)))
                proto(ctypes.cast(inner, ctypes.c_void_p).value)(value)  # out through ffi_call, and back in
                self.assertEqual(seen, [bytes(value)])

    def test_eighteen_arguments(self):
        f = sample.many
        f.restype = c_double
        f.argtypes = [c_int, c_double, ctypes.c_byte, c_float, c_long, c_double, ctypes.c_short, Point, c_longlong, Big,
                      c_float, ctypes.c_ubyte, *[c_double] * 5, c_int]
        big = STRUCTS["big"]
        got = f(1, 2, 3, 4, 5, 6, 7, Point(8, 9), 10, big, 11, 12, 13, 14, 15, 16, 17, 18)
        self.assertEqual(got, sum(range(1, 19)) + 10 + 17)

    def test_varargs(self):
        text = ctypes.create_string_buffer(200)
        libc.snprintf(text, ctypes.c_size_t(200), b"%d %s %.3f %lld %c %g", -5, b"five", c_double(2.5),
                      c_longlong(2**40), 33, c_double(1e-9))
        self.assertEqual(text.value, b"-5 five 2.500 1099511627776 ! 1e-09")
        sample.sum_varargs.restype, sample.sum_varargs.argtypes = c_double, [c_char_p]
        self.assertEqual(sample.sum_varargs(b"idl" * 6, *[1, c_double(0.5), c_long(2)] * 6), 21.0)
        self.assertEqual(sample.sum_varargs(b"sds", Point(1, 2), c_double(3), Point(4, 5)), 15.0)

    def test_qsort(self):
        compare = CFUNCTYPE(c_int, POINTER(c_double), POINTER(c_double))
        values = [random.Random(1).uniform(-5, 5) for _ in range(5000)]
        array = (c_double * len(values))(*values)
        order = compare(lambda a, b: (a[0] > b[0]) - (a[0] < b[0]))
        libc.qsort(array, ctypes.c_size_t(len(values)), ctypes.c_size_t(8), order)
        self.assertEqual(list(array), sorted(values))

    def test_errno_survives(self):
        self.assertEqual(libc.close(-1), -1)
        self.assertEqual(ctypes.get_errno(), 9)

    def test_function_pointer_from_c(self):
        sample.pick.restype = Unary
        self.assertEqual((sample.pick(0)(-4), sample.pick(1)(-4)), (4, -4))


class Closures(unittest.TestCase):
    def test_created_called_deleted(self):
        for i in range(30000):
            f = Unary(lambda x, i=i: x + i)
            if i % 10 == 0:
                self.assertEqual(sample.back_i32(f, 1), i + 1)
        before = maps.resident_kb()
        for i in range(100000):
            Unary(abs)
        gc.collect()
        self.assertLess(maps.resident_kb() - before, 8192, "memory grew although every callback is gone")

    def test_many_alive(self):
        rand = random.Random(2)
        alive = {i: Unary(lambda x, i=i: x + i) for i in range(20000)}
        for _ in range(3):
            for i in rand.sample(range(20000), 10000):
                alive[i] = Unary(lambda x, i=i: x + i)
        for i, f in alive.items():
            self.assertEqual(sample.back_i32(f, 5), i + 5)

    def test_distinct_addresses(self):
        alive = [Unary(abs) for _ in range(5000)]
        self.assertEqual(len({ctypes.cast(f, ctypes.c_void_p).value for f in alive}), 5000)

    def test_in_an_array(self):
        Void = CFUNCTYPE(None)
        seen = []
        alive = [Void(lambda i=i: seen.append(i)) for i in range(1000)]
        sample.call_all((Void * 1000)(*alive), 1000)
        self.assertEqual(seen, list(range(1000)))

    def test_recursion(self):
        f = Unary(lambda depth: sample.recurse(f, depth))
        self.assertEqual(sample.recurse(f, 100), 100)

    def test_freed_while_running(self):
        holder = {}

        def body(x):
            holder.clear()
            gc.collect()
            return x + 1

        holder["f"] = Unary(body)
        self.assertEqual(holder["f"](1), 2)

    def test_in_a_signal_handler(self):
        seen = []
        f = CFUNCTYPE(None, c_int)(seen.append)
        self.assertEqual(sample.on_signal(f, signal.SIGUSR1), 0)
        self.assertEqual(seen, [signal.SIGUSR1])

    def test_exception_is_contained(self):
        caught = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda info: caught.append(info.exc_type)
        try:
            sample.back_i32(Unary(lambda x: 1 // 0), 1)  # what it returns then, ctypes leaves open
        finally:
            sys.unraisablehook = hook
        self.assertEqual(caught, [ZeroDivisionError])


class Threads(unittest.TestCase):
    def test_called_by_foreign_threads(self):
        self.assertEqual(sample.in_threads(Unary(lambda x: x + 1), 8, 500), 0)

    def test_made_and_called_by_python_threads(self):
        wrong = []

        def body(seed):
            rand = random.Random(seed)
            alive = {}
            for i in range(4000):
                at = rand.randrange(200)
                alive[at] = (Unary(lambda x, i=i: x + i), i)
                f, n = rand.choice(list(alive.values()))
                if sample.back_i32(f, 3) != n + 3:
                    wrong.append((seed, i))

        threads = [threading.Thread(target=body, args=(s,)) for s in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])


class Processes(unittest.TestCase):
    def test_child_uses_what_it_inherited(self):
        old = [Unary(lambda x, i=i: x + i) for i in range(300)]

        def child():
            assert all(sample.back_i32(f, 1) == i + 1 for i, f in enumerate(old))
            new = [Unary(lambda x, i=i: x * i) for i in range(300)]
            assert all(sample.back_i32(f, 2) == 2 * i for i, f in enumerate(new))
            old.clear()
            new.clear()
            gc.collect()
            assert sample.back_i32(Unary(lambda x: x + 9), 0) == 9

        children.run(child)
        self.assertTrue(all(sample.back_i32(f, 1) == i + 1 for i, f in enumerate(old)))

    def test_parent_and_child_apart(self):
        """What one makes after the fork never shows in the other."""
        go, done = os.pipe(), os.pipe()

        def child():
            mine = [Unary(lambda x, i=i: 1000000 + i) for i in range(200)]
            os.write(done[1], b"x")
            os.read(go[0], 1)
            assert [f(0) for f in mine] == [1000000 + i for i in range(200)]

        pid = children.start(child)
        os.read(done[0], 1)
        mine = [Unary(lambda x, i=i: i) for i in range(200)]
        self.assertEqual([f(0) for f in mine], list(range(200)))
        os.write(go[1], b"x")
        children.finish(pid)
        self.assertEqual([f(0) for f in mine], list(range(200)))
        for end in (*go, *done):
            os.close(end)

    def test_fork_while_others_allocate(self):
        stop = threading.Event()

        def churn():
            while not stop.is_set():
                alive = [Unary(abs) for _ in range(50)]
                del alive

        threads = [threading.Thread(target=churn) for _ in range(4)]
        for t in threads:
            t.start()
        try:
            for _ in range(40):
                children.run(lambda: [Unary(lambda x, i=i: x + i)(1) for i in range(100)])
        finally:
            stop.set()
            for t in threads:
                t.join()

    def test_all_descriptors_closed(self):
        """A daemon closes every descriptor it inherited, and makes callbacks afterwards."""
        def child():
            os.closerange(0, 256)
            alive = [Unary(lambda x, i=i: x + i) for i in range(2000)]
            assert all(f(1) == i + 1 for i, f in enumerate(alive))

        children.run(child)

    def test_descriptors_do_not_leak(self):
        before = len(os.listdir("/proc/self/fd"))
        alive = [Unary(abs) for _ in range(5000)]
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        del alive


if __name__ == "__main__":
    unittest.main()
