# SPDX-License-Identifier: MIT
"""The C declarations that both CFFI exercises use, and the compilation of the API mode's module.

usage: cffi_interface.py DIRECTORY   compiles the module consumers_api there
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = "consumers_api"


def declarations():
    """sample.h without its comments, and what is wanted of libc."""
    with open(os.path.join(HERE, "sample.h")) as f:
        text = f.read()
    while "/*" in text:
        start = text.index("/*")
        text = text[:start] + text[text.index("*/", start) + 2:]
    return text + """
        void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
        int snprintf(char *to, size_t size, const char *format, ...);
    """


def compile_module(directory):
    import cffi

    builder = cffi.FFI()
    builder.cdef(declarations() + """
        extern "Python" int api_add(int x);
        extern "Python" struct big api_big(struct big x);
    """)
    with open(os.path.join(HERE, "sample.c")) as f:
        source = f.read()
    builder.set_source(MODULE, "#include <stdio.h>\n" + source, include_dirs=[HERE])
    builder.compile(tmpdir=directory)


if __name__ == "__main__":
    compile_module(sys.argv[1])
