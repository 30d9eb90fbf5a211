# SPDX-License-Identifier: MIT
"""The library where something refuses: kernel mode under PR_SET_MDWE and SELinux, and another mode without the device."""

import ctypes
import os
import re
import subprocess

import tap

DEVICE = "/dev/trampfd"
SELINUX = "/sys/fs/selinux"
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
EXECMEM_PROBE = ("import mmap\ntry: mmap.mmap(-1, 4096, prot=7)\n"
                 "except PermissionError: raise SystemExit(0)\nraise SystemExit(1)\n")


def write(path, content):
    with open(path, "wb", buffering=0) as file:
        file.write(content)


def confine():
    write("/proc/self/attr/current", b"system_u:system_r:confined_t:s0")


def deny_exec_gain():
    if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        raise OSError("no PR_SET_MDWE")


def output(command, before=None):
    """Of a program that was run with @before done to it: its status and what it said."""
    done = subprocess.run(command, preexec_fn=before, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def doctor(before=None):
    """The mode that ffi-doctor names, why at last not kernel mode, and all that it says; it found nothing wrong.

    A kernel without mseal refuses to seal, in any mode.
    """
    status, text = output(["/payload/ffi-doctor"], before)
    mode = re.search(r"^mode (\w+)", text, re.MULTILINE)
    refused = re.findall(r"^  kernel: could not (?!seal )(.*)$", text, re.MULTILINE)
    return (mode[1] if mode and status == 0 else f"none, status {status}"), refused and refused[-1], text


def expect(what, mode, refused=None, before=None):
    got, why, text = doctor(before)
    tap.point((got, why or None) == (mode, refused), what, text, f"{got}: {why}")


def closures(what, before):
    status, text = output(["/payload/closures"], before)
    tap.point(status == 0, what, "\n".join(line for line in text.splitlines() if not line.startswith("ok ")))


def mdwe():
    what = "PR_SET_MDWE: all that closures do, in kernel mode"
    try:
        pid = os.fork()
        if pid == 0:
            try:
                deny_exec_gain()
            except OSError:
                os._exit(1)
            os._exit(0)
        supported = os.waitpid(pid, 0)[1] == 0
    except OSError:
        supported = False
    if supported:
        closures(what, deny_exec_gain)
    else:
        tap.skip(what, "kernel has no PR_SET_MDWE")


def selinux():
    subprocess.run(["mount", "-t", "selinuxfs", "selinuxfs", SELINUX], check=True)
    with open("/tests/with.policy", "rb") as policy:
        write(f"{SELINUX}/load", policy.read())
    write(f"{SELINUX}/enforce", b"1")
    # The driver's own test may have labelled the device, and turned the boolean off.
    os.setxattr(DEVICE, "security.selinux", b"system_u:object_r:device_t:s0\0")
    write(f"{SELINUX}/booleans/domain_use_trampfd", b"1")
    write(f"{SELINUX}/commit_pending_bools", b"1")
    status, text = output(["python3.11", "-c", EXECMEM_PROBE], confine)
    tap.point(status == 0, "SELinux enforcing: execmem is denied", text)
    expect("SELinux, the device not labelled: table mode, and why", "table", "map a table of the device: Permission denied",
           confine)
    os.setxattr(DEVICE, "security.selinux", b"system_u:object_r:trampfd_device_t:s0\0")
    expect("SELinux, the device labelled: kernel mode", "kernel", None, confine)
    closures("SELinux: all that closures do, in kernel mode", confine)
    write(f"{SELINUX}/enforce", b"0")


def strangers():
    """What stands in the device's place is not taken for it: another version, the same answers from another file."""
    device = os.open(DEVICE, os.O_RDWR)
    answer = bytearray(os.pread(device, 64, 0))
    os.close(device)
    for what, refused, change in (
            ("a device of another version: table mode, and why", "agree with the device on its version and geometry", 1),
            ("a file that answers like the device: table mode, and why", "map a table of the device: No such device", 0)):
        answer[4] ^= change  # trampfd_info.version
        write("/tmp/stranger", answer)
        subprocess.run(["mount", "-o", "bind", "/tmp/stranger", DEVICE], check=True)
        expect(what, "table", refused)
        subprocess.run(["umount", DEVICE], check=True)
        answer[4] ^= change
    expect("the device again: kernel mode", "kernel")


def refusals():
    os.chmod(DEVICE, 0o600)
    expect("the device not for this user: table mode, and why", "table", "open /dev/trampfd: Permission denied",
           lambda: os.setuid(1000))
    os.chmod(DEVICE, 0o666)
    expect("an unprivileged user: kernel mode", "kernel", None, lambda: os.setuid(1000))
    subprocess.run(["mount", "-o", "remount,noexec", "/dev"], check=True)
    expect("/dev mounted noexec: table mode, and why", "table", "map a table of the device: Operation not permitted")
    subprocess.run(["mount", "-o", "remount,exec", "/dev"], check=True)
    expect("and kernel mode again", "kernel")


expect("nothing refused: kernel mode", "kernel")
refusals()
strangers()
mdwe()
selinux()
tap.finish()
