#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# accessible-names.py MEMSCOPE FILE.memscope.gz: opens the recording in the real
# program, scrolls through the variables from outside, and expects to be told the
# name of every variable that memscope-cli would print.

import gzip
import os
import subprocess
import sys
import tempfile
import time

PATIENCE = 60


def skip(reason):
    print(reason)
    sys.exit(77)


if not os.environ.get("DISPLAY"):
    skip("no display")
# What the bus warns about is not the program's doing.
os.environ.pop("G_DEBUG", None)
try:
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError):
    skip("no AT-SPI for Python")


def walk(node, depth=0):
    if depth > 60:
        return
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(count):
        try:
            child = node.get_child_at_index(index)
        except GLib.Error:
            continue
        if child is not None:
            yield from walk(child, depth + 1)


def name_of(node):
    try:
        return node.get_name() or ""
    except GLib.Error:
        return ""


def find_application(pid):
    """By process: other tests run windows of the same name on the same bus."""
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        try:
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_process_id() == pid:
                return child
        except GLib.Error:
            continue
    return None


def scroll_bar_of(node):
    """The value of a scroll bar; None for other nodes, and for rows that went away meanwhile."""
    try:
        return node.get_value_iface() if node.get_role() == Atspi.Role.SCROLL_BAR else None
    except GLib.Error:
        return None


def until(question, what, process=None):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and (process is None or process.poll() is None):
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise SystemExit(f"waited in vain for {what}")


def variable_names(path):
    """Every named variable of the recording, by the library's own JSON export."""
    import json
    expected = json.loads(gzip.open(path.replace(".memscope.gz", ".names.json.gz")).read())
    return set(expected)


def cards(application):
    return {name_of(node) for node in walk(application) if " live, peak " in name_of(node)}


def main():
    program, packed = sys.argv[1:3]
    names = variable_names(packed)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "typical_full.memscope")
        with open(path, "wb") as file:
            file.write(gzip.open(packed).read())
        environment = dict(os.environ, GTK_A11Y="atspi", GSK_RENDERER="cairo", G_DEBUG="fatal-criticals")
        process = subprocess.Popen([program, "--view=variables", path], env=environment)
        try:
            application = until(lambda: find_application(process.pid), "the program", process)
            until(lambda: cards(application), "the first card", process)
            seen = set()

            def scroll():
                seen.update(cards(application))
                missing = [name for name in names if not any(card.startswith(name + ", ") for card in seen)]
                if not missing:
                    return True
                for node in walk(application):
                    # The list's own scroll bar, moved on by a page at a time.
                    value = scroll_bar_of(node)
                    if value is not None and value.get_maximum_value() > 1000:
                        if value.get_current_value() + 1 < value.get_maximum_value():
                            value.set_current_value(value.get_current_value() + 400)
                return False

            until(scroll, f"all of {len(names)} names", process)
            print(f"found all {len(names)} names on {len(seen)} cards")
        finally:
            process.kill()
            process.wait()


main()
