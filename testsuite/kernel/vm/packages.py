# SPDX-License-Identifier: MIT
"""Debian's kernels, headers and busybox, downloaded by apt-get and unpacked in the cache."""
import dataclasses
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Target:
    """One architecture: Debian's name, kbuild's, and how to compile and run for it."""
    debian: str
    kbuild: str
    cross: str                # prefix of the compilers of kernel and programs
    qemu: tuple               # emulator and its machine
    console: str
    parameters: str           # of the kernel; no_timer_check: a busy host makes the check fail
    variants: dict            # suffix of a program's name -> compiler
    tools: dict               # command -> Debian package


TARGETS = {
    "x86_64": Target(
        debian="amd64", kbuild="x86", cross="",
        qemu=("qemu-system-x86_64", "-M", "q35"), console="ttyS0",
        parameters="no_timer_check",
        variants={"": "gcc", "32": "i686-linux-gnu-gcc-12"},
        tools={"qemu-system-x86_64": "qemu-system-x86", "gcc-12": "gcc-12",
               "i686-linux-gnu-gcc-12": "gcc-12-i686-linux-gnu libc6-dev-i386-cross"}),
    "arm64": Target(
        debian="arm64", kbuild="arm64", cross="aarch64-linux-gnu-",
        qemu=("qemu-system-aarch64", "-M", "virt"), console="ttyAMA0", parameters="",
        variants={"": "aarch64-linux-gnu-gcc-12"},
        tools={"qemu-system-aarch64": "qemu-system-arm",
               "aarch64-linux-gnu-gcc-12": "gcc-12-aarch64-linux-gnu libc6-dev-arm64-cross"}),
}

TOOLS = {"cpio": "cpio", "make": "make", "secilc": "secilc", "apt-get": "apt", "sparse": "sparse"}


def default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "ffi-hardened" / "kernel"


