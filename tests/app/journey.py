#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# journey.py keyboard|accessible|walk MEMSCOPE MEMSCOPE-CLI TARGET: the whole way through one
# running program, once by nothing but real keys, once by nothing but what assistive
# technology can do: open a recording, find a variable, read its four tabs, set a range,
# see cards and map change, follow a finding, export the page, show it in its folder, open
# it. “walk” goes by keys through everything that has the focus in every view. What is seen is
# compared with what memscope-cli says of the same range. To be run under tests/headless,
# with an X server and a bus of its own. Speaks TAP.

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

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dashboard"))
import webdriver

TITLE = "journey-target"
PART_OF_A_NAME = "append_l"
VARIABLE = "append_log:"
VIEWS = ("Overview", "Variables", "Map", "Calls", "Diagnostics")

mode, program, cli, target = sys.argv[1:5]


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


os.environ.pop("G_DEBUG", None)      # what the bus warns about is not the program's doing
try:
    from gi.repository import Gio, GLib
    import screen as outside
except ImportError:
    skip("no GLib for Python")
if outside.missing():
    skip(outside.missing())
for tool in ("gio", "update-desktop-database"):
    if shutil.which(tool) is None:
        skip(f"no {tool}")
has_web = "MEMSCOPE_WEB_PROBE" in os.environ and subprocess.run([os.environ["MEMSCOPE_WEB_PROBE"]], capture_output=True).returncode == 0


def note(text):
    print(f"# {text}", flush=True)


def check(condition, words):
    if not condition:
        raise AssertionError(words)


class Screen(outside.Screen):
    """The program's own words."""

    def view(self):
        """The view that is shown, by the tab that is selected."""
        node = self.find("page tab", f"^({'|'.join(VIEWS)})$", where=lambda node: node.has(outside.SELECTED))
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
        return self.find("filler", "^MemscopeInspector$")


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
        page = self.screen.until(lambda: self.screen.find("scroll pane", f"^{tab}$", self.screen.inspector()), f"the page {tab}")
        texts = self.screen.until(lambda: [node.name for node in self.screen.nodes(page) if node.name and node.name != tab and
                                           not re.match(r"^(Gtk|Adw|Memscope)[A-Z]", node.name)], f"words in {tab}")
        note(f"{tab}: {' | '.join(texts)[:160]}")
        return texts


