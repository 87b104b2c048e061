#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""libmemscope-1 shows its public functions and nothing else; the recorder shows none of them.

    check-exports.py LIBRARY HEADER... -- [RECORDER MEMSCOPE.H]
"""

import pathlib
import re
import subprocess
import sys

RECORDER_PREFIX = re.compile (r"memscope_(tracker|sampler|track|scope|pool|ffi|mark|thread)_")

number = 0


def report (wrong, name):
    global number
    number += 1
    print (f"{'not ok' if wrong else 'ok'} {number} /libmemscope/{name}")
    for item in sorted (wrong):
        print ("# " + item)


def exported (library):
    lines = subprocess.run (["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    names = {line.split ()[-1].split ("@")[0] for line in lines.splitlines ()}
    return {name for name in names if not re.fullmatch (r"MEMSCOPE_\d+|_init|_fini", name)}


def main ():
    split = sys.argv.index ("--")
    library, headers, recorder = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
    names = exported (library)
    public = "".join (pathlib.Path (header).read_text (encoding="utf-8") for header in headers)

    report ({name for name in names if not name.startswith ("memscope_")}, "exports-only-its-own-names")
    report ({name for name in names if RECORDER_PREFIX.match (name)}, "leaves-the-recorders-names-alone")
    report ({name for name in names if not name.endswith ("_get_type") and not re.search (rf"\b{name}\b", public)},
            "exports-only-what-headers-declare")
    report ({name for name in ("memscope_load_file", "memscope_session_get_type", "memscope_summary_new",
                               "memscope_json_export") if name not in names}, "exports-its-main-functions")
    if recorder:
        theirs = exported (recorder[0])
        declared = set (re.findall (r"^MEMSCOPE_API [^;]*?(memscope_\w+) +\(", pathlib.Path (recorder[1]).read_text (encoding="utf-8"), re.M))
        report (names & theirs, "shares-no-name-with-the-recorder")
        report ({name for name in theirs if name.startswith ("memscope")} ^ declared, "the-recorder-exports-what-memscope-h-declares")
        report ({name for name in declared if not RECORDER_PREFIX.match (name)}, "memscope-h-keeps-to-its-names")
        report (set () if len (declared) > 20 else {"too few declarations were found"}, "memscope-h-declares-something")
    print (f"1..{number}")


main ()
