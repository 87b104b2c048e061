#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# desktop.py MEMSCOPE DRAG-SOURCE DESKTOP-FILE SERVICE-FILE MIME-FILE GOLDEN HELP-PAGE
#
# Opens recordings in every way a desktop has: by the file's type, by D-Bus, from the
# command line beside a running program, by dragging with a real pointer. To be run
# under tests/headless. Speaks TAP.

import gzip
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

APP_ID = "org.memscope.MemScope"
PATIENCE = 40

program, drag_source, desktop_file, service_file, mime_file, golden, help_page = map(pathlib.Path, sys.argv[1:8])
for tool in ("xdotool", "gio", "gdbus", "update-mime-database", "update-desktop-database", "dbus-daemon"):
    if not shutil.which(tool):
        print(f"1..0 # SKIP no {tool}")
        sys.exit(0)


def run(*command, check=True, **options):
    return subprocess.run([str(c) for c in command], env=environment, check=check, timeout=PATIENCE,
                          capture_output=True, text=True, **options)


def until(question, what):
    end = time.monotonic() + PATIENCE
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}; windows: {windows()}")
        time.sleep(0.1)


# ---- the desktop ----------------------------------------------------------------------------

def set_up(top):
    """Data directories as an installation leaves them, and a bus that reads them."""
    share = top / "share"
    for folder in ("applications", "mime/packages", "dbus-1/services"):
        (share / folder).mkdir(parents=True)
    shutil.copy(mime_file, share / "mime/packages")
    entry = re.sub(r"(?m)^Exec=memscope\b", f"Exec={program.absolute()}", desktop_file.read_text())
    (share / "applications" / desktop_file.name).write_text(entry)
    service = re.sub(r"(?m)^Exec=\S*/memscope\b", f"Exec={program.absolute()}", service_file.read_text())
    assert str(program.absolute()) in service and str(program.absolute()) in entry
    (share / "dbus-1/services" / service_file.name).write_text(service)

    environment["XDG_DATA_DIRS"] = f"{share}:/usr/local/share:/usr/share"
    environment["GTK_A11Y"] = "none"
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    run("update-mime-database", share / "mime")
    run("update-desktop-database", share / "applications")

    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],
                           env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    return bus


def bus_call(method, *arguments):
    return run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/",
               "--method", f"org.freedesktop.DBus.{method}", *arguments, check=False).stdout


def is_running():
    return "true" in bus_call("NameHasOwner", APP_ID)


def pid():
    found = re.search(r"uint32 (\d+)", bus_call("GetConnectionUnixProcessID", APP_ID))
    return int(found.group(1)) if found else None


def quit_program():
    if is_running():
        run("gapplication", "action", APP_ID, "quit")
        until(lambda: not is_running(), "the program's end")
    until(lambda: not windows(), "no more windows")


def window_ids():
    return run("xdotool", "search", "--onlyvisible", "--name", ".", check=False).stdout.split()


def windows():
    """The titles of MemScope's windows; those without a title are dialogs."""
    titles = []
    for window in window_ids():
        title = run("xdotool", "getwindowname", window, check=False).stdout.strip()
        if title and title not in ("Drag source", "memscope"):
            titles.append(title)
    return sorted(titles)


def window_named(title):
    for window in window_ids():
        if run("xdotool", "getwindowname", window, check=False).stdout.strip() == title:
            return window
    return None


def wait_for(*titles):
    until(lambda: windows() == sorted(titles), f"the windows {sorted(titles)}")


# ---- recordings -----------------------------------------------------------------------------

def unpack(name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress((golden / f"{name}.memscope.gz").read_bytes()))
    return path


# ---- dragging -------------------------------------------------------------------------------

