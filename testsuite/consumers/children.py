# SPDX-License-Identifier: MIT
"""Forks a child, runs a function there, and demands that it ends well and in time."""

import os
import signal
import time


def start(body):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            body()
            status = 0
        except BaseException as error:  # the child must end here, whatever happened
            try:
                os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
            except OSError:
                pass
        os._exit(status)
    return pid


def finish(pid, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if status != 0:
                raise AssertionError(f"the child ended with {os.waitstatus_to_exitcode(status)}")
            return
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"the child hung for {seconds} s")


def run(body):
    finish(start(body))
