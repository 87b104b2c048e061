#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# journey.py keyboard|accessible MEMSCOPE MEMSCOPE-CLI TARGET: the whole way through one
# running program, once by nothing but real keys, once by nothing but what assistive
# technology can do: open a recording, find a variable, read its four tabs, set a range,
# see cards and map change, follow a finding, export the page, open it. What is seen is
# compared with what memscope-cli says of the same range. To be run under tests/headless,
# with an X server and a bus of its own. Speaks TAP.

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dashboard"))
sys.dont_write_bytecode = True
import webdriver

warnings.filterwarnings("ignore", category=DeprecationWarning)      # old names of Atspi, which older ones need

PATIENCE = 90
TITLE = "journey-target"
PART_OF_A_NAME = "append_l"
VARIABLE = "append_log:"

mode, program, cli, target = sys.argv[1:5]


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


if not os.environ.get("DISPLAY"):
    skip("no display")
os.environ.pop("G_DEBUG", None)      # what the bus warns about is not the program's doing
try:
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError):
    skip("no AT-SPI for Python")
for tool in ("xdotool", "gio", "update-desktop-database"):
    if shutil.which(tool) is None:
        skip(f"no {tool}")
has_web = "MEMSCOPE_WEB_PROBE" in os.environ and subprocess.run([os.environ["MEMSCOPE_WEB_PROBE"]], capture_output=True).returncode == 0


def note(text):
    print(f"# {text}", flush=True)


def check(condition, words):
    if not condition:
        raise AssertionError(words)


# ---- what is on the screen, as assistive technology is told it -------------------------------

# What they hold they have told by their names.
LEAVES = ("page tab", "label", "image", "scroll bar")
Node = collections.namedtuple("Node", "role name object")


def told(method, *arguments):
    """What was there a moment ago may be gone."""
    try:
        return method(*arguments)
    except GLib.Error:
        return None


def walk(object, depth=0):
    role, name = told(object.get_role_name), told(object.get_name)
    if role is None or depth > 60:
        return
    yield Node(role, (name or "").replace("\u00a0", " "), object)
    if role in LEAVES:
        return
    for index in range(told(object.get_child_count) or 0):
        child = told(object.get_child_at_index, index)
        if child is not None:
            yield from walk(child, depth + 1)


def has_state(object, state):
    states = told(object.get_state_set)
    return states is not None and states.contains(state)


