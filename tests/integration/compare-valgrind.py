#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program's heap calls as memscope-cli records them and as valgrind counts them, call by call.

    compare-valgrind.py MEMSCOPE-CLI [--keep FOLDER] -- PROGRAM ARGUMENT...

Both run under `setarch -R` (no address randomisation), see an environment of equal size (each tool adds variables
of its own, and programs copy the environment), and valgrind does not free what libc keeps
(--run-libc-freeres=no --run-cxx-freeres=no). Then allocations, frees and bytes must be equal, and output and exit
status those of a plain run.

What differs is named call by call: valgrind's list of calls (--trace-malloc=yes) is laid beside the recording's, and
each call that only one of them saw is printed with its stack (valgrind's side from DHAT, by size).

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

# How far ahead the two lists of calls are searched for the place where they agree again.
WINDOW = 400
AGREE = 8


class Bench:
    """Runs the program plainly, under valgrind and under the recorder, in equal surroundings."""

    def __init__ (self, cli, folder, program):
        self.cli = cli
        self.folder = pathlib.Path (folder)
        self.program = program
        self.base = {"PATH": os.environ["PATH"], "HOME": str (self.folder), "LC_ALL": "C", "TZ": "UTC"}
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
                if line.startswith ("    {\"ptr\""):
                    yield json.loads (line.rstrip (",\n"))


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


def unmatched (ours, theirs):
    """Indices of calls that only one side has, the lists being equal but for a few."""
    only_ours, only_theirs = [], []
    i = j = 0
    while i < len (ours) and j < len (theirs):
        if ours[i] == theirs[j]:
            i, j = i + 1, j + 1
            continue
        for distance in range (1, WINDOW):
            found = False
            for skip in range (distance + 1):
                a, b = i + skip, j + distance - skip
                if ours[a:a + AGREE] and ours[a:a + AGREE] == theirs[b:b + AGREE]:
                    only_ours += range (i, a)
                    only_theirs += range (j, b)
                    i, j, found = a, b, True
                    break
            if found:
                break
        else:
            only_ours.append (i)
            only_theirs.append (j)
            i, j = i + 1, j + 1
    return only_ours + list (range (i, len (ours))), only_theirs + list (range (j, len (theirs)))


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


def name_differences (bench):
    rows = list (bench.allocations ())
    _, log = bench.valgrind ("--trace-malloc=yes")
    theirs = list (parse_calls (log))
    only_ours, only_theirs = unmatched ([row["size"] for row in rows], [size for _, size in theirs])

    for i in only_ours:
        print (f"only recorded: {rows[i]['function']} ({rows[i]['size']}), block {i}")
        for frame in rows[i]["stack_trace"] or ["no stack"]:
            print ("    " + frame)

    stacks = dhat_stacks (bench) if only_theirs else {}
    for j in only_theirs:
        print (f"only in valgrind: {theirs[j][0]} ({theirs[j][1]}), call {j}; allocated with this size by")
        for stack in stacks.get (theirs[j][1], [["no stack"]])[:3]:
            for frame in stack:
                print ("    " + frame)
            print ()


def compare (bench):
    plain, recorded = bench.plain (), bench.record ()
    process, log = bench.valgrind ()
    match = TOTALS.search (log)
    wanted = tuple (int (figure.replace (",", "")) for figure in match.groups ()) if match else None
    info = bench.info ()
    got = (info["total_allocations"], info["total_frees"], info["total_bytes"])

    print (f"             {'allocations':>14} {'frees':>14} {'bytes':>16}")
    print (f"recorded     {got[0]:>14} {got[1]:>14} {got[2]:>16}")
    print (f"valgrind     {wanted[0]:>14} {wanted[1]:>14} {wanted[2]:>16}" if wanted else "valgrind said nothing:\n" + log)
    equal = got == wanted
    if plain.stdout != recorded.stdout or plain.returncode != recorded.returncode:
        print (f"the program changed: status {plain.returncode} became {recorded.returncode}, "
               f"{len (plain.stdout)} bytes of output became {len (recorded.stdout)}")
        equal = False
    if not recorded.stderr.startswith (plain.stderr):
        print ("its error stream changed:", recorded.stderr[:400])
        equal = False
    if not info["format"]["complete"] or info["warnings"]:
        print ("the recording is not whole:", info["warnings"])
        equal = False
    return equal, got == wanted


def main ():
    parser = argparse.ArgumentParser (description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument ("cli")
    parser.add_argument ("--keep", metavar="FOLDER", help="leave the recording and the logs there")
    parser.add_argument ("program", nargs="+")
    arguments = parser.parse_args ()

    for tool in ("valgrind", "setarch", arguments.program[0]):
        if not shutil.which (tool):
            print (f"{tool} is not installed")
            sys.exit (77)

    with tempfile.TemporaryDirectory () as scratch:
        folder = arguments.keep or scratch
        os.makedirs (folder, exist_ok=True)
        bench = Bench (arguments.cli, folder, arguments.program)
        equal, same_totals = compare (bench)
        if not same_totals:
            name_differences (bench)
    sys.exit (0 if equal else 1)


main ()