def drag(target_title, *files, look=None):
    """Drags the files onto the window with a real pointer; look() is called while they hover."""
    source = subprocess.Popen([drag_source, *files], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        origin = until(lambda: window_named("Drag source"), "the window to drag from")
        target = until(lambda: window_named(target_title), target_title)
        run("xdotool", "windowmove", target, 0, 0)
        run("xdotool", "windowmove", origin, 1500, 900)
        run("xdotool", "windowraise", origin)
        time.sleep(0.5)
        # In small steps, as a hand does: a jump is no drag.
        run("xdotool", "mousemove", 1600, 975, "sleep", 0.2, "mousedown", 1, "sleep", 0.2)
        for _ in range(6):
            run("xdotool", "mousemove_relative", "--", -12, -12, "sleep", 0.05)
        for step in range(8):
            run("xdotool", "mousemove", 700 - step * 10, 400 - step * 5, "sleep", 0.05)
        if look:
            time.sleep(0.3)
            look()
        run("xdotool", "sleep", 0.3, "mouseup", 1)
        said = []
        for line in source.stdout:
            said.append(line.strip())
            if said[-1] == "ended":
                break
        assert said == ["prepared", "ended"], said
    finally:
        source.kill()
        source.wait()


def press(key, title):
    """Without a window manager nobody gives a window the focus."""
    run("xdotool", "windowfocus", window_named(title), "sleep", 0.3, "key", key)


# ---- tests ----------------------------------------------------------------------------------

def test_the_type_has_the_program(top):
    said = run("gio", "mime", "application/x-memscope").stdout
    assert f"{APP_ID}.desktop" in said, said


def test_gio_open_starts_the_program_by_the_bus(top):
    path = unpack("rich_full", top / "文件 夹/内存 记录.memscope")
    run("gio", "open", path)
    wait_for("内存 记录.memscope")
    assert pid(), "nobody owns the program's name"


def test_gio_open_by_content_alone(top):
    path = unpack("tiny_user", top / "no suffix")
    run("gio", "open", path)
    wait_for("no suffix")


def test_a_second_file_opens_in_the_same_process(top):
    first = unpack("rich_full", top / "first.memscope")
    second = unpack("tiny_user", top / "second.memscope")
    run("gio", "open", first)
    wait_for("first.memscope")
    before = pid()
    run("gio", "open", second)
    wait_for("first.memscope", "second.memscope")
    assert pid() == before


def test_a_second_instance_forwards_its_files_and_ends_well(top):
    paths = [unpack("tiny_user", top / f"n {i}.memscope") for i in range(3)]
    running = subprocess.Popen([program, paths[0]], env=environment)
    try:
        wait_for("n 0.memscope")
        assert pid() == running.pid
        assert run(program, paths[1], paths[2]).returncode == 0
        wait_for("n 0.memscope", "n 1.memscope", "n 2.memscope")
        assert pid() == running.pid
    finally:
        quit_program()
        assert running.wait(PATIENCE) == 0


def test_several_files_open_in_a_window_each(top):
    paths = [unpack("tiny_user", top / f"{i}.memscope") for i in "abc"]
    running = subprocess.Popen([program, *paths], env=environment)
    try:
        wait_for("a.memscope", "b.memscope", "c.memscope")
    finally:
        quit_program()
        assert running.wait(PATIENCE) == 0


def test_new_window_makes_one_beside_what_is_there(top):
    path = unpack("tiny_user", top / "one.memscope")
    running = subprocess.Popen([program], env=environment)
    try:
        wait_for("MemScope")
        # Without the option the window that is there is shown …
        assert run(program).returncode == 0
        # … with it there are two, and a file opens in the new one.
        assert run(program, "--new-window").returncode == 0
        wait_for("MemScope", "MemScope")
        assert run(program, "--new-window", path).returncode == 0
        wait_for("MemScope", "MemScope", "one.memscope")
        # The menu of the launcher does the same by the bus.
        run("gapplication", "action", APP_ID, "new-window")
        wait_for("MemScope", "MemScope", "MemScope", "one.memscope")
    finally:
        quit_program()
        assert running.wait(PATIENCE) == 0


def test_the_launcher_starts_it_by_the_bus(top):
    run("gapplication", "launch", APP_ID)
    wait_for("MemScope")


def test_a_file_dragged_onto_the_start_page_opens_there(top):
    path = unpack("rich_full", top / "拖 放.memscope")
    run("gapplication", "launch", APP_ID)
    wait_for("MemScope")
    drag("MemScope", path)
    wait_for("拖 放.memscope")


def test_a_file_dragged_onto_a_session_opens_beside_it(top):
    first = unpack("rich_full", top / "first.memscope")
    second = unpack("tiny_user", top / "second.memscope")
    run("gio", "open", first)
    wait_for("first.memscope")
    drag("first.memscope", second)
    wait_for("first.memscope", "second.memscope")


def test_several_files_dragged_are_asked_about(top):
    paths = [unpack("tiny_user", top / f"{i}.memscope") for i in "xyz"]
    run("gapplication", "launch", APP_ID)
    wait_for("MemScope")
    drag("MemScope", *paths)
    until(lambda: "Open 3 Recordings?" in windows(), "the question")
    press("Return", "Open 3 Recordings?")
    wait_for("x.memscope", "y.memscope", "z.memscope")


def test_other_files_dragged_open_nothing(top):
    picture = top / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    path = unpack("tiny_user", top / "good.memscope")
    run("gapplication", "launch", APP_ID)
    wait_for("MemScope")
    drag("MemScope", picture, top)
    wait_for("MemScope")
    # With one among them, that one opens.
    drag("MemScope", picture, path)
    wait_for("good.memscope")


def test_what_was_opened_is_remembered(top):
    path = unpack("tiny_user", top / "记 录.memscope")
    run("gio", "open", path)
    wait_for("记 录.memscope")
    quoted = path.as_uri()
    own = pathlib.Path(environment["XDG_STATE_HOME"]) / "memscope/recent.ini"
    desktop = pathlib.Path(environment["XDG_DATA_HOME"]) / "recently-used.xbel"
    until(lambda: own.exists() and f"[{quoted}]" in own.read_text(), "the start page's list")
    until(lambda: desktop.exists() and quoted in desktop.read_text(), "the desktop's list")
    assert "application/x-memscope" in desktop.read_text()


def test_f1_opens_the_guide_where_web_pages_open(top):
    # Only an installed program has its guide in place; `meson install` comes before in tests/run.
    if not help_page.is_file():
        return "not installed"
    log = top / "opened"
    viewer = top / "viewer"
    viewer.write_text(f"#!/bin/sh\nprintf '%s' \"$1\" >'{log}.part' && mv '{log}.part' '{log}'\n")
    viewer.chmod(0o755)
    applications = pathlib.Path(environment["XDG_DATA_HOME"]) / "applications"
    applications.mkdir(exist_ok=True)
    (applications / "viewer.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Viewer\nExec={viewer} %u\nMimeType=text/html;\n")
    run("update-desktop-database", applications)
    run("gio", "mime", "text/html", "viewer.desktop")
    run("gapplication", "launch", APP_ID)
    wait_for("MemScope")
    press("F1", "MemScope")
    until(log.exists, "the guide")
    assert log.read_text() in (help_page.as_uri(), str(help_page)), log.read_text()


# ---- running them ---------------------------------------------------------------------------

def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        bus = set_up(top)
        failed = 0
        for number, (title, test) in enumerate(tests, 1):
            folder = top / str(number)
            folder.mkdir()
            result = "ok"
            skipped = None
            try:
                skipped = test(folder)
            except Exception:  # a test's failure is its own, whatever it is
                print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
                result = "not ok"
                failed += 1
            try:
                quit_program()
            except AssertionError:
                if pid():
                    os.kill(pid(), signal.SIGKILL)
            title = title[5:].replace("_", "-")
            print(f"{result} {number} - {title}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        bus.terminate()
        bus.wait()
    sys.exit(1 if failed else 0)


environment = dict(os.environ)
main()
