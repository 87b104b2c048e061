#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-introspection.py SCRIPT RECORDING: the library from Python, by its typelib.

RECORDING is heaptrack's golden one: the figures are those of its README. Speaks TAP.
"""

import struct
import subprocess
import sys

try:
    import gi
    gi.require_version ("MemScope", "1")
    from gi.repository import GLib, MemScope
except (ImportError, ValueError) as error:
    print (f"1..0 # SKIP {error}")
    sys.exit (0)

script, path = sys.argv[1:3]
recording = MemScope.Recording.open (path)


def the_script_lists_call_sites ():
    result = subprocess.run ([sys.executable, script, path], capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines ()
    assert len (lines) == 7, result.stdout
    assert lines[0].split ()[:2] == ["87376", "7"] and "grow" in lines[0], result.stdout
    assert any (line.split ()[:2] == ["2190", "20"] and "leak · example.cpp:15" in line for line in lines), result.stdout


def figures_are_heaptracks ():
    assert recording.get_format () == "heaptrack"
    assert recording.get_figure ("total-allocations", None) == 127
    assert recording.get_figure ("leaked-bytes", None) == 2510
    assert recording.get_figure ("total-allocations", "stack ~ leak") == 20
    assert recording.get_figure ("total-allocations", "size > 1G") == 0


def columns_are_bytes ():
    column, element = recording.get_column ("size")
    sizes = struct.unpack (f"{recording.get_n_blocks ()}Q", column.get_data ())
    assert element == "uint64" and len (sizes) == 127 and sizes[0] == 72704
    assert recording.get_column ("flags")[1] == "uint8"
    assert recording.get_column ("stack")[0].get_size () == 4 * 127


def lists_are_models ():
    threads = recording.list_groups ("thread", None)
    assert threads.get_n_items () == 1 and threads.get_item_type () == MemScope.RecordingGroup.__gtype__
    group = threads.get_item (0)
    assert group.props.allocations == 127 and group.props.id == 0
    assert threads.get_item (1) is None


def mistakes_are_errors ():
    for call in (lambda: MemScope.Recording.open ("/nonexistent"), lambda: recording.list_groups ("colour", None),
                 lambda: recording.get_column ("colour"), lambda: recording.get_figure ("colour", None)):
        try:
            call ()
        except GLib.Error:
            continue
        raise AssertionError ("no error")
    try:
        recording.list_groups ("thread", "size > big")
    except GLib.Error as error:
        assert "column 8" in error.message, error.message
    else:
        raise AssertionError ("no error")


tests = [the_script_lists_call_sites, figures_are_heaptracks, columns_are_bytes, lists_are_models, mistakes_are_errors]
print (f"1..{len (tests)}")
failed = False
for number, test in enumerate (tests, 1):
    try:
        test ()
        print (f"ok {number} {test.__name__.replace ('_', '-')}", flush=True)
    except Exception as error:
        failed = True
        print (f"not ok {number} {test.__name__.replace ('_', '-')}\n# {error!r}", flush=True)
sys.exit (failed)
