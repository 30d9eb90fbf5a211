#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs unittest modules and writes each test's outcome to a file as it happens, one JSON object a line.

usage: record.py --out FILE [--done FILE] MODULE...

A test is announced before it starts, so a reader can tell which one a crash belongs to. Tests named in
the --done file are left out, so that a second run can go on after a crash. The last line names the
libffi that was loaded.
"""

import argparse
import importlib
import json
import os
import unittest

import maps


class Recorder(unittest.TestResult):
    def __init__(self, out):
        super().__init__()
        self.out, self.bad, self.why = out, None, ""

    def line(self, **what):
        self.out.write(json.dumps(what) + "\n")
        self.out.flush()

    def startTest(self, test):
        super().startTest(test)
        self.bad, self.why = None, ""
        self.line(started=test.id())

    def outcome(self, kind, why=""):
        # Several can arrive for one test (subtests, cleanup): the first bad one stands.
        if self.bad is None:
            self.bad, self.why = kind, why

    def stopTest(self, test):
        super().stopTest(test)
        self.line(test=test.id(), outcome=self.bad or "ok", why=self.why)

    def addError(self, test, err):
        super().addError(test, err)
        why = self.last_line(err)
        if isinstance(test, unittest.TestCase):
            self.outcome("error", why)
        else:  # a module or class that could not be set up: no test of it starts
            self.line(test=str(test), outcome="error", why=why)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcome("failure", self.last_line(err))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if isinstance(test, unittest.TestCase):
            self.outcome("skipped", reason)
        else:
            self.line(test=str(test), outcome="skipped", why=reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.outcome("expected failure")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.outcome("unexpected success")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcome("failure", f"{subtest}: {self.last_line(err)}")

    @staticmethod
    def last_line(err):
        return f"{err[0].__name__}: {err[1]}".strip().replace("\n", " ")[:300]


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def modules_of(name):
    """The module itself, or every test_* module of a package."""
    module = importlib.import_module(name)
    if not hasattr(module, "__path__"):
        return [name]
    files = sorted(f for path in module.__path__ for f in os.listdir(path))
    return [f"{name}.{f[:-3]}" for f in files if f.startswith("test_") and f.endswith(".py")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--done")
    parser.add_argument("modules", nargs="+")
    options = parser.parse_args()
    done = set()
    if options.done:
        with open(options.done) as f:
            done = set(f.read().split("\n"))

    with open(options.out, "a") as out:
        recorder = Recorder(out)
        loader = unittest.TestLoader()
        for package in options.modules:
            for name in modules_of(package):
                tests = flatten(loader.loadTestsFromName(name))
                unittest.TestSuite(t for t in tests if t.id() not in done).run(recorder)
        recorder.line(libffi=maps.loaded_libffi())


if __name__ == "__main__":
    main()
