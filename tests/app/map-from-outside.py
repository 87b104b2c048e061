#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# map-from-outside.py MEMSCOPE FILE.memscope.gz: the memory map of the real program as
# a person meets it: told by assistive technology, clicked with a real pointer, entered
# and left by the keyboard. To be run under tests/headless.

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
os.environ.pop("G_DEBUG", None)      # what the bus warns about is not the program's doing
try:
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError):
    skip("no AT-SPI for Python")
if shutil.which("xdotool") is None:
    skip("no xdotool")
if subprocess.run([os.environ["MEMSCOPE_WEB_PROBE"]], capture_output=True).returncode != 0:
    skip("no WebKit here")


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


def has_state(node, state):
    try:
        return node.get_state_set().contains(state)
    except GLib.Error:
        return False


def find_application(pid):
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        try:
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_process_id() == pid:
                return child
        except GLib.Error:
            continue
    return None


def do(*command):
    subprocess.run(["xdotool", *command], check=True, stdout=subprocess.DEVNULL)


class Window:
    def __init__(self, process):
        self.process = process
        self.application = self.until(lambda: find_application(process.pid), "the program")
        self.until(self.summary, "the map's summary")

    def until(self, question, what, action=None):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            answer = question()
            if answer:
                return answer
            if action:
                action()
            time.sleep(0.15)
        focused = [(node.get_role_name(), name_of(node)) for node in walk(self.application) if has_state(node, Atspi.StateType.FOCUSED)]
        print(f"focused: {focused}")
        raise SystemExit(f"waited in vain for {what}; the program's status is {self.process.poll()}")

    def find(self, text):
        return next((node for node in walk(self.application) if text in name_of(node)), None)

    def map(self):
        return self.find("Memory map at ")

    def summary(self):
        node = self.map()
        return name_of(node) if node else ""

    def is_on_map(self):
        node = self.map()
        return node is not None and has_state(node, Atspi.StateType.FOCUSED)


def check_summary(window):
    summary = window.summary()
    if "93 live blocks" not in summary:
        raise SystemExit(f"the summary says: {summary}")
    print(f"told: {summary}")


def check_click(window):
    """Along the first lane until a block is hit."""
    def click():
        click.x += 23
        do("mousemove", str(click.x), "270", "click", "1")
        time.sleep(0.4)
    click.x = 180
    window.until(lambda: window.find(" · by birth"), "the inspector of the clicked block", click)
    print(f"clicked: {name_of(window.find(' · by birth'))}")


def check_keyboard(window):
    # In by Tab …
    do("mousemove", "640", "700", "key", "alt+1", "key", "alt+3")
    window.until(window.is_on_map, "the focus on the map", lambda: do("key", "Tab"))
    # … and through it, out at the other end.
    steps = 0

    def tab():
        nonlocal steps
        steps += 1
        do("key", "Tab")
    window.until(lambda: not window.is_on_map(), "the focus beyond the map", tab)
    print(f"tabbed: through the map in {steps} steps")
    window.until(window.is_on_map, "the focus back on the map", lambda: do("key", "shift+Tab"))

    # Escape takes back what was chosen, step by step, and leaves when there is nothing more.
    window.until(lambda: not window.is_on_map(), "the focus elsewhere by Escape", lambda: do("key", "Escape"))
    print("left: by Escape")


def main():
    program, packed = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "typical_full.memscope")
        with open(path, "wb") as file:
            file.write(gzip.open(packed).read())
        environment = dict(os.environ, GTK_A11Y="atspi", GSK_RENDERER="cairo")
        process = subprocess.Popen([program, "--view=map", "--size=1280x800", path], env=environment)
        try:
            window = Window(process)
            time.sleep(1)      # the drawing follows the sentence
            check_summary(window)
            check_click(window)
            check_keyboard(window)
        finally:
            process.kill()
            process.wait()


main()
