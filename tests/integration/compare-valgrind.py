#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program's heap calls as memscope-cli records them and as valgrind counts them, call by call.

    compare-valgrind.py MEMSCOPE-CLI [--keep FOLDER] [--unsteady FUNCTION]... -- PROGRAM ARGUMENT...

Both run under `setarch -R` (no address randomisation), see an environment of equal size (each tool adds variables
of its own, and programs copy the environment), and valgrind does not free what libc keeps
(--run-libc-freeres=no --run-cxx-freeres=no). Then allocations, frees and bytes must be equal, and output and exit
status those of a plain run.

What differs is named call by call: valgrind's list of calls (--trace-malloc=yes) is laid beside the recording's, and
each call that only one of them saw is printed with its stack (valgrind's side from DHAT, by size).

Some calls differ between any two runs of a program. gcc's collector has a table of 32 KiB for every 16 MiB of address
space that its pages touch, and under valgrind mmap gives other addresses; libxml2 seeds its hash tables with the time,
and each collision costs a block. Such calls are told apart by the function that makes them (--unsteady): they are
printed with the others, and the rest must be equal.

Exit status: 0 equal, 1 different, 77 a tool is missing.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VALGRIND = ["valgrind", "--run-libc-freeres=no", "--run-cxx-freeres=no", "--trace-children=no"]
TOTALS = re.compile (r"total heap usage: ([\d,]+) allocs, ([\d,]+) frees, ([\d,]+) bytes allocated")
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"


class Bench:
    """Runs the program plainly, under valgrind and under the recorder, in equal surroundings."""

    def __init__ (self, cli, folder, program):
        self.cli = cli
        self.folder = pathlib.Path (folder)
        self.program = program
        self.base = {"PATH": os.environ["PATH"], "HOME": str (self.folder), "LC_ALL": "C", "TZ": "UTC",
                     "PERL_HASH_SEED": "0", "PYTHONHASHSEED": "0"}
        self.base |= {key: value for key, value in os.environ.items () if key.startswith ("MEMSCOPE_")}
        self.recording = str (self.folder / "run.memscope")
        self.level_environments ()

    def run (self, prefix, environment, program=None):
        return subprocess.run (["setarch", "-R", *prefix, *(program or self.program)], env=environment,
                               stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def recorder (self):
        return [self.cli, "record", "--no-symbols", "-o", self.recording, "--"]

    def seen_by (self, prefix, environment):
        """The environment that a program finds under a tool."""
        output = self.run (prefix, environment, ["env", "-0"]).stdout
        return dict (entry.split ("=", 1) for entry in output.decode ("utf-8", "surrogateescape").split ("\0") if "=" in entry)

    def level_environments (self):
        """Gives each tool the variables that the other adds, and LD_PRELOADs of one length."""
        quiet = VALGRIND + ["--quiet", "--log-file=/dev/null"]
        ours = self.seen_by (self.recorder (), dict (self.base, LD_PRELOAD=LIBC))
        theirs = self.seen_by (quiet, dict (self.base, LD_PRELOAD=LIBC))

        def missing (mine, other):
            return {key: value for key, value in other.items () if key not in mine}

        length = max (len (ours["LD_PRELOAD"]), len (theirs["LD_PRELOAD"]))

        def padded (mine):
            return "/" * (length - len (mine["LD_PRELOAD"])) + LIBC

        self.for_recorder = dict (self.base, **missing (ours, theirs), LD_PRELOAD=padded (ours))
        self.for_valgrind = dict (self.base, **missing (theirs, ours), LD_PRELOAD=padded (theirs))
        ours = self.seen_by (self.recorder (), self.for_recorder)
        theirs = self.seen_by (quiet, self.for_valgrind)
        if sorted (map (len, ours.values ())) != sorted (map (len, theirs.values ())):
            print ("the environments could not be levelled:\n", ours, "\n", theirs)

    def plain (self):
        return self.run ([], self.base)

    def record (self):
        return self.run (self.recorder (), self.for_recorder)

    def valgrind (self, *options):
        log = self.folder / "valgrind.log"
        process = self.run (VALGRIND + ["--log-file=" + str (log), *options], self.for_valgrind)
        return process, log.read_text (encoding="utf-8", errors="replace")

    def info (self):
        output = subprocess.run ([self.cli, "info", "--json", self.recording], capture_output=True, check=True).stdout
        return json.loads (output)

    def allocations (self):
        subprocess.run ([self.cli, "symbolize", self.recording], check=False)
        output = str (self.folder / "run.json")
        subprocess.run ([self.cli, "export", "--format", "json", "-o", output, self.recording], check=True)
        with open (output, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads (line.rstrip (",\n")) if line.startswith ("    {\"ptr\"") else None
                # Regions are in no total, and valgrind does not list them.
                if row and row["origin"] == "heap":
                    yield row


# -- the two lists of calls: (what, size) ----------------------------------------------------

TRACED = re.compile (r"--\d+-- (?P<name>[\w.]+) ?\((?P<arguments>[^)]*)\)")
# Name in the trace -> which comma-separated argument is the size.
SIZED = {"malloc": 0, "_Znwm": 0, "_Znam": 0, "_ZnwmRKSt9nothrow_t": 0, "_ZnamRKSt9nothrow_t": 0,
         "memalign": -1, "aligned_alloc": -1, "posix_memalign": -1, "realloc": 1}


def parse_calls (log):
    """Births in valgrind's trace."""
    for line in log.splitlines ():
        match = TRACED.match (line)
        if not match:
            continue
        name, arguments = match["name"], [a.strip () for a in match["arguments"].split (",")]
        if name == "calloc":
            count, size = (int (a.split ()[-1], 0) for a in arguments[:2])
            yield "calloc", count * size
        elif name in SIZED:
            number = re.findall (r"\d+", arguments[SIZED[name]])
            if number and not (name == "realloc" and number[-1] == "0"):
                yield name, int (number[-1])


def unmatched (folder, ours, theirs):
    """Indices of calls that only one side has: diff finds the fewest."""
    for name, sizes in (("ours", ours), ("theirs", theirs)):
        (folder / name).write_text ("".join (f"{size}\n" for size in sizes))
    output = subprocess.run (["diff", "--minimal", "ours", "theirs"], cwd=folder, capture_output=True, text=True,
                             check=False).stdout

    def lines (field):
        first, _, last = field.partition (",")
        return range (int (first) - 1, int (last or first))

    only_ours, only_theirs = [], []
    for left, action, right in re.findall (r"^([\d,]+)([acd])([\d,]+)$", output, re.M):
        if action in "cd":
            only_ours += lines (left)
        if action in "ac":
            only_theirs += lines (right)
    return only_ours, only_theirs


def dhat_stacks (bench):
    """Stacks by size of block, from DHAT: total bytes / total blocks of each allocation point."""
    output = bench.folder / "dhat.json"
    bench.valgrind ("--tool=dhat", "--dhat-out-file=" + str (output))
    profile = json.loads (output.read_text (encoding="utf-8", errors="replace"))
    stacks = collections.defaultdict (list)
    for point in profile["pps"]:
        if point["tbk"]:
            stacks[point["tb"] // point["tbk"]].append ([profile["ftbl"][f].split (": ", 1)[-1] for f in point["fs"]])
    return stacks


def print_call (title, stack):
    print (title)
    for frame in stack or ["no stack"]:
        print ("    " + frame)


def name_differences (bench, unsteady):
    """Prints each call that one side has alone. Returns the totals of the unsteady ones, ours minus valgrind's."""
    rows = list (bench.allocations ())
    _, log = bench.valgrind ("--trace-malloc=yes")
    theirs = list (parse_calls (log))
    only_ours, only_theirs = unmatched (bench.folder, [row["size"] for row in rows], [size for _, size in theirs])
    surplus = collections.Counter ()

    def unsteady_function (stacks):
        return next ((f for f in unsteady for stack in stacks for frame in stack or [] if f in frame), None)

    def is_freed (function):
        """What becomes of such blocks: valgrind's list of births does not say."""
        return any (row["death"] for row in rows if unsteady_function ([row["stack_trace"]]) == function)

    for i in only_ours:
        row = rows[i]
        print_call (f"only recorded: {row['function']} ({row['size']}), block {i}", row["stack_trace"])
        if unsteady_function ([row["stack_trace"]]):
            surplus.update (allocations=1, frees=int (row["death"] is not None), bytes=row["size"])

    by_size = dhat_stacks (bench) if only_theirs else {}
    for j in only_theirs:
        name, size = theirs[j]
        stacks = by_size.get (size, [])
        for stack in stacks[:3] or [None]:
            print_call (f"only in valgrind: {name} ({size}), call {j}; calls of this size come from", stack)
        function = unsteady_function (stacks)
        if function:
            surplus.subtract (allocations=1, frees=int (is_freed (function)), bytes=size)

    return surplus


def is_unchanged (bench, plain, recorded):
    """Whether the program did under the recorder what it does without, and the recording is whole."""
    wrong = []
    if plain.returncode != recorded.returncode:
        wrong.append (f"status {plain.returncode} became {recorded.returncode}")
    if plain.stdout != recorded.stdout:
        wrong.append (f"{len (plain.stdout)} bytes of output became {len (recorded.stdout)}, or others")
    if not recorded.stderr.startswith (plain.stderr):
        wrong.append (f"the error stream became {recorded.stderr[:400]}")
    info = bench.info ()
    if not info["format"]["complete"] or info["warnings"]:
        wrong.append (f"the recording is not whole: {info['warnings']}")
    for sentence in wrong:
        print (sentence)
    return not wrong


def compare (bench, unsteady):
    unchanged = is_unchanged (bench, bench.plain (), bench.record ())
    _, log = bench.valgrind ()
    match = TOTALS.search (log)
    if not match:
        print ("valgrind gave no totals:\n" + log)
        return False
    wanted = [int (figure.replace (",", "")) for figure in match.groups ()]
    info = bench.info ()
    got = [info["total_allocations"], info["total_frees"], info["total_bytes"]]
    for name, figures in (("", ["allocations", "frees", "bytes"]), ("recorded", got), ("valgrind", wanted)):
        print (f"{name:10}" + "".join (f"{figure:>16}" for figure in figures))
    if got != wanted:
        surplus = name_differences (bench, unsteady)
        got = [figure - surplus[name] for figure, name in zip (got, ("allocations", "frees", "bytes"))]
        print ("equal but for these, which differ between any two runs" if got == wanted else "different")
    return unchanged and got == wanted


def main ():
    parser = argparse.ArgumentParser (description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument ("cli")
    parser.add_argument ("--keep", metavar="FOLDER", help="leave the recording and the logs there")
    parser.add_argument ("--unsteady", metavar="FUNCTION", action="append", default=[],
                         help="calls below it differ between any two runs")
    parser.add_argument ("program", nargs="+")
    arguments = parser.parse_args ()

    for tool in ("valgrind", "setarch", arguments.program[0]):
        if not shutil.which (tool):
            print (f"{tool} is not installed")
            sys.exit (77)

    with tempfile.TemporaryDirectory () as scratch:
        folder = arguments.keep or scratch
        os.makedirs (folder, exist_ok=True)
        equal = compare (Bench (arguments.cli, folder, arguments.program), arguments.unsteady)
    sys.exit (0 if equal else 1)


main ()
