# SPDX-License-Identifier: MIT
"""One boot under qemu's software emulation, with a time limit and a capped console log."""
import subprocess
import time

LOG_LIMIT = 4 << 20


# Debian's kernels clear all memory that they give out, which would hide that the driver does not. A busy host
# makes an emulated processor stand still for long, which is no lockup.
PARAMETERS = ("quiet panic=-1 oops=panic init_on_alloc=0 watchdog_thresh=60 security=selinux "
              "enforcing=0")


def boot(target, kernel, initrd, log, seconds, firmware=()):
    """Returns None, or why the machine had to be stopped; @firmware: options of qemu."""
    command = [*target.qemu, *firmware, "-accel", "tcg",
               "-cpu", "max,pauth-impdef=on" if target.debian == "arm64" else "max",
               "-smp", "2", "-m", "1024", "-nographic", "-no-reboot", "-nodefaults",
               "-serial", "stdio", "-kernel", kernel.image, "-initrd", initrd,
               "-append", f"console={target.console} {PARAMETERS} {target.parameters}"]
    with log.open("wb") as out:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT)
        end = time.monotonic() + seconds
        try:
            while machine.poll() is None:
                if time.monotonic() > end:
                    return f"the machine did not end within {seconds} s"
                if log.stat().st_size > LOG_LIMIT:
                    return "the console log grew too long"
                time.sleep(0.2)
        finally:
            machine.kill()
            machine.wait()
    return None if machine.returncode == 0 else f"qemu ended with status {machine.returncode}"