class Keyboard(Way):
    """Nothing but keys."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.focus, self.press, self.type = self.screen.focus, self.screen.press, self.screen.type

    def tab_to(self, role, pattern, key="Tab", most=120):
        """Until the focus is there."""
        node = self.screen.focused()
        way = []
        for _ in range(most):
            if node.role == role and re.search(pattern, node.name):
                return node
            way.append(str(node))
            node = self.screen.step(key, node)
        raise AssertionError(f"{key} never came to {role} “{pattern}”, but to {way}")

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
            self.screen.until(lambda: self.screen.find("page tab", f"^{tab}$", self.screen.inspector(),
                                                       where=lambda node: node.has(outside.SELECTED)), f"the tab {tab} selected")
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
        self.press(f"alt+{VIEWS.index(view) + 1}")
        self.screen.until(lambda: self.screen.view() == view, f"the view {view}")

    def walk_through(self, view):
        """Tab goes through all of the view and round to where it began; all that has the focus has a name."""
        self.show(view)
        seen = []
        node = self.tab_to("page tab", f"^({'|'.join(VIEWS)})$")
        for _ in range(250):
            node = self.screen.step("Tab", node)
            # The inspector has tabs of its own, one of the same name.
            if node.role == "page tab" and node.name in VIEWS and not self.screen.is_within(node, "^MemscopeInspector$"):
                if seen:
                    break
                continue
            seen.append((node.role, node.name))
        else:
            raise AssertionError(f"Tab never comes round in {view}: {seen[-12:]}")
        unnamed = [pair for pair in seen if not pair[1] or re.match(r"^(Gtk|Adw|Memscope|WebKit)[A-Z]", pair[1])]
        note(f"{view}: Tab went round in {len(seen)} steps")
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
        # The name is proposed and selected: what is typed takes its place.
        self.screen.until(lambda: self.screen.focused().name == "File name", "the focus in the file name")
        self.press("ctrl+a")
        self.type(path.stem)
        folder = self.screen.step("Tab")
        check(folder.name == "Folder", folder)
        self.press("ctrl+a")
        self.type(str(path.parent))
        self.screen.until(lambda: folder.text() == str(path.parent), "the folder")
        # What the page shall not tell: a switch, by the space bar.
        self.tab_to("check box", "^Environment$")
        self.press("space")
        self.tab_to("push button", "^Export$", key="shift+Tab")
        self.press("Return")
        self.focus(f"^{TITLE}$")

    def show_in_files(self):
        self.tab_to("push button", "^Show in Files$", key="shift+Tab")
        self.press("Return")

    def open_exported(self):
        self.tab_to("push button", "^Open$")      # beside the other one
        self.press("Return")


class Accessible(Way):
    """Nothing but actions, texts and selections of AT-SPI."""

    def click(self, pattern, within=None, role="push button"):
        """The button itself: a menu button is one within another, and either has the name."""
        self.screen.wait(role, pattern, within, where=lambda node: "click" in node.actions()).act()

    def write(self, node, text):
        self.screen.until(lambda: node.set_text(text), f"“{text}” in {node}")

    def entry(self, pattern, within=None):
        return self.screen.wait(None, pattern, within, where=lambda node: node.can("EditableText"))

    def open(self):
        # It was opened before: the start page has a row of it.
        row = self.screen.wait("list item", r"^journey 旅\.memscope, ")
        row.act("recent.open")
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
        self.write(self.entry("^_?Range"), f"{begin / 1e9:.3f}s–{end / 1e9:.3f}s")
        self.click("^Set$")
        self.screen.until(lambda: self.screen.range() == (begin // 10**6, end // 10**6), "the range")
        return begin, end

    def clear_search(self):
        self.write(self.screen.wait("entry", "^Search$"), "")
        self.screen.wait("label", r"^(\d+) of \1 cards")

    def show(self, view):
        self.click(f"^{view}$", role="page tab")
        self.screen.until(lambda: self.screen.view() == view, f"the view {view}")

    def show_finding(self, pattern):
        findings = self.screen.wait("list", "^Findings$")
        row = self.screen.wait("list item", pattern, findings)
        rows = [node.path for node in self.screen.nodes(findings) if node.role == "list item"]
        findings.select_child(rows.index(row.path))
        self.click("^Show me: ", row)

    def go_back(self):
        self.click("^Back to what was looked at before$")

    def export(self, path):
        self.screen.frame(f"^{TITLE}$").act("win.export-html")
        self.screen.until(self.dialog, "the dialog")
        self.write(self.entry("^File name$", self.dialog), path.stem)
        self.write(self.entry("^Folder$", self.dialog), str(path.parent))
        self.screen.wait("check box", "^Environment$", self.dialog).act("toggle")
        self.click("^Export$", self.dialog)

    def dialog(self):
        return self.screen.frame("^Export$")

    def show_in_files(self):
        self.click("^Show in Files$")

    def open_exported(self):
        self.click("^Open$", lambda: self.screen.frame(f"^{TITLE}$"))


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


class FileManager:
    """Who shows files in their folder here: writes down what it was asked for."""

    INTERFACE = "<node><interface name='org.freedesktop.FileManager1'><method name='ShowItems'>" \
                "<arg type='as' direction='in'/><arg type='s' direction='in'/></method></interface></node>"

    def __init__(self):
        self.shown = []
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)      # as long as it is held, it is there
        self.bus.register_object("/org/freedesktop/FileManager1", Gio.DBusNodeInfo.new_for_xml(self.INTERFACE).interfaces[0],
                            self.answer, None, None)
        self.bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                           GLib.Variant("(su)", ("org.freedesktop.FileManager1", 4)), None, 0, -1, None)

    def answer(self, bus, sender, path, interface, method, parameters, invocation):
        self.shown += parameters.unpack()[0]
        invocation.return_value(None)

    def was_asked(self):
        GLib.MainContext.default().iteration(False)
        return self.shown


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
    files = FileManager()
    page = folder / "page.html"
    environment = dict(os.environ, GTK_A11Y="atspi", GSK_RENDERER="cairo")
    if mode == "accessible":
        # The start page lists what was opened before.
        subprocess.run([program, f"--screenshot={folder / 'before.png'}", recording.path], env=environment, check=True, capture_output=True)
    process = subprocess.Popen([program, "--size=1280x800"], env=environment, stdout=subprocess.DEVNULL)
    try:
        screen = Screen(process)
        way = (Accessible if mode == "accessible" else Keyboard)(screen, recording, folder)
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
            for view in VIEWS:
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

        def exports_a_page():
            check("page" not in os.listdir(folder), "the page is there before")
            way.export(page)
            screen.wait("label", r"^Exported page\.html$")
            check(page.read_text().rstrip().endswith("</html>"), "the page is not whole")
            check(not [name for name in os.listdir(folder) if name.startswith(".page")], "half a file is left behind")

        def shows_it_in_files():
            way.show_in_files()
            screen.until(files.was_asked, "the file manager")
            check(files.shown == [page.as_uri()], files.shown)

        def opens_the_page():
            way.open_exported()
            screen.until(log.exists, "the viewer")
            check(log.read_text() in (page.as_uri(), str(page)), log.read_text())
            return check_page(page, recording.stats(*state["range"]))

        if mode == "walk":
            steps = [opens, finds_a_variable, goes_through_every_view]
        else:
            steps = [opens, finds_a_variable, way.read_tabs, sets_a_range, sees_the_map_change,
                     follows_a_finding, exports_a_page, shows_it_in_files, opens_the_page]
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