def only_one(cache):
    """Waits until nobody else builds and boots with this cache; keep what it returns until you are done."""
    lock = (cache / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def missing_tools(target):
    tools = {**TOOLS, **target.tools}
    return sorted({package for tool, package in tools.items() if not shutil.which(tool)})


@dataclasses.dataclass(frozen=True)
class Kernel:
    release: str
    image: pathlib.Path       # what qemu boots
    headers: pathlib.Path     # what the module is built against
    busybox: pathlib.Path
    pace: int = 1             # for each second that a program may take, as many


def _run(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def native():
    """Debian's name of this machine's architecture."""
    return _run("dpkg", "--print-architecture").strip()


def unpack(debs, root):
    """All packages in @debs, below @root; the packages go."""
    root.mkdir(parents=True, exist_ok=True)
    for deb in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    shutil.rmtree(debs)


class Apt:
    """apt for one Debian architecture: the system's own, or a private one for a foreign one or another suite."""

    def __init__(self, cache, architecture, suite=None):
        self.environment = dict(os.environ, LC_ALL="C")
        if native() == architecture and not suite:
            return
        root = cache / "-".join(["apt", architecture, *([suite] if suite else [])])
        for name in ("lists/partial", "archives/partial", "etc/sources.list.d"):
            (root / name).mkdir(parents=True, exist_ok=True)
        self._copy_sources(root / "etc", suite)
        status = root / "status"
        status.touch()
        config = root / "apt.conf"
        config.write_text("".join(f'{key} "{value}";\n' for key, value in {
            "APT::Architecture": architecture, "APT::Architectures": architecture,
            "Dir::State": root, "Dir::State::lists": root / "lists",
            "Dir::State::status": status, "Dir::Cache": root,
            "Dir::Etc::sourcelist": root / "etc/sources.list",
            "Dir::Etc::sourceparts": root / "etc/sources.list.d",
            "APT::Sandbox::User": "root", "Acquire::Languages": "none"}.items()))
        self.environment["APT_CONFIG"] = str(config)
        if not any((root / "lists").glob("*Packages*")):
            self.update()

    @staticmethod
    def _copy_sources(etc, suite):
        """The system's sources of Debian itself; others rarely have every architecture."""
        kept = []
        for stanza in re.split(r"\n\s*\n", "\n\n".join(
                path.read_text() for path in
                sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")))):
            if "debian-archive-keyring" in stanza:
                stanza = re.sub(r"(?m)^Architectures:.*\n?", "", stanza)
                if suite and "-security" in stanza:  # an archive of its own, without such a suite
                    continue
                kept.append(re.sub(r"(?m)^Suites:.*$", f"Suites: {suite}", stanza) if suite
                            else stanza)
        (etc / "sources.list.d/debian.sources").write_text("\n\n".join(kept) + "\n")
        system = pathlib.Path("/etc/apt/sources.list")
        (etc / "sources.list").write_text(
            system.read_text() if system.exists() and not kept else "")

    def update(self):
        # What an archive in the middle of its own update refuses may not be needed.
        subprocess.run(["apt-get", "-q", "update"], env=self.environment, check=False, timeout=300,
                       stdout=subprocess.DEVNULL)

    def names(self, prefix):
        return _run("apt-cache", "pkgnames", prefix, env=self.environment).split()

    def download(self, names, into):
        into.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *names],
                       cwd=into, env=self.environment, check=True, timeout=900,
                       stdout=subprocess.DEVNULL)


def newest(names, pattern):
    """Of package names, the release number (group 1 of @pattern) that is highest."""
    releases = [match[1] for match in map(re.compile(pattern).fullmatch, names) if match]
    if not releases:
        raise SystemExit(f"no package named like {pattern}; run apt-get update")
    return max(releases, key=lambda release: [int(n) for n in re.findall(r"\d+", release)])


def _release_pattern(version, debian):
    numbers = r"6\.1\.0-\d+" if version == "6.1" else re.escape(version) + r"\.\d+\+deb\d+"
    return rf"linux-image-({numbers})-cloud-{debian}-unsigned"


def relocate_headers(root, flavour):
    """Their Makefile names itself and its other half by absolute paths."""
    makefile = root / f"usr/src/linux-headers-{flavour}/Makefile"
    makefile.write_text(re.sub("(?m)(^include |=)/usr/", rf"\g<1>{root}/usr/", makefile.read_text()))


def linux_source(folder, version):
    """The archive of Debian's kernel source, unpacked from its package below @folder."""
    name = f"linux-source-{version}"
    archive = folder / f"usr/src/{name}.tar.xz"
    if not archive.exists():
        shutil.rmtree(folder, ignore_errors=True)
        debs = folder.with_name(folder.name + "-debs")
        Apt(folder.parent, native()).download([name], debs)
        unpack(debs, folder)
    return archive


def fetch(cache, arch, version, update):
    target = TARGETS[arch]
    chosen = cache / f"release-{arch}-{version}"
    foreign = Apt(cache, target.debian)
    if update or not chosen.exists():
        if update:
            foreign.update()
        chosen.write_text(newest(foreign.names(f"linux-image-{version}."),
                                  _release_pattern(version, target.debian)))
    release = chosen.read_text()
    root = cache / f"kernel-{target.debian}-{release}"
    flavour = f"{release}-cloud-{target.debian}"
    if not (root / "unpacked").exists():
        debs = cache / f"debs-{target.debian}-{release}"
        shutil.rmtree(debs, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
        foreign.download([f"linux-image-{flavour}-unsigned", f"linux-headers-{flavour}",
                          "busybox-static"], debs)
        # The programs that kbuild runs are this machine's.
        kbuild = "linux-kbuild-6.1" if version == "6.1" else f"linux-kbuild-{release}"
        Apt(cache, native()).download([f"linux-headers-{release}-common", kbuild], debs)
        unpack(debs, root)
        relocate_headers(root, flavour)
        (root / "unpacked").touch()
    return Kernel(flavour, root / f"boot/vmlinuz-{flavour}",
                  root / f"usr/src/linux-headers-{flavour}", root / "bin/busybox")


def own_kernel(debians, tree, target):
    """A kernel tree in place of Debian's packages, for kernels with more checking."""
    tree = tree.resolve()
    images = {"x86": "arch/x86/boot/bzImage", "arm64": "arch/arm64/boot/Image"}
    release = (tree / "include/config/kernel.release").read_text().strip()
    return dataclasses.replace(debians, release=release, headers=tree, pace=5,
                               image=tree / images[target.kbuild])


def userland(cache, debian, names):
    """Packages of programs for the machine, unpacked together; those of this machine's Python are compiled."""
    foreign = Apt(cache, debian)
    root = cache / f"userland-{debian}"
    unpacked = root / ".unpacked"
    if unpacked.exists() and unpacked.read_text().split() == list(names):
        return root
    debs = cache / f"debs-userland-{debian}"
    for folder in (debs, root):
        shutil.rmtree(folder, ignore_errors=True)
    foreign.download(names, debs)
    unpack(debs, root)
    # The machine compiles slowly, and its root may be read-only to programs that are confined.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "-s", root, "--invalidation-mode",
                    "unchecked-hash", root / "usr/lib"], check=False, stdout=subprocess.DEVNULL)
    unpacked.write_text("\n".join(names))
    return root
