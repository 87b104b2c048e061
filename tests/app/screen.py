# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the screen, as assistive technology is told it, and what that can do.

Speaks the protocol of AT-SPI itself. A whole tree takes two or three messages where the usual
library takes thousands; and that library asks the program for "the n-th window", which makes
GTK 4.8 end itself when a window closes between counting and asking.
"""

import os
import re
import subprocess
import time

from gi.repository import Gio, GLib

PATIENCE = 120
ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"

# What they hold they have told by their names.
LEAVES = ("page tab", "label", "image", "scroll bar")

# By their numbers in the protocol.
ROLES = (
    "invalid", "accelerator label", "alert", "animation", "arrow", "calendar", "canvas", "check box", "check menu item",
    "color chooser", "column header", "combo box", "date editor", "desktop icon", "desktop frame", "dial", "dialog",
    "directory pane", "drawing area", "file chooser", "filler", "focus traversable", "font chooser", "frame", "glass pane",
    "html container", "icon", "image", "internal frame", "label", "layered pane", "list", "list item", "menu", "menu bar",
    "menu item", "option pane", "page tab", "page tab list", "panel", "password text", "popup menu", "progress bar",
    "push button", "radio button", "radio menu item", "root pane", "row header", "scroll bar", "scroll pane", "separator",
    "slider", "spin button", "split pane", "status bar", "table", "table cell", "table column header", "table row header",
    "tearoff menu item", "terminal", "text", "toggle button", "tool bar", "tool tip", "tree", "tree table", "unknown",
    "viewport", "window", "extended", "header", "footer", "paragraph", "ruler", "application", "autocomplete", "edit bar",
    "embedded", "entry",
)

FOCUSED, SELECTED, VISIBLE = 12, 23, 30      # bits of a state set


class Node:
    """One thing on the screen, as it was when it was looked at."""

    def __init__(self, screen, path, parent, count, interfaces, name, role, states):
        self.screen = screen
        self.path = path
        self.parent = parent
        self.count = count
        self.interfaces = interfaces
        self.name = name.replace("\u00a0", " ")
        self.states = states
        self.role = ROLES[role] if role < len(ROLES) else f"role {role}"

    def __repr__(self):
        return f"{self.role} “{self.name}”"

    def has(self, state):
        return bool(self.states[state // 32] >> state % 32 & 1)

    def can(self, interface):
        return f"org.a11y.atspi.{interface}" in self.interfaces

    def _call(self, interface, method, parameters=None):
        return self.screen.call(self.path, f"org.a11y.atspi.{interface}", method, parameters)

    def actions(self):
        """Their names, in order."""
        if not self.can("Action"):
            return []
        count = self.screen.get(self.path, "org.a11y.atspi.Action", "NActions") or 0
        answers = self.screen.call_all([(self.path, "org.a11y.atspi.Action", "GetName", GLib.Variant("(i)", (i,))) for i in range(count)])
        return [answer[0] if answer else None for answer in answers]

    def act(self, action="click"):
        names = self.actions()
        if action not in names:
            raise AssertionError(f"{self} has no action {action}, only {names}")
        self._call("Action", "DoAction", GLib.Variant("(i)", (names.index(action),)))

    def text(self):
        # GTK 4.8 gives the text up to a place, not up to −1.
        count = self.screen.get(self.path, "org.a11y.atspi.Text", "CharacterCount") or 0
        answer = self._call("Text", "GetText", GLib.Variant("(ii)", (0, count)))
        return answer[0] if answer else None

    def set_text(self, text):
        self._call("EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))
        return self.text() == text

    def select_child(self, index):
        self._call("Selection", "SelectChild", GLib.Variant("(i)", (index,)))


class Screen:
    """The windows of one process."""

    def __init__(self, process):
        self.process = process
        self.title = "."               # of the window that has the keyboard
        self.children = {}             # path → paths, as last told
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1, None).unpack()[0]
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.application = None        # its name on the bus
        self.until(self.find_application, "the program")

    # ---- messages ----

    def _send(self, destination, path, interface, method, parameters):
        try:
            return self.bus.call_sync(destination, path, interface, method, parameters, None, 0, PATIENCE * 1000, None).unpack()
        except GLib.Error:
            return None      # what was there a moment ago may be gone

    def call(self, path, interface, method, parameters=None):
        return self._send(self.application, path, interface, method, parameters)

    def get(self, path, interface, name):
        answer = self.call(path, "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))
        return answer[0] if answer else None

    def call_all(self, calls):
        """All at once: each takes the time of a way there and back, together they take hardly more."""
        answers = [None] * len(calls)
        left = len(calls)

        def take(bus, result, index):
            nonlocal left
            left -= 1
            try:
                answers[index] = bus.call_finish(result).unpack()
            except GLib.Error:
                pass
        for index, (path, interface, method, parameters) in enumerate(calls):
            self.bus.call(self.application, path, interface, method, parameters, None, 0, PATIENCE * 1000, None, take, index)
        while left > 0:
            GLib.MainContext.default().iteration(True)
        return answers

    def find_application(self):
        """By process: others may have windows of the same name on the same bus."""
        answer = self._send("org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren", None)
        for name, path in answer[0] if answer else []:
            pid = self._send("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))
            if pid and pid[0] == self.process.pid:
                self.application = name
        return self.application

    # ---- looking ----

    def _items(self):
        """Everything that anybody has asked about, by path."""
        answer = self.call("/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")
        return {path: Node(self, path, parent, count, interfaces, name, role, states)
                for (_, path), _, (_, parent), _, count, interfaces, name, role, _, states in (answer[0] if answer else [])}

    def _is_known(self, path, items):
        """Nothing has come or gone below it."""
        node, children = items.get(path), self.children.get(path)
        return path != ROOT and node is not None and children is not None and len(children) == node.count and \
            all(child in items and items[child].has(VISIBLE) for child in children)

    def _explore(self, items):
        """Asks about all that has not been told yet, level by level; TRUE: there was something."""
        level, seen, found = [ROOT], {ROOT}, False
        while level:
            unknown = [path for path in level if not self._is_known(path, items)]
            for path, answer in zip(unknown, self.call_all([(path, ACCESSIBLE, "GetChildren", None) for path in unknown])):
                self.children[path] = [child for _, child in answer[0]] if answer else []
            level = [child for path in level if path not in items or items[path].role not in LEAVES
                     for child in self.children[path] if child not in seen]
            seen.update(level)
            found = found or any(path not in items for path in level)
        return found

    def look(self):
        """Every node from the root down, by path; those that have gone meanwhile are left out."""
        items = self._items()
        while self._explore(items) and self.process.poll() is None:
            items = self._items()
            self.children = {path: children for path, children in self.children.items() if path in items}
        return items

    def nodes(self, within=None):
        """In the order in which a screen reader meets them."""
        items = self.look()
        order, seen, left = [], set(), [within.path if within else ROOT]
        while left:
            path = left.pop()
            node = items.get(path)
            if node is None or path in seen:
                continue
            seen.add(path)
            order.append(node)
            if node.role not in LEAVES:
                left.extend(reversed(self.children.get(path, [])))
        return order

    def find(self, role, pattern, within=None, where=None):
        return next((node for node in self.nodes(within) if (role is None or node.role == role) and re.search(pattern, node.name) and
                     (where is None or where(node))), None)

    def frame(self, title):
        """A window by its title."""
        items = self.look()
        return next((items[path] for path in self.children[ROOT] if path in items and re.search(title, items[path].name)), None)

    def is_within(self, node, pattern, items=None):
        """Whether anything above it has such a name."""
        items = items or self._items()
        path = node.parent
        for _ in range(80):
            above = items.get(path)
            if above is None:
                return False
            if re.search(pattern, above.name):
                return True
            path = above.parent
        return False

    def focused(self):
        """Each window has a widget with the focus; the keyboard is with one window."""
        for look in (self._items, self.look):
            items = look()
            for node in items.values():
                if node.has(FOCUSED) and node.has(VISIBLE) and self.is_within(node, self.title, items):
                    return node
        return Node(self, "", "", 0, [], "nothing", 0, [0, 0])

    # ---- waiting ----

    def until(self, question, what, action=None, patience=PATIENCE):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            answer = question()
            if answer:
                return answer
            if action:
                action()
            else:
                time.sleep(0.05)
        focused = self.focused() if self.application and self.process.poll() is None else None
        raise AssertionError(f"waited in vain for {what}; focused: {focused}; the program's status is {self.process.poll()}")

    def wait(self, role, pattern, within=None, where=None):
        try:
            return self.until(lambda: self.find(role, pattern, within() if callable(within) else within, where), f"{role} “{pattern}”")
        except AssertionError as error:
            others = [node.name for node in self.nodes() if node.role == role] if self.process.poll() is None else []
            raise AssertionError(f"{error}; there are: {others}") from None

    # ---- keys ----

    def focus(self, title):
        """Gives the window the keyboard: what a window manager does when it comes up."""
        def ask():
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True).stdout.split()
            if not found:
                return False
            subprocess.run(["xdotool", "windowfocus", found[-1]], capture_output=True)
            focus = subprocess.run(["xdotool", "getwindowfocus"], capture_output=True, text=True).stdout.strip()
            return focus == found[-1] and self.frame(title)
        self.title = title
        self.until(ask, f"the window {title}")

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *arguments], check=True, stdout=subprocess.DEVNULL)
        # The program answers after what the X server had for it.
        for _ in range(2):
            self.get(ROOT, ACCESSIBLE, "ChildCount")

    def press(self, *keys):
        self.xdotool("key", "--delay", "20", *keys)

    def type(self, text):
        self.xdotool("type", "--delay", "20", text)

    def step(self, key, before=None):
        """Presses a key that moves the focus away from there; where it then is."""
        before = before or self.focused()
        self.press(key)
        end = time.monotonic() + 1.5      # within what takes the keys itself it does not move
        while time.monotonic() < end:
            answer = self.call(before.path, ACCESSIBLE, "GetState")
            if not answer or not answer[0][0] >> FOCUSED & 1:
                node = self.focused()
                if node.role != "invalid":
                    return node
            time.sleep(0.02)
        return self.focused()


def missing():
    """What keeps such a test from running, or None."""
    if not os.environ.get("DISPLAY"):
        return "no display"
    try:
        subprocess.run(["xdotool", "version"], capture_output=True)
    except FileNotFoundError:
        return "no xdotool"
    return None
