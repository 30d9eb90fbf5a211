# SPDX-License-Identifier: MIT
"""What both CFFI modes are put through; exercise_cffi_abi.py and exercise_cffi_api.py say how it is loaded."""

import gc
import random
import threading

import children
import maps

SCALARS = {"i8": ("signed char", [-128, -1, 127]), "u8": ("unsigned char", [0, 255]),
           "i16": ("short", [-32768, 32767]), "u16": ("unsigned short", [0, 65535]),
           "i32": ("int", [-2**31, 2**31 - 1]), "u32": ("unsigned", [0, 2**32 - 1]),
           "i64": ("long long", [-2**63, 2**63 - 1]), "u64": ("unsigned long long", [0, 2**64 - 1]),
           "float": ("float", [0.5, -1.25]), "double": ("double", [0.1, -1e300])}
STRUCTS = {"one": {"a": -7}, "pair": {"a": 2**40, "b": -3}, "point": {"x": 1.5, "y": -2.5},
           "floats": {"a": 1.5, "b": 2.5, "c": 3.5}, "mixed": {"d": 0.125, "i": -9},
           "nested": {"o": {"a": 4}, "f": {"a": 1, "b": 2, "c": 3}, "tail": b"ab"},
           "big": {"v": list(range(10, 18))}}


