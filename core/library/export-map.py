#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write a linker version script that exports what public headers declare.

    export-map.py MAP HEADER...

Names that belong to the recorder's own library (memscope_tracker_* and so on)
are refused: a program may have both in its address space.
"""

import re
import sys

RECORDER = re.compile (r"memscope_(tracker|sampler|track|scope|pool|ffi|mark|thread)_")


def declared (path):
    """The functions and variables that a header declares."""
    with open (path, encoding="utf-8") as header:
        text = header.read ()

    text = re.sub (r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub (r"//[^\n]*", " ", text)
    # Macros are no symbols; G_DECLARE_* brings its get_type in the header itself.
    text = re.sub (r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", " ", text, flags=re.M)
    # Inline functions have their body in the header.
    text = re.sub (r"static\s+inline\b.*?\n\}", " ", text, flags=re.S)

    names = set (re.findall (r"\b(memscope_\w+)\s*\(", text))
    names |= set (re.findall (r"\bextern\s[^;]*?\b(memscope_\w+)\s*(?:\[[^\]]*\]\s*)*;", text))
    for declare in re.findall (r"G_DECLARE_(?:FINAL|DERIVABLE)_TYPE\s*\(\s*\w+\s*,\s*(memscope_\w+)", text):
        names.add (declare + "_get_type")
        names.discard (declare)

    # Function pointer types, (memscope_…_free) in G_DEFINE_AUTOPTR_CLEANUP_FUNC: declared anyway.
    return names


def main ():
    output, headers = sys.argv[1], sys.argv[2:]
    names = sorted (set ().union (*(declared (header) for header in headers)))
    wrong = [name for name in names if RECORDER.match (name)]

    if wrong:
        sys.exit ("these names belong to the recorder: " + ", ".join (wrong))

    with open (output, "w", encoding="utf-8") as script:
        script.write ("MEMSCOPE_1 {\n  global:\n")
        script.writelines (f"    {name};\n" for name in names)
        script.write ("  local:\n    *;\n};\n")


main ()
