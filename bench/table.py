# SPDX-License-Identifier: MIT
"""Turns the rows of ffi-bench into tables for a terminal, and into what they say about the goals."""

import math
import os
import sys

TITLES = {
    "call": "ffi_call, ns per call",
    "plan": "ffi_call_plan_invoke beside ffi_call, ns per call",
    "prepcall": "ffi_prep_cif + ffi_call (what ctypes does on every call), ns",
    "prep": "ffi_prep_cif, types already laid out, ns",
    "prep-fresh": "ffi_prep_cif, struct types to be laid out, ns",
    "prep-first": "ffi_prep_cif of signatures never seen before, ns",
    "closure": "a closure called from compiled code, ns per call",
    "alloc": "the life of a closure, ns each",
    "threads": "two threads against one (2.0 is all that two can do; compiled: unrelated loops)",
    "million": "1,000,000 live closures, a fresh process for each library",
}


def colour(text, code):
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\033[{code}m{text}\033[0m"
    return text


def bold(text):
    return colour(text, "1")


def geometric_mean(values):
    values = [v for v in values if v > 0]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def mark(ratio, text):
    """Colours a ratio: green when clearly faster, red when clearly slower."""
    if ratio >= 1.05:
        return colour(text, "32")
    return colour(text, "31") if ratio <= 0.95 else text


class Tables:
    """Prints rows as they come, a table per group, and remembers them."""

    def __init__(self, reference, control):
        self.reference, self.control = reference, control
        self.rows, self.group, self.columns = [], None, []

    def add(self, row):
        if row["group"] != self.group:
            self.close_group()
            self.open_group(row)
        self.rows.append(row)
        if self.group == "million":
            self.print_million(row)
        elif self.group == "threads":
            self.print_threads(row)
        else:
            self.print_row(row)
        sys.stdout.flush()

    def shown(self, row):
        return [n for n in row["figures"] if n != self.control and n != self.control + " plan"]

    def open_group(self, row):
        self.group = row["group"]
        print("\n" + bold(TITLES.get(self.group, self.group)))
        if self.group == "million":
            print(f"  {'':<14}{'made in':>9}{'freed in':>10}{'call':>8}{'RSS each':>10}{'PSS each':>10}"
                  f"{'tables':>8}{'mappings':>10}")
            return
        if self.group == "threads":
            return
        names = self.shown(row)
        self.columns = ([n for n in names if n == "compiled"]
                        + [n for n in names if n == self.reference]
                        + [n for n in names if n not in ("compiled", self.reference)])
        self.print_header()

    def print_header(self):
        heads = "".join(f"{name:>13}" + ("      ×" if self.compared(name) else "")
                        for name in self.columns)
        print(f"  {'':<42}{heads}")

    def compared(self, name):
        return name not in ("compiled", self.reference)

    def print_row(self, row):
        cells = ""
        for name in self.columns:
            figure = row["figures"].get(name)
            if figure is None:
                cells += f"{'-':>13}" + ("      -" if self.compared(name) else "")
                continue
            cells += f"{figure['ns']:>13.1f}"
            if self.compared(name):
                ratio = figure.get("ratio")
                cells += "      -" if ratio is None else mark(ratio, f"{ratio:>7.2f}")
        print(f"  {row['row']:<42}{cells}{'' if row['core'] or self.group == 'alloc' else '  +'}")

    def print_threads(self, row):
        cells = "   ".join(f"{name} {row['figures'][name]['scaling']:.2f}" for name in self.shown(row))
        print(f"  {row['row']:<42}{cells}")

    def print_million(self, row):
        m = row.get("million")
        if row["row"] == self.control:
            return
        if m is None or "refused_at" in m:
            why = f"refused at closure {m['refused_at']}" if m else f"died, status {row['failed']}"
            print(f"  {row['row']:<14}{why}")
            return
        print(f"  {row['row']:<14}{m['create_s']:>8.3f}s{m['free_s']:>9.3f}s{m['call_ns']:>6.1f}ns"
              f"{m['rss_bytes_each']:>9.1f}B{m['pss_bytes_each']:>9.1f}B{m['page_tables_bytes_each']:>7.1f}B"
              f"{m['mappings']:>10}")

    def ratios(self, group, name, core=None):
        found = {}
        for row in self.rows:
            ratio = row.get("figures", {}).get(name, {}).get("ratio")
            if row["group"] == group and ratio is not None and core in (None, row["core"]):
                found[row["row"]] = ratio
        return found

    def close_group(self):
        if self.group in (None, "threads", "million", "prep-first", "alloc"):
            return
        for label, core in (("geometric mean, rows of the goal", True),
                            ("geometric mean, all rows (+)", None)):
            cells = ""
            for name in self.columns:
                cells += " " * 13
                if self.compared(name):
                    mean = geometric_mean(self.ratios(self.group, name, core).values())
                    cells += bold(f"{mean:>7.2f}") if mean == mean else "      -"
            print(f"  {label:<42}{cells}")

    def noise(self):
        """One line: what the reference against a copy of itself shows, or None."""
        values = [v for g in TITLES for v in self.ratios(g, self.control).values()]
        if not values:
            return None
        values.sort()
        low, high = values[len(values) // 20], values[-1 - len(values) // 20]
        return (f"Noise: {self.reference} against a copy of its own file, {len(values)} rows: geometric mean "
                f"{geometric_mean(values):.3f}, 90 % of the rows within {low:.2f} to {high:.2f}.")

    def goals(self, ours):
        """(reached, sentence) for each of the project's figures that these rows speak about; reached is
        None where the machine was too busy to tell."""
        said = []
        calls = self.ratios("call", ours, True)
        if calls:
            mean = geometric_mean(calls.values())
            said.append((mean >= 3, f"ffi_call at least 3 times as fast (geometric mean): {mean:.2f}"))
        for group, what in (("prep", "ffi_prep_cif"), ("prep-fresh", "ffi_prep_cif, fresh structs")):
            rows = self.ratios(group, ours)
            limit = min([0.95, *self.ratios(group, self.control).values()])  # identical files differ too
            slow = {r: v for r, v in rows.items() if v < limit}
            if rows:
                worst = ", ".join(f"{r} {v:.2f}" for r, v in sorted(slow.items(), key=lambda x: x[1])[:3])
                said.append((not slow, f"{what} no slower in any row: "
                             + (f"{len(slow)} of {len(rows)} slower: {worst}" if slow else
                                f"geometric mean {geometric_mean(rows.values()):.2f}")))
        for row, ratio in self.ratios("alloc", ours, True).items():
            said.append((ratio >= 0.5, f"{row}: at most twice the system's: {1 / ratio:.2f}"))
        threads = {r["row"]: r["figures"] for r in self.rows if r["group"] == "threads"}
        for row, figures in threads.items():
            if row.startswith("closure") and ours in figures:
                value, machine = figures[ours]["scaling"], figures["compiled"]["scaling"]
                verdict = value >= 1.7 if machine >= 1.85 or value >= 1.7 else None
                said.append((verdict, f"{row}: two threads do 1.7 times one: {value:.2f}"
                             + (f" (two unrelated loops here: {machine:.2f})"
                                if verdict is None else "")))
        return said
