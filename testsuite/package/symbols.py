# SPDX-License-Identifier: MIT
"""What the shared library exports: the interface of libffi 3.8.0, and this library's own node after it."""

BASE = "LIBFFI_BASE_8.0"
BASE_1 = "LIBFFI_BASE_8.1"

# node: (parent, functions, data objects); in the order of the nodes in the library.
INTERFACE = {
    BASE: (None,
           ["ffi_call", "ffi_prep_cif", "ffi_prep_cif_var", "ffi_raw_call", "ffi_ptrarray_to_raw",
            "ffi_raw_to_ptrarray", "ffi_raw_size", "ffi_java_ptrarray_to_raw", "ffi_java_raw_to_ptrarray",
            "ffi_java_raw_size", "ffi_java_raw_call", "ffi_get_struct_offsets"],
           ["ffi_type_" + name for name in (
               "void", "uint8", "sint8", "uint16", "sint16", "uint32", "sint32", "uint64", "sint64", "float",
               "double", "longdouble", "pointer")]),
    BASE_1: (BASE,
             ["ffi_get_version", "ffi_get_version_number", "ffi_get_default_abi", "ffi_get_closure_size"], []),
    "LIBFFI_CALL_PLAN_8.4": (BASE_1, ["ffi_call_plan_alloc", "ffi_call_plan_invoke", "ffi_call_plan_free"], []),
    "LIBFFI_CALL_PLAN_8.5": ("LIBFFI_CALL_PLAN_8.4", ["ffi_call_plan_size"], []),
    "LIBFFI_COMPLEX_8.0": (BASE, [], ["ffi_type_complex_" + name for name in ("float", "double", "longdouble")]),
    "LIBFFI_CLOSURE_8.0": (BASE,
                           ["ffi_closure_alloc", "ffi_closure_free", "ffi_prep_closure", "ffi_prep_closure_loc",
                            "ffi_prep_raw_closure", "ffi_prep_raw_closure_loc", "ffi_prep_java_raw_closure",
                            "ffi_prep_java_raw_closure_loc"], []),
    "LIBFFI_GO_CLOSURE_8.0": ("LIBFFI_CLOSURE_8.0", ["ffi_call_go", "ffi_prep_go_closure"], []),
    "LIBFFI_INT128_8.3": (BASE_1, [], ["ffi_type_sint128", "ffi_type_uint128"]),
}
OWN = {
    "LIBFFI_HARDENED_1.0": (None, ["ffi_hardened_version", "ffi_hardened_query", "ffi_hardened_get_refusal",
                                    "ffi_hardened_seal"], []),
}

# What an architecture lacks of the above: (whole nodes, single symbols).
LACKS = {
    "x86_64": ((), ()),
    "aarch64": ((), ()),
    "i386": (("LIBFFI_INT128_8.3",),
             ("ffi_java_raw_call", "ffi_prep_java_raw_closure", "ffi_prep_java_raw_closure_loc")),
}
WORD = {"x86_64": 8, "aarch64": 8, "i386": 4}


def expected(room):
    """({symbol: (version, type, size or None)}, {node: parent}) for a room."""
    nodes, names = LACKS[room]
    symbols, parents = {}, {}
    for node, (parent, functions, objects) in {**INTERFACE, **OWN}.items():
        if node in nodes:
            continue
        parents[node] = parent
        # struct ffi_type is a size, two shorts and a pointer, in every room.
        symbols |= {name: (node, "FUNC", None) for name in functions if name not in names}
        symbols |= {name: (node, "OBJECT", 3 * WORD[room]) for name in objects if name not in names}
    return symbols, parents
