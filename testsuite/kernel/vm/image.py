# SPDX-License-Identifier: MIT
"""The module, the test programs and the initramfs that carries them."""
import dataclasses
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
DRIVER = HERE.parent.parent / "patches" / "linux"
SELINUX_MODULE = HERE.parent.parent / "packaging" / "selinux" / "trampfd.cil"
DRIVER_FILES = ("trampfd.c", "trampfd.h", "compat.h", "Kbuild")

APPLETS = ("sh mount umount insmod rmmod stat timeout dmesg grep sed cat reboot echo uname ls mkdir cp "
           "chmod ln env test sleep tr cut tail").split()
# What a misuse test passes on purpose, the compiler would refuse.
FLAGS = ("-std=gnu11 -O1 -g0 -static -pthread -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror "
         "-Wno-stringop-overflow -Wno-stringop-overread").split()


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    points: int   # None: as many as it says itself
    seconds: int
    skips: dict   # target -> points skipped there

    @property
    def source(self):
        return self.name.removesuffix("32")


@dataclasses.dataclass(frozen=True)
class Payload:
    """A tree that is laid over the machine's root, and the programs in its /payload."""
    root: pathlib.Path
    programs: list


def payload(folder, *which):
    return Payload(folder / "root", programs(folder / "list", *which))


def programs(listing, arch, long=False, only=None, without=()):
    """The lines of a list that apply: name, architectures, points, seconds, skips."""
    found = []
    for line in listing.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, where, points, seconds, *skips = line.split()
        where = where.split(",")
        if arch not in where and "any" not in where:
            continue
        if name in without or only and name not in only or not only and not long and "long" in where:
            continue
        found.append(Program(name, None if points == "-" else int(points), int(seconds),
                             {s.split("=")[0]: int(s.split("=")[1]) for s in skips}))
    return found


# What every build of the module is given.
KBUILD = ("CONFIG_DEBUG_INFO_BTF_MODULES=", "W=1", "modules")


def copy_driver(into, driver=DRIVER):
    for name in DRIVER_FILES:
        shutil.copy(driver / name, into)


def warnings(said):
    """The lines of a build's output that complain."""
    return [line for line in said.splitlines()
            if any(word in line for word in ("warning:", "error:", "WARNING"))]


def _module(build, kernel, target, results, driver):
    """Builds the driver; warnings of the compiler and of sparse are points of the test."""
    source = build / "module"
    source.mkdir()
    copy_driver(source, driver)
    done = subprocess.run(
        ["make", "-C", kernel.headers, f"M={source}", f"ARCH={target.kbuild}",
         f"CROSS_COMPILE={target.cross}", "C=1", *KBUILD], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    (build / "module.log").write_text(done.stdout)
    if done.returncode:
        raise SystemExit(f"the module does not build:\n{done.stdout}")
    noise = warnings(done.stdout)
    results.point(not noise, "the module builds without warnings (W=1, sparse)", noise)
    module = source / "trampfd.ko"
    subprocess.run([f"{target.cross}strip", "-g", module], check=True)
    return module


def _compile(build, target, program, into):
    suffix = program.name[len(program.source):]
    subprocess.run([target.variants[suffix], *FLAGS, "-I", DRIVER,
                    HERE / "programs" / f"{program.source}.c", HERE / "programs" / "harness.c",
                    "-o", into / program.name], check=True)


def _write_list(folder, chosen, kernel):
    """What the machine's first process runs, and how long each may take."""
    (folder / "list").write_text(
        "".join(f"{p.name} {p.seconds * kernel.pace}\n" for p in chosen))


def clear(build):
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)


# What runs before the driver is loaded, where modules have to be signed.
SIGNING = Program("signing", None, 60, {})


def _sign(root, kernel, module, keys):
    """The driver for the machine to load, and two that it has to refuse."""
    before = root / "before"
    before.mkdir()
    shutil.copy(HERE / "guest" / "signing", before)
    shutil.copy(module, before / "unsigned.ko")
    keys.module(kernel, module, before / "stranger.ko", by_stranger=True)
    keys.module(kernel, module, root / module.name)
    _write_list(before, [SIGNING], kernel)


def build(build, kernel, target, chosen, payload, results, driver=DRIVER, keys=None):
    """Makes the initramfs in @build, which has been cleared; with @keys the driver is signed."""
    module = _module(build, kernel, target, results, driver)

    root = build / "root"
    for name in ("bin", "proc", "sys", "dev", "tmp", "tests"):
        (root / name).mkdir(parents=True)
    shutil.copy(kernel.busybox, root / "bin/busybox")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    shutil.copy(HERE / "guest" / "init", root / "init")
    (root / "init").chmod(0o755)
    shutil.copy(module, root)
    if keys:
        _sign(root, kernel, module, keys)
    # SELinux policies: without and with the module that the package ships.
    for name, extra in (("without", []), ("with", [SELINUX_MODULE])):
        subprocess.run(["secilc", "-c", "33", "-o", root / "tests" / f"{name}.policy",
                        "-f", "/dev/null", HERE / "guest" / "base.cil", *extra], check=True)
    for program in chosen:
        _compile(build, target, program, root / "tests")
    _write_list(root / "tests", chosen, kernel)
    if payload:
        shutil.copytree(payload.root, root, symlinks=True, dirs_exist_ok=True)
        _write_list(root / "payload", payload.programs, kernel)

    initrd = build / "initrd"
    with initrd.open("wb") as out:
        names = subprocess.run(["find", "."], cwd=root, check=True, stdout=subprocess.PIPE)
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=root,
                       input=names.stdout, stdout=out, check=True)
    return initrd
