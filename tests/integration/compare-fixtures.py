#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that memscope-rs wrote, read by memscope-cli, compared with what was fed to its writer.

    compare-fixtures.py MEMSCOPE-CLI FOLDER

For every NAME.memscope with a NAME.expected.json (either may have .gz behind): the blocks of the JSON export, sorted
by (timestamp_alloc, ptr), equal the expected ones field by field (absent is null), and `info --json` equals the
summary. Every file of FOLDER/broken gives its good prefix and a warning, or a clear error and exit status 3. None
takes more than 200 MB. MEMSCOPE_FIXTURES names another folder.

Speaks TAP. Each file's time is told, and judged only with MEMSCOPE_TEST_TIMES=1.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MAX_SECONDS = 1.0
MAX_KILOBYTES = 200 * 1024

# What the older record layouts have no room for (memscope-rs's own format, not this reader).
IN_R1 = {"ptr", "size", "timestamp_alloc", "var_name", "type_name", "thread_id"}
IN_R2 = IN_R1 | {"timestamp_dealloc", "scope_name", "borrow_count", "is_leaked", "lifetime_ms"}
ONLY = {"A": IN_R1, "B": IN_R2}
EMPTY_IS_NONE = set ("ABCDE")

number = 0


def report (good, name, detail=""):
    global number
    number += 1
    print (f"{'ok' if good else 'not ok'} {number} {name}", flush=True)
    for line in detail.splitlines ()[:20]:
        print (f"# {line[:400]}")


