#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""compare-stacks.py CHECKING_RECORDER [--events N] [--every N] [--each PROGRAM] -- PROGRAM [ARGUMENT...]

Records PROGRAM with a recorder that has libunwind unwind as well, again and again until
that happened for N events. With --each it is PROGRAM ARGUMENT for each argument, once. Of the stacks 99.9 % must be equal, none may be wrong, those
that are truncated must be prefixes, and the mean depth must be 0.999 of libunwind's.

MEMSCOPE_CLI and MEMSCOPE_COLLECTOR are in the environment. What differs is printed.
"""

import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

def read_results (prefix):
    total = {}
    for path in glob.glob (prefix + ".[0-9]*"):
        if path.endswith (".differences"):
            continue
        for line in pathlib.Path (path).read_text ().splitlines ():
            name, value = line.split ()
            total[name] = total.get (name, 0) + int (value)
    return total


def record (options, program, folder, number):
    prefix = os.path.join (folder, f"check-{number}")
    environment = os.environ | {
        "MEMSCOPE_RECORDER": options.recorder,
        "MEMSCOPE_CHECK_OUTPUT": prefix,
        "MEMSCOPE_CHECK_EVERY": str (options.every),
        "MEMSCOPE_CHECK_MAX": str (options.events or 1000000),
    }
    command = [os.environ["MEMSCOPE_CLI"], "record", "--no-symbols", "-o", os.path.join (folder, f"run-{number}.memscope"), "--"]
    process = subprocess.run (command + program, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=options.timeout, check=False)
    if process.returncode != 0:
        sys.stderr.buffer.write (process.stdout[-2000:] + process.stderr[-2000:])
        raise SystemExit (f"{program} ended with {process.returncode}")
    for path in glob.glob (os.path.join (folder, "*.memscope")):
        os.remove (path)
    return prefix


def show_differences (folder):
    for path in sorted (glob.glob (os.path.join (folder, "*.differences")))[:5]:
        print (path)
        print (pathlib.Path (path).read_text ()[:6000])


def check (condition, text):
    print ("ok  " if condition else "NOT OK", text)
    return condition


def judge (total):
    checked = total.get ("checked", 0)
    same = total["equal"] + total["ended"]
    print (" ".join (f"{name}={value}" for name, value in total.items ()))
    return all ([
        check (total["wrong"] == 0, f"{total['wrong']} of {checked} are wrong"),
        check (same >= 0.999 * checked, f"{same} of {checked} are the reference's, {total['ended']} of them up to where "
                                        "call-frame information ends"),
        check (total["depth"] >= 0.999 * total["reference_depth"],
               f"mean depth {total['depth'] / checked:.3f} of {total['reference_depth'] / checked:.3f}"),
    ])


def add (total, results):
    for name, value in results.items ():
        total[name] = total.get (name, 0) + value
    return results.get ("checked", 0)


def record_each (options, folder):
    total = {}
    for number, argument in enumerate (options.program):
        if add (total, read_results (record (options, [options.each] + argument.split (), folder, number))) == 0:
            raise SystemExit (f"{argument}: nothing was compared")
    return total


def record_again (options, folder):
    total = {}
    number = 0
    while total.get ("checked", 0) < options.events:
        if add (total, read_results (record (options, options.program, folder, number))) == 0:
            return None
        number += 1
    return total


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ("recorder")
    parser.add_argument ("--events", type=int, default=100000)
    parser.add_argument ("--every", type=int, default=5)
    parser.add_argument ("--each")
    parser.add_argument ("--timeout", type=int, default=1200)
    parser.add_argument ("program", nargs="+")
    options = parser.parse_args ()

    if shutil.which (options.each or options.program[0]) is None:
        print (f"{options.program[0]} is not here")
        return 77

    with tempfile.TemporaryDirectory () as folder:
        total = record_each (options, folder) if options.each else record_again (options, folder)
        if total is None:
            print ("nothing was compared: is libunwind.so.8 here?")
            return 77
        good = judge (total)
        show_differences (folder)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit (main ())
