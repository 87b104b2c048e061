#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program's totals, peak and leaked bytes as memscope-cli records them and as heaptrack does.

    compare-heaptrack.py MEMSCOPE-CLI PROGRAM ARGUMENT...

The program does the same in each run, in one thread. heaptrack_print says exact numbers only stack by stack (the
input of a flame graph); they are added up. Its suppressions are off.

Two differences are expected, and are heaptrack's:

  - Its recorder is written in C++ and brings libstdc++ along, which allocates a pool of 72,704 bytes before main ().
    So stacks without main () are taken apart: there may be none but that, and the rest must be equal.
  - What it calls temporary is a block that is freed while the last block allocated had the same size and stack, which
    another block may have too. Ours is freed before its thread's next allocation; so ours are never more.

Exit status: 0 equal, 1 different, 77 heaptrack is missing.
"""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

POOL = 72704
COSTS = ("allocations", "temporary", "leaked", "peak")


def limit_memory ():
    # A hash bug of heaptrack 1.4 makes it ask for all there is.
    resource.setrlimit (resource.RLIMIT_AS, (10 << 30, 10 << 30))


def run_heaptrack (folder, program):
    environment = {key: value for key, value in os.environ.items () if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    subprocess.run (["heaptrack", "-o", str (folder / "heaptrack"), *program], env=environment, check=True,
                    stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=limit_memory)

    return next (folder.glob ("heaptrack*.zst"), None) or next (folder.glob ("heaptrack*.gz"))


def sum_of (recording, cost, folder):
    """What one cost comes to below main (), and elsewhere."""
    stacks = folder / f"stacks.{cost}"
    subprocess.run (["heaptrack_print", "--disable-builtin-suppressions", "--disable-embedded-suppressions",
                     "--print-flamegraph", str (stacks), "--flamegraph-cost-type", cost, "--file", str (recording)],
                    check=True, stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=limit_memory)
    own, others = 0, 0
    for line in stacks.read_text (errors="replace").splitlines ():
        stack, _, number = line.rpartition (" ")
        if any (frame.startswith ("main") for frame in stack.split (";")):
            own += int (number)
        else:
            others += int (number)

    return own, others


def record (cli, folder, program):
    recording = folder / "run.memscope"
    subprocess.run ([cli, "record", "--no-symbols", "-o", str (recording), "--", *program], check=True,
                    stdin=subprocess.DEVNULL, capture_output=True)
    result = subprocess.run ([cli, "info", "--json", str (recording)], check=True, capture_output=True)

    return json.loads (result.stdout)


def main ():
    cli, program = sys.argv[1], sys.argv[2:]
    if not shutil.which ("heaptrack") or not shutil.which ("heaptrack_print"):
        print ("heaptrack is not installed")
        return 77

    with tempfile.TemporaryDirectory (prefix="memscope-heaptrack-") as name:
        folder = pathlib.Path (name)
        ours = record (cli, folder, program)
        recording = run_heaptrack (folder, program)
        theirs = {cost: sum_of (recording, cost, folder) for cost in COSTS}

    good = True
    for cost, key in (("allocations", "total_allocations"), ("leaked", "leaked_bytes"), ("peak", "peak_bytes")):
        own, others = theirs[cost]
        print (f"{cost}: {ours[key]} recorded, {own} by heaptrack and {others} before main ()")
        good = good and ours[key] == own and others in (0, 1 if cost == "allocations" else POOL)

    own, others = theirs["temporary"]
    print (f"temporary: {ours['temporary_allocations']} recorded, {own} by heaptrack")
    good = good and ours["temporary_allocations"] <= own

    return 0 if good else 1


if __name__ == "__main__":
    sys.exit (main ())
