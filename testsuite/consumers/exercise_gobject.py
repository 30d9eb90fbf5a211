# SPDX-License-Identifier: MIT
"""PyGObject: GLib's main loop, signals with libffi's generic marshaller, sorting and binding callbacks."""

import gc
import unittest

import children
import gi

gi.require_version("GLib", "2.0")
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib, GObject  # noqa: E402  (require_version must come first)


class Sender(GObject.Object):
    # No C marshaller is given, so GObject calls handlers through libffi; accumulated values come back too.
    __gsignals__ = {
        "scalars": (GObject.SignalFlags.RUN_LAST, float, (int, float, bool, str, GObject.TYPE_UCHAR,
                                                          GObject.TYPE_INT64, GObject.TYPE_FLOAT)),
        "object": (GObject.SignalFlags.RUN_LAST, object, (object, GObject.Object)),
    }
    number = GObject.Property(type=int, default=0)


class Item(GObject.Object):
    def __init__(self, value):
        super().__init__()
        self.value = value


class GObjectCallbacks(unittest.TestCase):
    def test_idle_and_timeout(self):
        loop, seen = GLib.MainLoop(), []

        def idle(tag):
            seen.append(tag)
            return len(seen) < 5

        GLib.idle_add(idle, "idle")
        GLib.timeout_add(20, loop.quit)
        GLib.timeout_add_seconds(20, lambda: self.fail("the main loop was not left"))
        loop.run()
        self.assertEqual(seen, ["idle"] * 5)

    def test_signal_scalars(self):
        sender, seen = Sender(), []
        sender.connect("scalars", lambda *a: seen.append(a[1:]) or 2.5)
        got = sender.emit("scalars", -3, 0.25, True, "text", 200, -2**40, 1.5)
        self.assertEqual((got, seen), (2.5, [(-3, 0.25, True, "text", b"\xc8", -2**40, 1.5)]))

    def test_signal_objects(self):
        sender, item = Sender(), Item(3)
        sender.connect("object", lambda s, what, o: (what, o.value))
        self.assertEqual(sender.emit("object", {"a": 1}, item), ({"a": 1}, 3))

    def test_sort_a_list_store(self):
        store = Gio.ListStore.new(Item)
        for value in (5, 3, 9, 1, 7):
            store.append(Item(value))
        store.sort(lambda a, b, *data: (a.value > b.value) - (a.value < b.value))
        self.assertEqual([item.value for item in store], [1, 3, 5, 7, 9])

    def test_property_binding(self):
        a, b = Sender(), Sender()
        a.bind_property("number", b, "number", GObject.BindingFlags.DEFAULT, lambda binding, x: x * 2)
        a.number = 21
        self.assertEqual(b.number, 42)

    def test_asynchronous_call(self):
        loop, seen = GLib.MainLoop(), []

        def done(source, result):
            seen.append(source.query_info_finish(result).get_file_type())
            loop.quit()

        Gio.File.new_for_path("/").query_info_async("standard::*", 0, 0, None, done)
        loop.run()
        self.assertEqual(seen, [Gio.FileType.DIRECTORY])

    def test_closures_made_and_dropped(self):
        store = Gio.ListStore.new(Item)
        for value in range(20):
            store.append(Item(-value))
        for i in range(3000):
            store.sort(lambda a, b, *data, i=i: (a.value > b.value) - (a.value < b.value))
        gc.collect()
        self.assertEqual([item.value for item in store], list(range(-19, 1)))

    def test_variants_and_varargs_calls(self):
        value = GLib.Variant("(sa{sv}d)", ("x", {"k": GLib.Variant("i", 5)}, 0.5))
        self.assertEqual(value.unpack(), ("x", {"k": 5}, 0.5))
        self.assertEqual(GLib.DateTime.new_utc(2000, 2, 29, 12, 30, 15.5).get_seconds(), 15.5)

    def test_in_a_forked_child(self):
        sender, seen = Sender(), []
        sender.connect("scalars", lambda *a: seen.append(a[1]) or 1.0)

        def child():
            assert sender.emit("scalars", 1, 1.0, False, "", 1, 1, 1.0) == 1.0 and seen == [1]
            store = Gio.ListStore.new(Item)
            for value in (2, 1):
                store.append(Item(value))
            store.sort(lambda a, b, *data: a.value - b.value)
            assert [item.value for item in store] == [1, 2]

        children.run(child)
        self.assertEqual(seen, [])


if __name__ == "__main__":
    unittest.main()
