#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""compare-with-gdb.py CHECKING_RECORDER [--events N] [--every N] -- PROGRAM [ARGUMENT...]

Records PROGRAM in gdb with a recorder that stops at some events, and compares the stack
it made with what gdb says at the same moment. gdb runs this file, too.
"""

import os
import sys

try:
    import gdb
except ImportError:
    gdb = None

NAMES = ("equal", "truncated", "wrong", "depth", "reference_depth")


# ---- inside gdb ---------------------------------------------------------------------

def gdb_stack (first):
    """The return addresses from the one in `first` on, inlined and tail-called functions left out."""
    pcs = []
    frame = gdb.newest_frame ()
    while frame is not None and frame.is_valid ():
        if frame.type () not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            pc = frame.pc ()
            if (pcs or pc == first) and pc != 0:
                pcs.append (pc)
        frame = frame.older ()
    return pcs


def name_of (pc):
    return gdb.execute (f"info symbol {pc:#x}", to_string=True).strip ()


def compare (ours, truncated, counts):
    theirs = gdb_stack (ours[0])
    same = 0
    while same < len (ours) and same < len (theirs) and ours[same] == theirs[same]:
        same += 1
    counts["depth"] += same
    if same == len (ours) == len (theirs) and not truncated:
        counts["equal"] += 1
        counts["reference_depth"] += same
    elif same == len (ours) and truncated:
        # gdb reads prologues where there is no call-frame information
        counts["truncated"] += 1
        counts["reference_depth"] += same
    else:
        counts["wrong"] += 1
        counts["reference_depth"] += len (theirs)
        for title, stack in (("ours", ours), ("gdb's", theirs)):
            print (f"{title}: {len (stack)} frames, from {max (0, same - 2)}:")
            for pc in stack[max (0, same - 2):same + 6]:
                print (f"    {pc:#x} {name_of (pc)}")


def inside_gdb ():
    wanted = int (os.environ["COMPARE_EVENTS"])
    counts = dict.fromkeys (NAMES, 0)
    place = gdb.Breakpoint ("checking_recorder_stop", internal=True)
    place.silent = True
    gdb.execute ("run")
    for _ in range (wanted):
        if not gdb.selected_inferior ().threads ():
            break
        frame = gdb.newest_frame ()
        if frame.name () != "checking_recorder_stop":
            break
        where = int (frame.read_register ("rdi"))
        n = int (frame.read_register ("rsi")) & 0xffffffff
        truncated = int (frame.read_register ("rdx")) & 0xffffffff
        memory = gdb.selected_inferior ().read_memory (where, 8 * n).tobytes ()
        compare ([int.from_bytes (memory[i:i + 8], "little") for i in range (0, len (memory), 8)], truncated, counts)
        gdb.execute ("continue")
    with open (os.environ["COMPARE_OUTPUT"], "w", encoding="utf-8") as file:
        for name in NAMES:
            file.write (f"{name} {counts[name]}\n")
    if gdb.selected_inferior ().threads ():
        gdb.execute ("kill")


# ---- outside --------------------------------------------------------------------------

# The recorder is preloaded into the program, not into gdb.
SHELL = """preload=$LD_PRELOAD; unset LD_PRELOAD
exec gdb -nx -nh -batch -ex 'set pagination off' -ex 'set confirm off' -ex 'set breakpoint pending on' \\
  -ex 'set startup-with-shell off' -ex 'set debuginfod enabled off' -ex 'set backtrace past-main on' \\
  -ex 'set backtrace past-entry on' -ex 'set backtrace limit 2000' -ex 'handle all nostop noprint pass' \\
  -ex "set environment LD_PRELOAD $preload" -x "$0" --args "$@"
"""


def main ():
    import argparse
    import pathlib
    import shutil
    import subprocess
    import tempfile

    parser = argparse.ArgumentParser ()
    parser.add_argument ("recorder")
    parser.add_argument ("--events", type=int, default=500)
    parser.add_argument ("--every", type=int, default=50)
    parser.add_argument ("program", nargs="+")
    options = parser.parse_args ()

    for program in ("gdb", options.program[0]):
        if shutil.which (program) is None:
            print (f"{program} is not here")
            return 77
    options.program[0] = shutil.which (options.program[0])

    with tempfile.TemporaryDirectory () as folder:
        output = os.path.join (folder, "counts")
        environment = os.environ | {
            "MEMSCOPE_RECORDER": options.recorder,
            "MEMSCOPE_CHECK_OUTPUT": os.path.join (folder, "check"),
            "MEMSCOPE_CHECK_EVERY": str (options.every),
            "MEMSCOPE_CHECK_STOP": "1",
            "COMPARE_EVENTS": str (options.events),
            "COMPARE_OUTPUT": output,
        }
        process = subprocess.run ([os.environ["MEMSCOPE_CLI"], "record", "--no-symbols", "-o", os.path.join (folder, "run.memscope"),
                                   "--", "sh", "-c", SHELL, os.path.abspath (__file__)] + options.program,
                                  env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False)
        text = process.stdout.decode (errors="replace")
        if not os.path.exists (output):
            print (text[-4000:])
            return 1
        counts = {name: int (value) for name, value in (line.split () for line in pathlib.Path (output).read_text ().splitlines ())}

    checked = counts["equal"] + counts["truncated"] + counts["wrong"]
    print (" ".join (f"{name}={value}" for name, value in counts.items ()), f"checked={checked}")
    if counts["wrong"] != 0 or checked < options.events:
        print (text[-6000:])
        print (f"NOT OK {counts['wrong']} of {checked} stacks are not gdb's, and {options.events} were wanted")
        return 1
    print (f"ok   {checked} stacks are gdb's, {counts['truncated']} of them up to where call-frame information ends")
    return 0


if gdb is not None:
    inside_gdb ()
elif __name__ == "__main__":
    sys.exit (main ())