class Screen:
    def __init__(self, process):
        self.process = process
        self.application = None
        self.title = "^MemScope$"      # of the window that has the keyboard
        self.last = None               # what had the focus last
        self.application = self.until(self.find_application, "the program")
        # What the library remembers of a tree is not what is there: it misses popovers.
        self.application.set_cache_mask(Atspi.Cache.NONE)

    def find_application(self):
        desktop = Atspi.get_desktop(0)
        for index in range(told(desktop.get_child_count) or 0):
            child = told(desktop.get_child_at_index, index)
            if child is not None and told(child.get_process_id) == self.process.pid:
                return child
        return None

    def until(self, question, what, action=None, pause=0.2):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            answer = question()
            if answer:
                return answer
            if action:
                action()
            time.sleep(pause)
        raise AssertionError(f"waited in vain for {what}; focused: {self.focused()}; status: {self.process.poll()}")

    def nodes(self, within=None):
        return list(walk(within or self.application))

    def find(self, role, pattern, within=None):
        return next((node for node in walk(within or self.application)
                     if (role is None or node.role == role) and re.search(pattern, node.name)), None)

    def wait(self, role, pattern, within=None):
        def scope():
            return within() if callable(within) else within
        try:
            return self.until(lambda: self.find(role, pattern, scope()), f"{role} “{pattern}”")
        except AssertionError as error:
            others = [node.name for node in walk(scope() or self.application) if node.role == role]
            raise AssertionError(f"{error}; there are: {others}") from None

    def frame(self, title):
        return next((node.object for node in (Node(told(child.get_role_name), told(child.get_name) or "", child)
                                               for child in self.windows()) if re.search(title, node.name)), None)

    def windows(self):
        count = told(self.application.get_child_count) or 0
        return [child for child in (told(self.application.get_child_at_index, i) for i in range(count)) if child is not None]

    def focused(self):
        """Each window has a widget with the focus; the keyboard is with one window."""
        frame = self.frame(self.title) if self.application else None
        if frame is None:
            return Node("nothing", "", None)
        # First near to where it was last: Tab does not go far.
        near, places = self.last, []
        for height in range(6):
            near = told(near.get_parent) if near is not None else None
            if near is not None and height in (1, 5) and told(near.get_role_name) not in (None, "frame", "application"):
                places.append(near)
        for place in places + [frame]:
            found = next((node for node in walk(place) if has_state(node.object, Atspi.StateType.FOCUSED)), None)
            if found is not None:
                self.last = found.object
                return found
        return Node("nothing", "", None)

    def texts(self, within):
        return [node.name for node in walk(within) if node.name]

    # ---- the program's own words ----

    def view(self):
        """The view that is shown, by the tab that is selected."""
        node = next((node for node in walk(self.application) if node.role == "page tab" and
                     node.name in ("Overview", "Variables", "Map", "Calls", "Diagnostics") and
                     has_state(node.object, Atspi.StateType.SELECTED)), None)
        return node.name if node else None

    def card(self):
        node = self.find("push button", rf"^{VARIABLE}.* live, peak ")
        return node.name if node else ""

    def range(self):
        """As the strip tells it, in thousandths of a second; None: the whole recording."""
        node = self.find("label", r"^Range .* s – .* s · ")
        if node is None:
            return None
        found = re.match(r"Range ([0-9.]+) s – ([0-9.]+) s", node.name)
        return tuple(round(float(text) * 1000) for text in found.groups())

    def inspector(self):
        return self.find("filler", "^MemscopeInspector$").object


# ---- what the command line says ---------------------------------------------------------------

class Recording:
    def __init__(self, folder):
        self.path = folder / "journey 旅.memscope"
        subprocess.run([cli, "record", "-o", self.path, target], check=True, capture_output=True)
        self.report = json.loads(subprocess.run([cli, "report", "--json", self.path], check=False, capture_output=True).stdout)
        self.duration = self.report["session"]["duration_ns"]

    def stats(self, begin, end, text=""):
        command = [cli, "export", "--format=json", f"--range={seconds(begin)}..{seconds(end)}", "-o", "-", self.path]
        if text:
            command.insert(2, f"--text={text}")
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["stats"]


def seconds(nanoseconds):
    return f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}s"


def grouped(count):
    return f"{count:,}"


