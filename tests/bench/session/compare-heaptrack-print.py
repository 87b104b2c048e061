#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding a recording until an instant, a table and a tree have answered, beside heaptrack_print.

    compare-heaptrack-print.py ALLOC-MIX MEMSCOPE-CLI BENCH-SESSION [PAIRS [ROUNDS]]

The same program is recorded by both, once; then both read their recording in turn. Wall time and CPU time of each,
the median of the rounds, and heaptrack_print's divided by ours. On a machine that does other work only the CPU time
says something, and that of two threads counts both.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def timed (command):
    before = resource.getrusage (resource.RUSAGE_CHILDREN)
    begin = time.monotonic ()
    subprocess.run (command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wall = time.monotonic () - begin
    after = resource.getrusage (resource.RUSAGE_CHILDREN)

    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main ():
    mix, cli, bench = sys.argv[1:4]
    pairs = sys.argv[4] if len (sys.argv) > 4 else "5000000"
    rounds = int (sys.argv[5]) if len (sys.argv) > 5 else 5

    with tempfile.TemporaryDirectory (prefix="memscope-bench-") as name:
        folder = pathlib.Path (name)
        environment = {key: value for key, value in os.environ.items () if key != "DISPLAY"}
        subprocess.run ([cli, "record", "-o", str (folder / "ours.memscope"), "--", mix, pairs], check=True, capture_output=True)
        subprocess.run (["heaptrack", "-o", str (folder / "theirs"), mix, pairs], check=True, capture_output=True, env=environment)
        theirs = next (folder.glob ("theirs*"))
        results = {"bench-session --full": [], "heaptrack_print": []}
        for _ in range (rounds):
            results["bench-session --full"].append (timed ([bench, "--full", str (folder / "ours.memscope")]))
            results["heaptrack_print"].append (timed (["heaptrack_print", str (theirs)]))

    medians = {key: [statistics.median (column) for column in zip (*values)] for key, values in results.items ()}
    for key, (wall, cpu) in medians.items ():
        print (f"{key:24} {wall:8.3f} s {cpu:8.3f} s CPU")
    ours, theirs = medians["bench-session --full"], medians["heaptrack_print"]
    print (f"{'faster':24} {theirs[0] / ours[0]:8.2f} × {theirs[1] / ours[1]:8.2f} × by CPU time")


if __name__ == "__main__":
    main ()
