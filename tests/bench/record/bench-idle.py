#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs a program to link the recorder while nobody records.

    ninja tests/bench/idle tests/bench/idle-linked && bench-idle.py BUILD [ROUNDS]

Runs the same loop of malloc() and free() alone and with the library, in turns, and prints
the least and the median of each, in nanoseconds per pair, and what is added per call.
"""

import pathlib
import statistics
import subprocess
import sys


def main ():
    folder = pathlib.Path (sys.argv[1]) / "tests" / "bench"
    rounds = int (sys.argv[2]) if len (sys.argv) > 2 else 7
    figures = {"idle": [], "idle-linked": []}

    for _ in range (rounds):
        for name, found in figures.items ():
            found.append (float (subprocess.run ([folder / name], capture_output=True, text=True, check=True).stdout))

    print (f"{'':12}  {'least':>8}  {'median':>8}   ns per malloc + free, {rounds} rounds in turns")
    for name, found in figures.items ():
        print (f"{name:12}  {min (found):8.2f}  {statistics.median (found):8.2f}")
    added = (min (figures["idle-linked"]) - min (figures["idle"])) / 2
    print (f"added per call: {added:.2f} ns")


main ()