def size(count):
    """As people read it."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.1f} KiB"
    return f"{count / 1024 / 1024:.2f} MiB"


# ---- the two ways of doing ---------------------------------------------------------------------

class Way:
    def __init__(self, screen, recording, folder):
        self.screen = screen
        self.recording = recording
        self.folder = folder

    def check_card(self, begin, end):
        stats = self.recording.stats(begin, end, PART_OF_A_NAME)
        check(0 < stats["active_bytes"] < self.recording.stats(0, self.recording.duration + 1, PART_OF_A_NAME)["active_bytes"], stats)
        expected = rf"^{VARIABLE}\d+, .*, {size(stats['active_bytes'])} live, peak {size(stats['peak_bytes'])}, {stats['active_allocations']} allocations, "
        self.screen.wait("push button", expected)
        note(f"card: {self.screen.card()}")

    def check_map(self, begin, end):
        stats = self.recording.stats(begin, end)
        check(stats["active_allocations"] != self.recording.report["stats"]["active_allocations"], "the range changes nothing")
        words = rf"^Memory map at .*: {grouped(stats['active_allocations'])} live blocks, "
        node = self.screen.wait(None, words)
        note(f"map: {node.name}")

    def check_inspector(self, tab):
        """The page of the tab has words of its own."""
        page = self.screen.until(lambda: self.screen.find("panel", f"^{tab}$", self.screen.inspector()), f"the page {tab}")
        texts = self.screen.until(lambda: [text for text in self.screen.texts(page.object)
                                           if text != tab and not re.match(r"^(Gtk|Adw|Memscope)[A-Z]", text)], f"words in {tab}")
        note(f"{tab}: {' | '.join(texts)[:160]}")
        return texts


class Keyboard(Way):
    """Nothing but keys. Giving a window that has come up the focus is what window managers do."""

    def focus(self, title):
        def ask():
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True).stdout.split()
            if not found:
                return False
            subprocess.run(["xdotool", "windowfocus", found[-1]], capture_output=True)
            return self.screen.frame(title) is not None
        self.screen.title = title
        self.screen.last = None
        self.screen.until(ask, f"the window {title}")
        time.sleep(0.3)      # the X server tells it

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "30", *keys], check=True, stdout=subprocess.DEVNULL)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "25", text], check=True, stdout=subprocess.DEVNULL)

    def tab_to(self, role, pattern, key="Tab", most=80):
        """Until the focus is there; whatever has it on the way has a name."""
        for _ in range(most):
            node = self.screen.focused()
            if node.role == role and re.search(pattern, node.name):
                return node
            self.press(key)
            time.sleep(0.15)
        raise AssertionError(f"{key} never came to {role} “{pattern}”; focused: {self.screen.focused()}")

    def open(self):
        self.focus("^MemScope$")
        self.press("ctrl+o")
        self.focus("^Open a Recording$")
        # A path that begins with a slash is typed into the chooser's own entry.
        link = self.folder / "journey.memscope"
        link.symlink_to(self.recording.path)
        self.press("ctrl+l")
        self.screen.until(lambda: self.screen.focused().role in ("entry", "text"), "the entry for the path")
        self.press("ctrl+a")
        self.type(str(link))
        self.press("Return")
        self.focus(f"^{TITLE}$")

    def find_variable(self):
        self.press("ctrl+f")
        self.screen.until(lambda: self.screen.focused().name == "Search", "the focus in the search")
        self.type(PART_OF_A_NAME)
        self.screen.wait("label", r"^1 of \d+ cards")
        self.press("Return")
        self.screen.wait("label", rf"^{VARIABLE}\d+$", self.screen.inspector)

    def read_tabs(self):
        self.tab_to("page tab", "^Overview$")
        for tab in ("Overview", "Lifecycle", "FFI Passport", "Optimization"):
            self.tab_to("page tab", f"^{tab}$", key="Right", most=6)
            self.press("space")
            self.screen.until(lambda: has_state(self.screen.find("page tab", f"^{tab}$", self.screen.inspector()).object,
                                                Atspi.StateType.SELECTED), f"the tab {tab} selected")
            self.check_inspector(tab)

    def set_range(self):
        """From the instants that Page Down comes to, as the keys of the strip are told in the shortcuts."""
        end = self.recording.duration + 1
        self.tab_to("slider", "^Instant$")
        self.press("Home", "Next", "Next")
        begin = 2 * (end // 10)
        self.screen.wait("label", f"^At {begin / 1e9:.3f} s$")
        self.press("bracketleft")
        self.screen.until(self.screen.range, "a range")
        instant = begin
        for _ in range(2):
            self.press("Next")
            instant += (end - begin) // 10
        self.screen.wait("label", f"^At {instant / 1e9:.3f} s$")
        self.press("bracketright")
        self.screen.until(lambda: self.screen.range() == (round(begin / 1e6), round(instant / 1e6)), f"the range until {instant}")
        return begin, instant

    def clear_search(self):
        self.press("ctrl+f")
        self.press("Escape")
        self.screen.wait("label", r"^(\d+) of \1 cards")

    def show(self, view):
        self.press(f"alt+{('Overview', 'Variables', 'Map', 'Calls', 'Diagnostics').index(view) + 1}")
        self.screen.until(lambda: self.screen.view() == view, f"the view {view}")

    def walk_through(self, view):
        """Tab goes through all of the view and round to where it began; all that has the focus has a name."""
        self.show(view)
        seen = []
        self.tab_to("page tab", ".")
        for _ in range(150):
            self.press("Tab")
            time.sleep(0.12)
            node = self.screen.focused()
            if node.role == "page tab" and node.name in ("Overview", "Variables", "Map", "Calls", "Diagnostics"):
                if seen:
                    break
                continue
            seen.append((node.role, node.name))
        else:
            raise AssertionError(f"Tab never comes round in {view}: {seen[-12:]}")
        unnamed = [pair for pair in seen if not pair[1] or re.match(r"^(Gtk|Adw|Memscope|WebKit)[A-Z]", pair[1])]
        note(f"{view}: Tab went round in {len(seen)} steps")
        note(f"{seen}")
        return [(view, *pair) for pair in unnamed]

    def show_finding(self, pattern):
        self.tab_to("list item", pattern)
        self.tab_to("push button", "^Show [Mm]e")
        self.press("Return")

    def go_back(self):
        self.press("alt+Left")

    def export(self, path):
        self.press("ctrl+e")
        self.focus("^Export$")
        # What the page shall not tell: a switch, by the space bar.
        switch = self.tab_to("toggle button", "^Environment$") if self.screen.find("toggle button", "^Environment$") else None
        if switch:
            self.press("space")
        self.tab_to("push button", "^Export…$", key="shift+Tab")
        self.press("Return")
        self.focus("^Export Page$")
        self.screen.until(lambda: self.screen.focused().object, "the focus in the chooser")
        self.press("ctrl+a")
        self.type(str(path))
        self.press("Return")
        self.focus(f"^{TITLE}$")

    def open_exported(self):
        self.tab_to("push button", "^Open$", key="shift+Tab", most=40)
        self.press("Return")


class Accessible(Way):
    """Nothing but actions, texts and selections of AT-SPI."""

    @staticmethod
    def actions(node):
        return [told(node.object.get_action_name, i) for i in range(told(node.object.get_n_actions) or 0)]

    def act(self, node, action="click"):
        names = self.actions(node)
        check(action in names, f"{node} has no action {action}, only {names}")
        node.object.do_action(names.index(action))

    def click(self, pattern, within=None, role="push button"):
        """The button itself: a menu button is one within another, and either has the name."""
        def find():
            return next((node for node in walk((within() if callable(within) else within) or self.screen.application)
                         if node.role == role and re.search(pattern, node.name) and "click" in self.actions(node)), None)
        self.act(self.screen.until(find, f"{role} “{pattern}” that can be clicked"))

    def write(self, node, text):
        # GTK 4.8 gives the text up to a place, not up to −1.
        self.screen.until(lambda: Atspi.EditableText.set_text_contents(node.object, text) and
                          Atspi.Text.get_text(node.object, 0, Atspi.Text.get_character_count(node.object)) == text, f"“{text}” in {node.name}")

    def open(self):
        # It was opened before: the start page has a row of it.
        row = self.screen.wait("list item", r"^journey 旅\.memscope, ")
        self.act(row, "recent.open")
        self.screen.until(lambda: self.screen.frame(f"^{TITLE}$"), "the recording's window")

    def find_variable(self):
        self.show("Variables")
        self.write(self.screen.wait("entry", "^Search$"), PART_OF_A_NAME)
        self.screen.wait("label", r"^1 of \d+ cards")
        self.screen.until(self.screen.card, "the card")
        self.click(rf"^{VARIABLE}.* live, peak ")
        self.screen.wait("label", rf"^{VARIABLE}\d+$", self.screen.inspector)

    def read_tabs(self):
        for tab in ("Overview", "Lifecycle", "FFI Passport", "Optimization"):
            self.click(f"^{tab}$", self.screen.inspector(), "page tab")
            self.check_inspector(tab)

    def set_range(self):
        begin, end = self.recording.duration // 5, self.recording.duration // 5 * 2
        begin, end = begin // 10**6 * 10**6, end // 10**6 * 10**6
        self.click("^Type a range and an instant$")
        entry = self.screen.until(lambda: next((node for node in walk(self.screen.application) if re.search("^_?Range", node.name) and
                                                "EditableText" in (told(node.object.get_interfaces) or [])), None), "the entry of the range")
        self.write(entry, f"{begin / 1e9:.3f}s–{end / 1e9:.3f}s")
        self.click("^Set$")
        self.screen.until(lambda: self.screen.range() == (begin // 10**6, end // 10**6), "the range")
        return begin, end

    def clear_search(self):
        self.write(self.screen.wait("entry", "^Search$"), "")
        self.screen.wait("label", r"^(\d+) of \1 cards")

    def show(self, view):
        self.click(f"^{view}$", role="page tab")
        self.screen.until(lambda: self.screen.view() == view, f"the view {view}")

    def walk_through(self, view):
        """Here there is no way to go: every button that can be clicked has a name."""
        self.show(view)
        return []

    def show_finding(self, pattern):
        findings = self.screen.wait("list", "^Findings$")
        row = self.screen.wait("list item", pattern, findings.object)
        index = [node.object for node in walk(findings.object) if node.role == "list item"].index(row.object)
        Atspi.Selection.select_child(findings.object, index)
        self.click("^Show me: ", row.object)

    def go_back(self):
        self.click("^Back to what was looked at before$")

    def export(self, path):
        frame = self.screen.frame(f"^{TITLE}$")
        self.act(Node("frame", TITLE, frame), "win.export-html")
        dialog = self.screen.until(lambda: self.screen.frame("^Export$"), "the dialog")
        self.click("^Export…$", dialog)
        chooser = self.screen.until(lambda: self.screen.frame("^Export Page$"), "the chooser")
        entry = self.screen.until(lambda: next((node for node in walk(chooser) if "EditableText" in (told(node.object.get_interfaces) or [])), None),
                                  "the entry of the name")
        self.write(entry, str(path))
        self.click("^Export$", chooser)

    def open_exported(self):
        self.click("^Open$", self.screen.frame(f"^{TITLE}$"))


# ---- the journey -------------------------------------------------------------------------------

def make_viewer(folder):
    """Who opens web pages here: writes down what it was given."""
    log = folder / "opened"
    viewer = folder / "viewer"
    viewer.write_text(f"#!/bin/sh\nprintf '%s' \"$1\" >'{log}.part' && mv '{log}.part' '{log}'\n")
    viewer.chmod(0o755)
    applications = pathlib.Path(os.environ["XDG_DATA_HOME"]) / "applications"
    applications.mkdir(parents=True, exist_ok=True)
    (applications / "viewer.desktop").write_text(f"[Desktop Entry]\nType=Application\nName=Viewer\nExec={viewer} %u\nMimeType=text/html;\n")
    subprocess.run(["update-desktop-database", applications], check=True)
    subprocess.run(["gio", "mime", "text/html", "viewer.desktop"], check=True, capture_output=True)
    return log


def check_page(path, stats):
    """The range's totals, on the page that people get."""
    missing = webdriver.find_missing()
    if missing:
        return missing
    browser = webdriver.Browser()
    try:
        browser.open(path)
        browser.click('[data-view="overview"]')
        tiles = browser.wait('return document.querySelector (".tiles")?.innerText').replace("\u00a0", " ")
        note(f"page: {tiles!r}")
        for words in (size(stats["active_bytes"]).split()[0], size(stats["peak_bytes"]).split()[0],
                      f"{grouped(stats['total_frees'])} freed"):
            check(words in tiles, f"{words} is not in {tiles!r}")
        complaints = browser.complaints()
        check(not complaints, complaints)
    finally:
        browser.close()
    return None


