# SPDX-License-Identifier: MIT
"""What an attack program says of itself, how to run it, and how it ended."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess

import ffibuild

REACHED, REFUSED, CANNOT_TRY = 66, 67, 77
# Under an emulator the sweep overwrites one word of so many, and says so.
EMULATED_STRIDE = 29


@dataclasses.dataclass
class Attack:
    source: pathlib.Path
    level: str
    ends: str
    kernel: list  # the endings that are right in kernel mode
    weakened: str
    own_copy: bool

    @classmethod
    def read(cls, source, arch):
        """An attack from its header, where a line with a machine's name stands for that machine."""
        lines = re.findall(r"^// ([A-Z][a-z]+)(?: \((\w+)\))?: (.*)$", source.read_text(),
                           re.MULTILINE)
        header = {name: text for name, machine, text in lines if machine in ("", arch)}
        for line in ("Attack", "Level", "Ends", "Weakened"):
            if line not in header:
                raise ffibuild.Trouble(f"{source.name} does not say '{line}:'")
        kernel = header.get("Kernel", header["Ends"]).split(" or ")
        return cls(source, header["Level"], header["Ends"], kernel, header["Weakened"],
                   "Library" in header)


def ending(done):
    """How a program ended, in a header's words."""
    if done.returncode == 0:
        return "unharmed"
    if done.returncode in (REACHED, -signal.SIGTRAP):
        return "reached"
    if done.returncode == REFUSED:
        return "refused"
    if done.returncode == -signal.SIGABRT and done.stderr.startswith("libffi: fatal: "):
        return "abort: " + done.stderr.removeprefix("libffi: fatal: ").rstrip("\n")
    if done.returncode < 0:
        return signal.Signals(-done.returncode).name
    return f"status {done.returncode}: {done.stderr.strip()}"


def surroundings(program, attack, libs, scratch, stride):
    """The environment for an attack on the build of the library in a folder, and that library's file."""
    environment = dict(os.environ)
    for name in ("FFI_CLOSURE_POLICY", "FFI_TRAMPOLINE_MODE"):
        environment.pop(name, None)
    if attack.own_copy:
        mine = scratch / f"{program.name}-{libs.parent.name}"
        mine.mkdir()
        shutil.copy(libs / "libffi.so.8", mine / "libffi.so.8")
        libs = mine
        environment["ATTACK_LIBRARY"] = str(mine / "libffi.so.8")
    environment["LD_LIBRARY_PATH"] = str(libs)
    environment["ATTACK_STRIDE"] = str(stride)
    return environment, libs / "libffi.so.8"


def run(program, attack, library, libs, scratch, seconds=900):
    """Run an attack on the build of the library in a folder."""
    environment, _ = surroundings(program, attack, libs, scratch, EMULATED_STRIDE if library.prefix else 1)
    try:
        return library.run([program], env=environment, cwd=scratch, timeout=seconds)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([program], 124, "", f"no end in {seconds} s")