class Checks:
    """A mixin for unittest.TestCase; the class that uses it gives `ffi`, `lib` and `libc`."""

    def struct_bytes(self, value):
        return bytes(self.ffi.buffer(self.ffi.addressof(value)))

    def make(self, name):
        return self.ffi.new(f"struct {name} *", STRUCTS[name])[0]

    def unary(self, f):
        return self.ffi.callback("int(int)", f)

    def test_scalars_there_and_back(self):
        for name, (kind, values) in SCALARS.items():
            for value in values:
                with self.subTest(type=name, value=value):
                    seen = []
                    f = self.ffi.callback(f"{kind}({kind})", lambda x: seen.append(x) or x)
                    self.assertEqual(getattr(self.lib, "echo_" + name)(value), value)
                    self.assertEqual(getattr(self.lib, "back_" + name)(f, value), value)
                    self.assertEqual(seen, [value])

    def test_scalars_through_function_pointers(self):
        """A call through a pointer goes through ffi_call in API mode too."""
        for name, (kind, values) in SCALARS.items():
            f = self.ffi.cast(f"{kind}(*)({kind})", self.ffi.addressof(self.lib, "echo_" + name))
            for value in values:
                with self.subTest(type=name, value=value):
                    self.assertEqual(f(value), value)

    def test_structs_by_value(self):
        for name in STRUCTS:
            with self.subTest(struct=name):
                value = self.make(name)
                direct = getattr(self.lib, "echo_" + name)(value)
                self.assertEqual(self.struct_bytes(direct), self.struct_bytes(value))
                pointer = self.ffi.cast(f"struct {name}(*)(struct {name})", self.ffi.addressof(self.lib, "echo_" + name))
                self.assertEqual(self.struct_bytes(pointer(value)), self.struct_bytes(value))

    def test_structs_through_callbacks(self):
        for name in STRUCTS:
            with self.subTest(struct=name):
                value = self.make(name)
                seen = []
                f = self.ffi.callback(f"struct {name}(struct {name})", lambda s: seen.append(self.struct_bytes(s)) or s)
                got = getattr(self.lib, "back_" + name)(f, value)
                self.assertEqual(self.struct_bytes(got), self.struct_bytes(value))
                self.assertEqual(seen, [self.struct_bytes(value)])

    def test_long_double(self):
        value = self.ffi.cast("long double", 0.1)
        f = self.ffi.callback("long double(long double)", lambda x: x)
        self.assertEqual(float(self.lib.echo_ldouble(value)), 0.1)
        self.assertEqual(float(self.lib.back_ldouble(f, value)), 0.1)

    def test_eighteen_arguments(self):
        point = self.ffi.new("struct point *", {"x": 8, "y": 9})[0]
        arguments = (1, 2, b"\3", 4, 5, 6, 7, point, 10, self.make("big"), 11, 12, 13, 14, 15, 16, 17, 18)
        expected = sum(range(1, 19)) + 10 + 17
        self.assertEqual(self.lib.many(*arguments), expected)

    def test_varargs(self):
        ffi = self.ffi
        text = ffi.new("char[]", 200)
        self.libc.snprintf(text, 200, b"%d %s %.3f %ld %c %g", ffi.cast("int", -5), ffi.new("char[]", b"five"),
                           ffi.cast("double", 2.5), ffi.cast("long", 2**40), ffi.cast("int", 33),
                           ffi.cast("double", 1e-9))
        self.assertEqual(ffi.string(text), b"-5 five 2.500 1099511627776 ! 1e-09")
        more = [ffi.cast("int", 1), ffi.cast("double", 0.5), ffi.cast("long", 2)]
        self.assertEqual(self.lib.sum_varargs(b"idl" * 6, *more * 6), 21.0)
        point = ffi.new("struct point *", {"x": 1, "y": 2})[0]
        self.assertEqual(self.lib.sum_varargs(b"sds", point, ffi.cast("double", 3), point), 9.0)

    def test_qsort(self):
        values = [random.Random(1).randrange(-10**6, 10**6) for _ in range(3000)]
        array = self.ffi.new("int[]", values)

        def order(a, b):
            a, b = self.ffi.cast("int *", a)[0], self.ffi.cast("int *", b)[0]
            return (a > b) - (a < b)

        compare = self.ffi.callback("int(*)(const void *, const void *)", order)
        self.libc.qsort(array, len(values), self.ffi.sizeof("int"), compare)
        self.assertEqual(list(array), sorted(values))

    def test_callbacks_stored_and_deleted(self):
        for i in range(20000):
            f = self.unary(lambda x, i=i: x + i)
            if i % 10 == 0:
                self.assertEqual(self.lib.back_i32(f, 1), i + 1)
        before = maps.resident_kb()
        for i in range(50000):
            self.unary(abs)
        gc.collect()
        self.assertLess(maps.resident_kb() - before, 8192, "memory grew although every callback is gone")

    def test_many_alive(self):
        rand = random.Random(2)
        alive = {i: self.unary(lambda x, i=i: x + i) for i in range(10000)}
        for i in rand.sample(range(10000), 5000):
            alive[i] = self.unary(lambda x, i=i: x + i)
        for i, f in alive.items():
            self.assertEqual(self.lib.back_i32(f, 5), i + 5)

    def test_error_value(self):
        f = self.ffi.callback("int(int)", lambda x: 1 // 0, error=42, onerror=lambda *what: None)
        self.assertEqual(self.lib.back_i32(f, 1), 42)

    def test_recursion(self):
        f = self.unary(lambda depth: self.lib.recurse(f, depth))
        self.assertEqual(self.lib.recurse(f, 100), 100)

    def test_called_by_foreign_threads(self):
        self.assertEqual(self.lib.in_threads(self.unary(lambda x: x + 1), 8, 300), 0)

    def test_made_by_python_threads(self):
        wrong = []

        def body(seed):
            for i in range(2000):
                f = self.unary(lambda x, i=i: x + i)
                if self.lib.back_i32(f, seed) != seed + i:
                    wrong.append((seed, i))

        threads = [threading.Thread(target=body, args=(s,)) for s in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])

    def test_fork(self):
        old = [self.unary(lambda x, i=i: x + i) for i in range(300)]

        def child():
            new = [self.unary(lambda x, i=i: x * i) for i in range(300)]
            assert all(self.lib.back_i32(f, 1) == i + 1 for i, f in enumerate(old))
            assert all(self.lib.back_i32(f, 2) == 2 * i for i, f in enumerate(new))
            old.clear()
            gc.collect()

        children.run(child)
        self.assertTrue(all(self.lib.back_i32(f, 1) == i + 1 for i, f in enumerate(old)))

    def test_function_pointer_from_c(self):
        self.assertEqual((self.lib.pick(0)(-4), self.lib.pick(1)(-4)), (4, -4))
