# SPDX-License-Identifier: MIT
"""Headers of the newest kernel that Debian has, to build the driver against; it is not booted."""
import shutil

from vm import packages

SUITE = "sid"
# What the programs that come with the headers are linked to: this machine's may be older.
LIBRARIES = ("libc6", "libelf1t64", "zlib1g", "libzstd1", "libssl3t64")


def _lend_libraries(programs, libraries):
    """Has each program below @programs run with the libraries that it was made for."""
    loader = next(libraries.rglob("ld-linux-*.so.*"))
    found = ":".join(sorted({str(at.parent) for at in libraries.rglob("lib*.so.*")}))
    for program in [at for at in programs.rglob("*") if at.is_file() and not at.is_symlink()]:
        with program.open("rb") as file:
            if file.read(4) != b"\x7fELF" or not program.stat().st_mode & 0o100:
                continue
        real = program.with_name(program.name + ".elf")
        program.rename(real)
        # Some find others of them by their own name.
        program.write_text(f'#!/bin/sh\nexec {loader} --argv0 "$0" --library-path {found} {real} "$@"\n')
        program.chmod(0o755)


def headers(cache, update):
    """The kernel's release, and where its headers are."""
    native = packages.native()
    chosen, root = cache / "release-newest", cache / "headers-newest"
    if update or not (root / "unpacked").exists():
        apt = packages.Apt(cache, native, SUITE)
        apt.update()
        release = packages.newest(apt.names("linux-headers-"), rf"linux-headers-(.*)-cloud-{native}")
        shutil.rmtree(root, ignore_errors=True)
        debs = cache / "debs-newest"
        shutil.rmtree(debs, ignore_errors=True)
        apt.download([f"linux-headers-{release}-cloud-{native}", f"linux-headers-{release}-common",
                      f"linux-kbuild-{release}"], debs)
        packages.unpack(debs, root)
        apt.download(LIBRARIES, debs)
        packages.unpack(debs, root / "libraries")
        _lend_libraries(root / "usr/lib", root / "libraries")
        packages.relocate_headers(root, f"{release}-cloud-{native}")
        chosen.write_text(release)
        (root / "unpacked").touch()
    release = chosen.read_text()
    return release, root / f"usr/src/linux-headers-{release}-cloud-{native}"
