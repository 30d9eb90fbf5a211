# SPDX-License-Identifier: MIT
"""Runs the attacks of testsuite/attack in kernel mode, each of which has to end as its source says.

usage: attacks.py ARCHITECTURE
"""

import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE / "attack")]
import ffibuild  # noqa: E402
import hardened  # noqa: E402
import judge  # noqa: E402
import tap  # noqa: E402

tap.point(hardened.mode() == "kernel", "the library says that mode is kernel", hardened.mode())
library = ffibuild.Library([], [], [], None)
os.chdir(tempfile.mkdtemp())
scratch = pathlib.Path.cwd()
(scratch / "libs").symlink_to(HERE)
for source in sorted((HERE / "attack").glob("*.cpp")):
    attack = judge.Attack.read(source, sys.argv[1])
    done = judge.run(HERE / "attack" / source.stem, attack, library, scratch / "libs", scratch,
                     int(os.environ["LIMIT"]))
    label = f"{source.stem}, {attack.level}"
    if done.returncode == judge.CANNOT_TRY:
        tap.skip(label, done.stderr.strip())
        continue
    got = judge.ending(done)
    tap.point(got in attack.kernel, f"{label}: {got}", f"should have ended: {' or '.join(attack.kernel)}", done.stderr)
tap.finish()
