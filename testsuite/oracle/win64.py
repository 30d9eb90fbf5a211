# SPDX-License-Identifier: MIT
"""Signatures in Windows' convention on aarch64, as far as a compiler is its authority.

"Overview of ARM64 ABI conventions", Microsoft: what a variadic function takes is laid out on an imaginary stack of which
x0 to x7 hold the first 64 bytes, so that a struct may lie in both. clang does so, but for named structs that would
be homogeneous elsewhere: those it keeps together. Where one could lie in both, the function is not variadic here.
"""

import ctypes_model as model
import generate


def scalars(type_):
    """The names of all scalars in a type."""
    if isinstance(type_, model.Scalar):
        return [type_.name]
    return [name for member in type_.members for name in scalars(member.type) * max(member.count, 1)]


def is_homogeneous(type_):
    names = scalars(type_)
    return len(names) <= 4 and set(names) in ({"float"}, {"double"})


class Signature(generate.Signature):
    """A signature that clang and the convention's text agree on."""

    def __init__(self, seed, number, features):
        super().__init__(seed, number, features)
        named = self.arguments[:self.fixed]
        if any(isinstance(type_, model.Struct) and type_.size > 8 and is_homogeneous(type_) for type_ in named):
            self.fixed = None
