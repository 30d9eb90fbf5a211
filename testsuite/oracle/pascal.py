# SPDX-License-Identifier: MIT
"""Signatures in Pascal's conventions on i386, for compilers that do not have them.

Delphi Language Guide, "Program Control", and what Free Pascal 3.2.2 makes of it: arguments are pushed from the first to the
last and removed by the callee; records over four bytes travel by reference, and the callee copies; a record
result has a hidden pointer after the last argument. The register convention passes the first three words among
these (ordinals, pointers) in eax, edx and ecx. To C's compilers that is `stdcall' with its parameters turned
around, and `regparm(3)' once the registers are filled on purpose, so they can be the oracle here too.
"""

import ctypes_model as model
import generate

WORD = 4
REGISTERS = {"pascal": 0, "register": 3}
ATTRIBUTES = {"pascal": "stdcall", "register": "stdcall, regparm(3)"}
SIZES = {**model.INTEGERS, **model.FLOATS, **model.COMPLEX,
         "long": 4, "ulong": 4, "pointer": 4, "ldouble": 12, "cldouble": 24}


def extent(type_):
    """The size and the alignment of a type on i386."""
    if isinstance(type_, model.Scalar):
        return SIZES[type_.name], min(SIZES[type_.name], WORD)
    size, alignment = 0, 1
    for member in type_.members:
        part, needed = extent(member.type)
        needed = 1 if type_.packed else needed
        size = -(-size // needed) * needed + part * max(member.count, 1)
        alignment = max(alignment, needed)
    return -(-size // alignment) * alignment, alignment


def is_record(type_):
    return isinstance(type_, model.Struct) or type_.name in model.COMPLEX


class Signature(generate.Signature):
    """A signature whose compiled side has its parameters where Pascal has them."""

    convention = "pascal"

    def __init__(self, seed, number, features):
        super().__init__(seed, number, features)
        self.fixed = None
        words, stack = [], []
        for index, type_ in enumerate(self.arguments):
            record, size = is_record(type_), extent(type_)[0]
            by_reference = record and size > WORD
            word = by_reference or (not record and type_.name in model.INTEGERS and size <= WORD)
            declaration = type_.declaration + (" *" if by_reference else "")
            value = f"({declaration})a[{index}]" if by_reference else f"*({declaration} *)a[{index}]"
            self.place(words, stack, word, (declaration, f"a{index}", value))
        self.hidden = self.result is not None and is_record(self.result)
        if self.hidden:
            self.place(words, stack, True, (self.result.declaration + " *", "result", "r"))
        while len(words) < self.registers():
            words.append(("int", f"unused{len(words)}", "0"))
        self.parameters = words + stack[::-1]
        self.references = {name for declaration, name, value in self.parameters if not value.startswith("*")}

    def registers(self):
        return REGISTERS[self.convention]

    def place(self, words, stack, word, parameter):
        (words if word and len(words) < self.registers() else stack).append(parameter)

    def compiled(self, name, named):
        """The prototype that puts everything where the convention has it."""
        parts = [declaration + (f" {parameter}" if named else "") for declaration, parameter, _ in self.parameters]
        result = self.result.declaration if self.result and not self.hidden else "void"
        return f"{result} {name}({', '.join(parts) or 'void'})"

    def functions(self):
        number = self.number
        out = [f"static {self.compiled(f'ORACLE_ATTRIBUTE callee_{number}', True)}\n{{\n  oracle_enter({number});"]
        for index in range(len(self.arguments)):
            address = "" if f"a{index}" in self.references else "&"
            out.append(f"  oracle_argument({index}, {address}a{index});")
        if self.result:
            value = f"*({self.result.declaration} *)oracle_result();"
            out.append("  *result = " + value if self.hidden else "  return " + value)
        out.append(f"}}\nstatic void caller_{number}(void (*fn)(void), void **a, void *r)\n{{\n  (void)a; (void)r;")
        values = ", ".join(value for _, _, value in self.parameters)
        call = f"(({self.compiled('(ORACLE_ATTRIBUTE *)', False)})fn)({values});"
        assign = self.result and not self.hidden
        out.append((f"  *({self.result.declaration} *)r = " if assign else "  ") + call + "\n}")
        return out


class RegisterSignature(Signature):
    """The same with words in registers."""

    convention = "register"
