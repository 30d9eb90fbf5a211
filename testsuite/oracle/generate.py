#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a C program of random signatures for the oracle: compiled callees, compiled callers, descriptors.

Signature N of seed S is the same whatever program it stands in, so that it can be rerun alone.
"""

import argparse
import random
import sys

import ctypes_model as model
from ctypes_model import Member, Scalar, Struct

# A machine's C compiler lacks some types altogether.
LACKING = {"x86_64": set(), "aarch64": set(), "i386": {"int128", "vector"}}
MAX_MEMBERS_IN_ALL = 250


class Signature:
    """One random function type."""

    def __init__(self, seed, number, features):
        self.number = number
        self.random = random.Random(f"libffi oracle {seed} {number}")
        self.features = features
        self.struct_count = 0
        menu = self.menu()
        count = self.argument_count()
        self.fixed = None
        if count > 1 and self.chance(0.13):
            self.fixed = self.random.randint(1, count - 1)
        self.arguments = []
        for index in range(count):
            variadic = self.fixed is not None and index >= self.fixed
            self.arguments.append(self.draw(menu, variadic))
        self.result = None if self.chance(0.08) else self.draw(menu if self.chance(0.5) else self.menu(), False)

    def chance(self, probability):
        return self.random.random() < probability

    def argument_count(self):
        low, high = self.random.choices([(0, 3), (4, 8), (9, 14), (15, 24)], [25, 40, 22, 13])[0]
        return self.random.randint(low, high)

    def special(self):
        """The types beside plain integers and floating point that this machine and library have."""
        names = list(model.LONG_DOUBLES)
        for feature, table in model.FEATURES.items():
            if feature in self.features:
                names += table
        if "ldouble" not in self.features:
            names = [name for name in names if "ldouble" not in name]
        return names or list(model.FLOATS)

    def menu(self):
        """What a signature's types are drawn from: each kind of type with a weight."""
        integers, floats, special = list(model.INTEGERS), list(model.FLOATS), self.special()
        return self.random.choices(
            [[(integers, 1)], [(floats, 1)], [(integers, 3), (floats, 3)], [("struct", 1)],
             [(integers, 2), (floats, 2), ("struct", 3)], [(special, 1)],
             [(integers, 3), (floats, 3), ("struct", 3), (special, 3)]],
            [2, 1, 3, 2, 5, 2, 6])[0]

    def draw(self, menu, variadic):
        for _ in range(200):
            kind = self.random.choices([m[0] for m in menu], [m[1] for m in menu])[0]
            if kind == "struct":
                struct = self.struct(0, False)
                if struct.size or not variadic:
                    return struct
                continue
            name = self.random.choice(kind)
            if not (variadic and name in model.PROMOTED):
                return Scalar(name)
        return Scalar("int")

    def struct(self, depth, packed):
        rnd = self.random
        if depth == 0 and "empty" in self.features and self.chance(0.02):
            return self.new_struct([], False)
        packed = packed or self.chance(0.1)
        budget = rnd.choices([8, 16, 32, 80, 400, 3000], [25, 40, 18, 12, 4, 1])[0]
        wanted = rnd.randint(1, 6)
        integers, floats, special = list(model.INTEGERS), list(model.FLOATS), self.special()
        palette = rnd.choices([integers, floats, integers + floats, special, ["char", "bool", "short"],
                               integers + floats + special], [3, 3, 4, 1, 2, 2])[0]
        if self.chance(0.25):
            palette = [rnd.choice(palette)]  # homogeneous
        members, left = [], budget
        for _ in range(wanted):
            if depth < 3 and self.chance(0.18):
                inner = self.struct(depth + 1, packed)
            elif depth > 0 and "empty" in self.features and self.chance(0.01):
                inner = self.new_struct([], packed)
            else:
                inner = Scalar(rnd.choice(palette))
            longest = min(left // max(inner.size, 1), 40 if budget < 1000 else 200)
            count = rnd.randint(1, max(1, min(longest, 9 if budget < 100 else 200))) if self.chance(0.25) else 0
            if inner.size * max(count, 1) > left and members:
                break
            members.append(Member(inner, count))
            left -= inner.size * max(count, 1)
            if sum(m.count or 1 for m in members) > MAX_MEMBERS_IN_ALL or left <= 0:
                break
        while sum(m.count or 1 for m in members) > MAX_MEMBERS_IN_ALL:
            members[-1].count = 1
        return self.new_struct(members, packed)

    def new_struct(self, members, packed):
        name = f"s{self.number}_{self.struct_count}"
        self.struct_count += 1
        struct = Struct(name, members, packed, bool(members) and self.chance(0.1))
        if struct.preset:
            # Who fills in a struct's layout fills in those of everything inside it; some vectors come without.
            inside = [member.type for inner in struct.structs for member in inner.members]
            struct.preset = not any(isinstance(type_, Scalar) and type_.name in model.VECTORS for type_ in inside)
            for inner in struct.structs:
                inner.preset = inner.preset or struct.preset
        return struct

    def types(self):
        return self.arguments + ([self.result] if self.result else [])

    def structs(self):
        found = []
        for type_ in self.types():
            found += [s for s in type_.structs if s not in found]
        return found

    def prototype(self, name, named):
        fixed = len(self.arguments) if self.fixed is None else self.fixed
        parts = [t.declaration + (f" a{i}" if named else "") for i, t in enumerate(self.arguments[:fixed])]
        if self.fixed is not None:
            parts.append("...")
        result = self.result.declaration if self.result else "void"
        return f"{result} {name}({', '.join(parts) or 'void'})"

    def text(self):
        """What a failure report shows: the structs and the prototype."""
        lines = [s.definition() for s in self.structs()] + [self.prototype("f", False) + ";"]
        if self.fixed is not None:
            lines.append("variadic: " + ", ".join(t.declaration for t in self.arguments[self.fixed:]))
        return "\n".join("  " + line for line in lines)

    def code(self):
        """The callee, the caller and the tables, in C."""
        out = []
        for struct in self.structs():
            out += [struct.definition(), struct.tables()]
        out += self.functions()
        names = ", ".join(f"&{t.descriptor}" for t in self.arguments)
        out.append(f"static const struct type *const args_{self.number}[] = {{{names or 'NULL'}}};")
        return "\n".join(out)

    def functions(self):
        """The callee and the caller that compilers make."""
        number, out = self.number, []
        out.append(f"static {self.prototype(f'ORACLE_ATTRIBUTE callee_{number}', True)}\n{{")
        out.append(f"  oracle_enter({number});")
        if self.fixed is not None:
            out.append(f"  ORACLE_LIST list;\n  ORACLE_START(list, a{self.fixed - 1});")
            for i, type_ in list(enumerate(self.arguments))[self.fixed:]:
                out.append(f"  {type_.declaration} a{i} = ORACLE_NEXT(list, {type_.declaration});")
            out.append("  ORACLE_END(list);")
        out += [f"  oracle_argument({i}, &a{i});" for i in range(len(self.arguments))]
        if self.result:
            out.append(f"  return *({self.result.declaration} *)oracle_result();")
        out.append("}")
        out.append(f"static void caller_{number}(void (*fn)(void), void **a, void *r)\n{{\n  (void)a; (void)r;")
        values = ", ".join(f"*({t.declaration} *)a[{i}]" for i, t in enumerate(self.arguments))
        call = f"(({self.prototype('(ORACLE_ATTRIBUTE *)', False)})fn)({values});"
        out.append(f"  *({self.result.declaration} *)r = {call}" if self.result else "  " + call)
        out.append("}")
        return out

    def row(self):
        text = self.text().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        number, fixed = self.number, -1 if self.fixed is None else self.fixed
        result = self.result.descriptor if self.result else "type_void"
        return (f"  {{{number}, {len(self.arguments)}, {fixed}, &{result}, args_{number}, "
                f"(void (*)(void))callee_{number}, caller_{number}, \"{text}\"}},")


def program(seed, numbers, features, kind=Signature):
    """The text of a program with these signatures."""
    signatures = [kind(seed, number, features) for number in numbers]
    parts = ["/* Written by the oracle's generator. */\n#include \"oracle.h\"\n"]
    parts += [signature.code() for signature in signatures]
    parts.append(f"const uint64_t oracle_seed = {seed}u;")
    parts.append(f"const unsigned oracle_signature_count = {len(signatures)};")
    parts.append("const struct signature oracle_signatures[] = {")
    parts += [signature.row() for signature in signatures]
    parts.append("};\n")
    return "\n".join(parts)


def features_of(arch, without):
    """The features that a machine has, less those left out."""
    return ({"complex", "int128", "vector", "empty", "ldouble"} - LACKING[arch]) - set(without)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--arch", choices=sorted(LACKING), default="x86_64")
    parser.add_argument("--without", action="append", default=[], metavar="FEATURE",
                        help="complex, int128, vector, ldouble or empty: leave such types out")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.count)
    sys.stdout.write(program(options.seed, numbers, features_of(options.arch, options.without)))


if __name__ == "__main__":
    main()
