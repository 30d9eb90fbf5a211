# SPDX-License-Identifier: MIT
"""Secure Boot: firmware that admits signed code alone, and a kernel and modules signed for it.

The firmware's variables and the key that they trust are those that Debian's package has for tests.
"""
import dataclasses
import pathlib
import shutil
import subprocess


@dataclasses.dataclass(frozen=True)
class Firmware:
    """Of one architecture: its code, its variables, and the key that these trust."""
    code: pathlib.Path
    variables: pathlib.Path
    key: pathlib.Path
    password: str
    certificate: pathlib.Path
    machine: tuple            # what it needs of the emulator
    package: str


FIRMWARE = {
    "x86_64": Firmware(
        code=pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"),
        variables=pathlib.Path("/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd"),
        key=pathlib.Path("/usr/share/ovmf/PkKek-1-snakeoil.key"), password="snakeoil",
        certificate=pathlib.Path("/usr/share/ovmf/PkKek-1-snakeoil.pem"),
        machine=("-machine", "smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"),
        package="ovmf"),
}


def missing_tools(firmware):
    return [package for there, package in ((firmware.code.exists(), firmware.package),
                                           (shutil.which("sbsign"), "sbsigntool"),
                                           (shutil.which("openssl"), "openssl")) if not there]


def _run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Keys:
    """The key that the firmware trusts, and one that nobody knows."""

    def __init__(self, firmware, folder):
        folder.mkdir()
        self._firmware, self._folder = firmware, folder
        self._known = folder / "known.key"
        self._stranger = folder / "stranger.key", folder / "stranger.pem"
        _run("openssl", "rsa", "-in", firmware.key, "-passin", f"pass:{firmware.password}",
             "-out", self._known)
        _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=a stranger", "-keyout", self._stranger[0], "-out", self._stranger[1])

    def kernel(self, kernel):
        """The kernel, to be booted by the firmware."""
        image = self._folder / "vmlinuz"
        _run("sbsign", "--key", self._known, "--cert", self._firmware.certificate,
             "--output", image, kernel.image)
        return dataclasses.replace(kernel, image=image)

    def module(self, kernel, module, signed, by_stranger=False):
        key, certificate = self._stranger if by_stranger else (self._known,
                                                               self._firmware.certificate)
        _run(kernel.headers / "scripts/sign-file", "sha256", key, certificate, module, signed)

    def machine(self):
        """Options of the emulator; the variables are a copy, which the firmware may write."""
        variables = self._folder / "variables.fd"
        shutil.copy(self._firmware.variables, variables)
        return (*self._firmware.machine,
                "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={self._firmware.code}",
                "-drive", f"if=pflash,format=raw,unit=1,file={variables}")
