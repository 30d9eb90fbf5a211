# SPDX-License-Identifier: MIT
"""The fault program of testsuite/fault in kernel mode: whatever the device refuses is borne."""

import subprocess

import faults
import hardened
import tap

PROGRAM = "/payload/fault-program"
# Of calls after the fortieth, about so many fail.
SAMPLE = "4"

tap.point(hardened.mode() == "kernel", "the library says that mode is kernel", hardened.mode())
listing = subprocess.run([PROGRAM], capture_output=True, text=True, check=True).stdout
for scenario in faults.scenarios(listing):
    for style, words in faults.STYLES.items():
        if scenario.slots:
            done = subprocess.run([PROGRAM, scenario.name, style, SAMPLE], capture_output=True, text=True, check=False)
            troubles = faults.troubles(scenario, done)
            tap.point(not troubles, f"{scenario.name}, {words}", *troubles)
tap.finish()
