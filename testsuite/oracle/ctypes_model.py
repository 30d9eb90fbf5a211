# SPDX-License-Identifier: MIT
"""The C types that the oracle draws from: what each is called in C, in ffi.h and in the runtime, and how large."""

import dataclasses

INTEGERS = {"bool": 1, "char": 1, "schar": 1, "uchar": 1, "short": 2, "ushort": 2, "int": 4, "uint": 4,
            "long": 8, "ulong": 8, "llong": 8, "ullong": 8, "pointer": 8}
FLOATS = {"float": 4, "double": 8}
LONG_DOUBLES = {"ldouble": 16}
COMPLEX = {"cfloat": 8, "cdouble": 16, "cldouble": 32}
INT128 = {"i128": 16, "u128": 16}
VECTORS = {"v2f": 8, "v2i": 8, "v4s": 8, "v8c": 8, "v4f": 16, "v2d": 16, "v4i": 16, "v4u": 16, "v8s": 16,
           "v16c": 16, "v2l": 16}
# C promotes these when they are passed without a prototype, so they cannot be variadic arguments.
PROMOTED = {"bool", "char", "schar", "uchar", "short", "ushort", "float"}

C_NAMES = {"bool": "_Bool", "schar": "signed char", "uchar": "unsigned char", "ushort": "unsigned short",
           "uint": "unsigned", "ulong": "unsigned long", "llong": "long long", "ullong": "unsigned long long",
           "pointer": "void *", "ldouble": "long double", "cfloat": "float _Complex",
           "cdouble": "double _Complex", "cldouble": "long double _Complex", "i128": "__int128",
           "u128": "unsigned __int128"}
FFI_NAMES = {"bool": "uint8", "schar": "schar", "uchar": "uchar", "short": "sshort", "ushort": "ushort",
             "int": "sint", "uint": "uint", "long": "slong", "ulong": "ulong", "llong": "sint64",
             "ullong": "uint64", "pointer": "pointer", "float": "float", "double": "double",
             "ldouble": "longdouble", "cfloat": "complex_float", "cdouble": "complex_double",
             "cldouble": "complex_longdouble", "i128": "sint128", "u128": "uint128"}

FEATURES = {"complex": COMPLEX, "int128": INT128, "vector": VECTORS}


@dataclasses.dataclass
class Scalar:
    """A type that the runtime knows: an integer, a floating type, a complex, a vector."""

    name: str

    def __post_init__(self):
        sizes = {**INTEGERS, **FLOATS, **LONG_DOUBLES, **COMPLEX, **INT128, **VECTORS}
        self.size = sizes[self.name]
        self.structs = []
        self.declaration = C_NAMES.get(self.name, "o_" + self.name if self.name in VECTORS else self.name)
        self.descriptor = f"type_{self.name}"

    def ffi(self, packed):
        """The C expression for the ffi_type, as a member of a packed struct if packed."""
        if packed:
            return f"packed_{self.name}"
        if self.name == "char":
            return "ORACLE_CHAR"
        return f"vector_{self.name}" if self.name in VECTORS else f"ffi_type_{FFI_NAMES[self.name]}"

    def leaves(self, struct, path):
        """C initialisers of the leaves of a member that has this type."""
        where = f"offsetof({struct}, {path})"
        if self.name == "bool":
            return [f"{{{where}, 1, LEAF_BOOL}}"]
        if self.name == "ldouble":
            return [f"{{{where}, X87_BYTES, LEAF_X87}}"]
        if self.name == "cldouble":
            return [f"{{{where} + {part} * sizeof(long double), X87_BYTES, LEAF_X87}}" for part in (0, 1)]
        return [f"{{{where}, {self.plain_size()}, {self.leaf_kind()}}}"]

    def leaf_kind(self):
        """How random bytes become a value that compiled code carries unchanged."""
        if self.name == "bool":
            return "LEAF_BOOL"
        return "LEAF_FLOAT" if self.name in FLOATS | COMPLEX else "LEAF_BYTES"

    def plain_size(self):
        """The size as a C expression; sizes in this module are those of a 64-bit machine, for drawing only."""
        return f"sizeof({self.declaration})"


@dataclasses.dataclass
class Member:
    """A member of a struct: a type, repeated count times when it is an array."""

    type: object
    count: int  # 0: not an array


@dataclasses.dataclass
class Struct:
    """A struct, with everything the generated program says about it."""

    name: str
    members: list
    packed: bool
    preset: bool  # the ffi_type starts with size and alignment filled in

    def __post_init__(self):
        self.size = sum(member.type.size * max(member.count, 1) for member in self.members)
        self.structs = []
        for member in self.members:
            self.structs += [inner for inner in member.type.structs if inner not in self.structs]
        self.structs.append(self)
        self.declaration = f"struct {self.name}"
        self.descriptor = f"type_{self.name}"

    def ffi(self, packed):
        del packed  # a packed struct has alignment 1 by itself
        return f"ffi_{self.name}"

    def leaves(self, struct, path):
        found = []
        for number, member in enumerate(self.members):
            base = f"{path}.m{number}" if path else f"m{number}"
            if member.count and isinstance(member.type, Scalar) and member.type.name in INTEGERS | FLOATS:
                # The bytes of such an array have no gaps: one leaf covers them.
                found.append(f"{{offsetof({struct}, {base}), {member.count} * "
                             f"{member.type.plain_size()}, {member.type.leaf_kind()}}}")
                continue
            places = [f"{base}[{i}]" for i in range(member.count)] if member.count else [base]
            for place in places:
                found += member.type.leaves(struct, place)
        return found

    def definition(self):
        """The C definition of the struct."""
        lines = []
        for number, member in enumerate(self.members):
            suffix = f"[{member.count}]" if member.count else ""
            lines.append(f"{member.type.declaration} m{number}{suffix};")
        attribute = " __attribute__((packed))" if self.packed else ""
        return f"struct {self.name} {{ {' '.join(lines)} }}{attribute};"

    def tables(self):
        """The leaves, the ffi_type and the runtime's descriptor of the struct, in C."""
        leaves = self.leaves(self.declaration, "")
        elements = []
        offsets = []
        for number, member in enumerate(self.members):
            elements += [f"&{member.type.ffi(self.packed)}"] * (member.count or 1)
            offsets += [f"offsetof({self.declaration}, m{number}) + {i} * sizeof((({self.declaration} *)0)->m{number}"
                        f"{'[0]' if member.count else ''})" for i in range(member.count or 1)]
        size = f"sizeof({self.declaration}), _Alignof({self.declaration})" if self.preset else "0, 0"
        return "\n".join([
            f"static const struct leaf leaves_{self.name}[] = {{{', '.join(leaves) or '{0}'}}};",
            f"static const size_t offsets_{self.name}[] = {{{', '.join(offsets + ['(size_t)-1'])}}};",
            f"static ffi_type *elements_{self.name}[] = {{{', '.join(elements + ['NULL'])}}};",
            f"static ffi_type ffi_{self.name} = {{{size}, FFI_TYPE_STRUCT, elements_{self.name}}};",
            f"static const struct type type_{self.name} = {{\"{self.declaration}\", sizeof({self.declaration}), "
            f"_Alignof({self.declaration}), &ffi_{self.name}, KIND_STRUCT, {len(leaves)}, leaves_{self.name}, "
            f"offsets_{self.name}}};"])