def journey(folder):
    recording = Recording(folder)
    log = make_viewer(folder)
    page = folder / "page.html"
    environment = dict(os.environ, GTK_A11Y="atspi", GSK_RENDERER="cairo")
    if mode == "accessible":
        # The start page lists what was opened before.
        subprocess.run([program, f"--screenshot={folder / 'before.png'}", recording.path], env=environment, check=True, capture_output=True)
    process = subprocess.Popen([program, "--size=1280x800"], env=environment)
    try:
        screen = Screen(process)
        way = (Keyboard if mode == "keyboard" else Accessible)(screen, recording, folder)
        state = {}

        def opens():
            way.open()
            screen.until(lambda: screen.view(), "a view")

        def finds_a_variable():
            way.show("Variables")
            way.find_variable()

        def sets_a_range():
            state["range"] = way.set_range()
            way.check_card(*state["range"])

        def sees_the_map_change():
            way.clear_search()
            way.show("Map")
            if not has_web:
                return "no WebKit here"
            way.check_map(*state["range"])
            return None

        def goes_through_every_view():
            nameless = []
            for view in ("Overview", "Variables", "Map", "Calls", "Diagnostics"):
                nameless += way.walk_through(view)
            check(not nameless, f"without a name: {nameless}")

        def follows_a_finding():
            way.show("Diagnostics")
            found = next(finding for finding in recording.report["findings"] if finding["rule"] == "leak.growing")
            way.show_finding(f"^Warning: .*{VARIABLE}.* leaks")
            shown = (round(found["begin_ns"] / 1e6), round(found["end_ns"] / 1e6))
            screen.until(lambda: screen.view() == "Variables", "the finding's view")
            screen.until(lambda: screen.range() == shown, f"the finding's range {shown}")
            screen.wait("label", rf"^{VARIABLE}\d+$", screen.inspector)
            way.go_back()
            screen.until(lambda: screen.view() == "Diagnostics", "the way back")
            before = tuple(round(moment / 1e6) for moment in state["range"])
            screen.until(lambda: screen.range() == before, f"the range {before} again")

        def exports():
            way.export(page)
            screen.wait("label", r"^Exported page\.html$")
            check(page.read_text().rstrip().endswith("</html>"), "the page is not whole")
            check(not [name for name in os.listdir(folder) if name.startswith(".page")], "half a file is left behind")

        def opens_the_page():
            way.open_exported()
            screen.until(log.exists, "the viewer")
            check(log.read_text() in (page.as_uri(), str(page)), log.read_text())
            return check_page(page, recording.stats(*state["range"]))

        steps = [opens, finds_a_variable, way.read_tabs, sets_a_range, sees_the_map_change]
        # Assistive technology gets no further than the findings: GTK 4.8 falls over when its file
        # chooser is answered so. By keys the rest takes long: only when asked for.
        if mode == "accessible":
            steps += [follows_a_finding]
        if os.environ.get("JOURNEY_WHOLE"):
            steps += [goes_through_every_view] + ([follows_a_finding] if mode == "keyboard" else []) + [exports, opens_the_page]
        return run(steps, process)
    finally:
        process.kill()
        process.wait()


def run(steps, process):
    """One leads to the next: after a failure the others can't be taken."""
    print(f"1..{len(steps)}", flush=True)
    for number, step in enumerate(steps, 1):
        name = f"/journey/{mode}/{step.__name__.replace('_', '-')}"
        began = time.monotonic()
        try:
            skipped = step()
        except Exception:      # whatever it is, it is this step's
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {name}", flush=True)
            for later in range(number + 1, len(steps) + 1):
                print(f"not ok {later} - the journey ended before", flush=True)
            if os.environ.get("JOURNEY_PICTURE"):
                subprocess.run(["import", "-window", "root", os.environ["JOURNEY_PICTURE"]])
            return 1
        print(f"ok {number} - {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        note(f"{time.monotonic() - began:.1f} s")
    return 0


with tempfile.TemporaryDirectory() as directory:
    status = journey(pathlib.Path(directory))
sys.exit(status)