class Run:
    """One call of the command, and what it cost."""

    def __init__ (self, *arguments):
        with tempfile.TemporaryFile () as out, tempfile.TemporaryFile () as err:
            begin = time.monotonic ()
            process = subprocess.Popen (arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            _, status, usage = os.wait4 (process.pid, 0)
            self.seconds = time.monotonic () - begin
            process.returncode = self.status = os.waitstatus_to_exitcode (status)
            self.kilobytes = usage.ru_maxrss
            out.seek (0)
            err.seek (0)
            self.out = out.read ()
            self.err = err.read ().decode ("utf-8", "replace")

    def too_dear (self):
        wrong = []
        if self.kilobytes > MAX_KILOBYTES:
            wrong.append (f"{self.kilobytes} kB")
        if self.seconds > MAX_SECONDS and os.environ.get ("MEMSCOPE_TEST_TIMES"):
            wrong.append (f"{self.seconds:.2f} s")
        return " and ".join (wrong)

    def cost (self):
        return f"{self.seconds:.2f} s, {self.kilobytes // 1024} MB"


def without_nulls (allocation, layout):
    kept = {}
    for key, value in allocation.items ():
        if layout in ONLY and key not in ONLY[layout]:
            continue
        if key in ("var_name", "type_name", "scope_name") and value == "" and layout in EMPTY_IS_NONE:
            continue
        if key == "stack_trace" and value == []:
            continue
        if value is not None:
            kept[key] = value
    return kept


def read_expected (path):
    return json.loads (path.with_suffix (".expected.json").read_text (encoding="utf-8"))


def expected_allocations (path, layout):
    expected = read_expected (path)
    if "allocations" in expected:
        allocations = expected["allocations"]
    else:
        with gzip.open (path.with_suffix (".expected.jsonl.gz"), "rt", encoding="utf-8") as lines:
            allocations = [json.loads (line) for line in lines]
    return [without_nulls (a, layout) for a in allocations]


def in_order (allocations):
    """By time and address; blocks that share both by their whole content."""
    return sorted (allocations, key=lambda a: (a["timestamp_alloc"], a["ptr"], json.dumps (a, sort_keys=True)))


def first_difference (got, wanted):
    if len (got) != len (wanted):
        return f"{len (got)} blocks instead of {len (wanted)}"
    for i, (a, b) in enumerate (zip (got, wanted)):
        if a == b:
            continue
        for key in sorted (a.keys () | b.keys ()):
            if a.get (key) != b.get (key):
                return f"block {i}, {key}: {a.get (key)!r} instead of {b.get (key)!r}"
    return ""


def in_child (function, *arguments):
    """Calls it in a process that ends with it, and returns its string: what a process starts is accounted at
    least the memory that its parent had when it started it, so this one stays small."""
    reader, writer = os.pipe ()
    pid = os.fork ()
    if pid == 0:
        try:
            answer = function (*arguments)
        except Exception as error:  # pylint: disable=broad-except
            answer = f"{type (error).__name__}: {error}"
        with open (writer, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write (answer)
        os._exit (0)
    os.close (writer)
    with open (reader, encoding="utf-8") as stream:
        answer = stream.read ()
    os.waitpid (pid, 0)
    return answer


def compare_export (output, path, layout):
    with open (output, encoding="utf-8") as text:
        document = json.load (text)
    got = in_order ([without_nulls (a, None) for a in document["allocations"]])
    return first_difference (got, in_order (expected_allocations (path, layout)))


def check_export (cli, path, layout, folder):
    output = os.path.join (folder, "out.json")
    run = Run (cli, "export", "--format", "json", "-o", output, str (path))
    if run.status != 0:
        wrong = f"status {run.status}: {run.err}"
    else:
        wrong = in_child (compare_export, output, path, layout) or run.too_dear ()
    report (not wrong, f"{path.stem} export", wrong or run.cost ())


def expected_summary (path, layout):
    expected = read_expected (path)
    summary = expected["summary"]
    if layout == "A":
        summary["with_dealloc"] = summary["leaked_flag"] = 0
    if layout in EMPTY_IS_NONE and "allocations" in expected:
        summary["named"] = sum (1 for a in expected["allocations"] if a["var_name"])
    return json.dumps (summary)


def check_info (cli, path):
    """Returns the layout, which says what the file can't hold."""
    run = Run (cli, "info", "--json", str (path))
    if run.status != 0:
        report (False, f"{path.stem} info", f"status {run.status}: {run.err}")
        return None
    info = json.loads (run.out)
    layout = info["format"]["layout"]
    summary = json.loads (in_child (expected_summary, path, layout))
    wrong = run.too_dear ()
    for key, value in summary.items ():
        if info["file_summary"].get (key) != value:
            wrong = f"{key}: {info['file_summary'].get (key)!r} instead of {value!r}"
    totals = {
        "total_allocations": summary["records"],
        "total_frees": summary["with_dealloc"],
        "total_bytes": int (summary["sum_size"]),
        "threads": len (summary["per_thread"]),
        "leaked_allocations": summary["leaked_flag"],
    }
    if not info["format"]["complete"]:
        del totals["leaked_allocations"]
    for key, value in totals.items ():
        if info[key] != value:
            wrong = f"{key}: {info[key]!r} instead of {value!r}"
    report (not wrong, f"{path.stem} info", wrong or run.cost ())
    return layout


def check_broken (cli, path):
    run = Run (cli, "info", "--json", str (path))
    wrong = run.too_dear ()
    if run.status == 0:
        info = json.loads (run.out)
        detail = f"{info['file_summary'] and info['file_summary']['records']} records; {info['warnings']}"
        if not info["warnings"]:
            wrong = "opens without a warning"
    elif run.status == 3:
        detail = run.err.strip ()
        if not run.err.startswith ("memscope-cli: ") or path.name not in run.err:
            wrong = "unclear: " + run.err
    else:
        detail = wrong = f"status {run.status}: {run.err}"
    report (not wrong, f"broken {path.stem}", wrong or f"{detail} ({run.cost ()})")


def unpacked (folder, scratch):
    """The folder itself, or a copy of it without compression."""
    if not list (folder.glob ("*.memscope.gz")):
        return folder
    for path in [*folder.glob ("*"), *folder.glob ("broken/*")]:
        target = scratch / path.relative_to (folder)
        target.parent.mkdir (exist_ok=True)
        if path.suffix == ".gz" and not path.name.endswith (".jsonl.gz"):
            target.with_suffix ("").write_bytes (gzip.decompress (path.read_bytes ()))
        elif path.is_file ():
            target.write_bytes (path.read_bytes ())
    return scratch


def main ():
    cli = sys.argv[1]
    with tempfile.TemporaryDirectory () as scratch:
        folder = pathlib.Path (os.environ.get ("MEMSCOPE_FIXTURES") or sys.argv[2])
        folder = unpacked (folder, pathlib.Path (scratch))
        for path in sorted (folder.glob ("*.memscope")):
            if path.with_suffix (".expected.json").exists ():
                layout = check_info (cli, path)
                check_export (cli, path, layout, scratch)
        for path in sorted ((folder / "broken").glob ("*.memscope")):
            check_broken (cli, path)
    print (f"1..{number}")


main ()
