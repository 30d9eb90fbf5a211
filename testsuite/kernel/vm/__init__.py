# SPDX-License-Identifier: MIT
"""What `run` is made of: packages (from Debian), image (module, tests, initramfs), machine, report."""
