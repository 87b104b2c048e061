#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# accessible-names.py MEMSCOPE FILE.memscope.gz: opens the recording in the real
# program, scrolls through the variables from outside, and expects to be told the
# name of every variable that memscope-cli would print: by the mouse wheel
# and by the keyboard (GTK 4.8 offers assistive technology no way to scroll itself). Only a part of them may be there at a time, so
# that scrolling is what finds them.

import gzip
import os
import shutil
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
if shutil.which("xdotool") is None:
    skip("no xdotool")


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


def until(question, what, process=None):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and (process is None or process.poll() is None):
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    raise SystemExit(f"waited in vain for {what}")


def variable_names(path):
    """Every named variable of the recording, by the library's own JSON export."""
    import json
    expected = json.loads(gzip.open(path.replace(".memscope.gz", ".names.json.gz")).read())
    return set(expected)


class Window:
    """What of the program can be seen and done from outside."""

    def __init__(self, process):
        self.process = process
        self.application = until(lambda: find_application(process.pid), "the program", process)
        self.most = 0      # cards that were there at a time
        self.seen = set()
        self.list = until(self.find_list, "the list of variables", process)
        until(lambda: self.read_cards(), "the first card", process)

    def find_list(self):
        return next((node for node in walk(self.application)
                     if node.get_role() == Atspi.Role.LIST and name_of(node) == "Variables"), None)

    def cards(self):
        """In the order that a screen reader meets them."""
        return [node for node in walk(self.list) if " live, peak " in name_of(node)]

    def read_cards(self):
        there = {name_of(node) for node in self.cards()} - {""}
        self.most = max(self.most, len(there))
        self.seen |= there
        return there

    def is_on_a_card(self):
        for node in self.cards():
            try:
                if node.get_state_set().contains(Atspi.StateType.FOCUSED):
                    return True
            except GLib.Error:
                continue      # it was scrolled away meanwhile
        return False

    def go_to_a_card(self):
        """From the search, by the keyboard."""
        if self.is_on_a_card():
            return True
        self.do("key", "Tab")
        return False

    def do(self, *command):
        subprocess.run(["xdotool", *command], check=True, stdout=subprocess.DEVNULL)

    def point_at(self):
        """Without a window manager windows are in the corner, and the pointer's has the keyboard."""
        self.do("mousemove", "300", "500")


def scroll_by_wheel(window):
    window.do("click", "--repeat", "3", "--delay", "10", "5")


def scroll_by_keyboard(window):
    window.do("key", "--delay", "10", "Next")


def search(window, names, first, way, scroll):
    """From the top, scrolls until every name was told."""
    window.do("key", "ctrl+f")
    until(window.go_to_a_card, "the focus on a card", window.process)
    window.do("key", "Home")
    until(lambda: first in window.read_cards(), "the top of the list", window.process)
    window.seen.clear()

    def found():
        window.read_cards()
        if all(any(card.startswith(name + ", ") for card in window.seen) for name in names):
            return True
        scroll(window)
        return False

    until(found, f"all of {len(names)} names by the {way}", window.process)
    if 2 * window.most > len(window.seen):
        raise SystemExit(f"{window.most} of {len(window.seen)} cards were there at a time: nothing was found by scrolling")
    print(f"by the {way}: all {len(names)} names on {len(window.seen)} cards, never more than {window.most} at a time")


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
            window = Window(process)
            window.point_at()
            first = name_of(window.cards()[0])
            search(window, names, first, "mouse wheel", scroll_by_wheel)
            search(window, names, first, "keyboard", scroll_by_keyboard)
        finally:
            process.kill()
            process.wait()


main()
