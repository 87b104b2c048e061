#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""memscope-cli record: the program notices nothing, and the recording says what it did.

The environment names the parts: MEMSCOPE_CLI, MEMSCOPE_RECORDER, MEMSCOPE_COLLECTOR.
"""

import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

CLI = os.environ["MEMSCOPE_CLI"]


def run (*arguments, **options):
    options.setdefault ("stdin", subprocess.DEVNULL)
    return subprocess.run (arguments, capture_output=True, timeout=120, check=False, **options)


class TestCase (unittest.TestCase):
    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.folder = pathlib.Path (self.scratch.name)
        self.file = str (self.folder / "run.memscope")

    def record (self, *program, options=(), **keywords):
        return run (CLI, "record", "--no-symbols", "-o", self.file, *options, "--", *program, **keywords)

    def info (self, path=None):
        process = run (CLI, "info", "--json", path or self.file)
        self.assertEqual (process.returncode, 0, process.stderr)
        return json.loads (process.stdout)

    def assertRecorded (self):
        info = self.info ()
        self.assertTrue (info["format"]["complete"], info["warnings"])
        self.assertGreater (info["total_allocations"], 0)
        return info


class Transparency (TestCase):
    def test_status_is_the_programs (self):
        for status in (0, 1, 2, 3, 4, 77, 255):
            self.assertEqual (self.record ("sh", "-c", f"exit {status}").returncode, status)

    def test_a_signal_is_128_more (self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
            process = self.record ("sh", "-c", f"kill -{int (number)} $$")
            self.assertEqual (process.returncode, 128 + number)
            self.assertIn (f"signal {int (number)}", process.stderr.decode ())

    def test_output_and_errors_are_the_programs (self):
        script = "echo out; echo err >&2; cat; printf '%s|' \"$@\""
        arguments = ["sh", "-c", script, "name", "--json", "", "two words", "*", b"\xff\xfe", "--", "-o"]
        plain = run (*arguments, input=b"in\0put", stdin=None)
        recorded = self.record (*arguments, input=b"in\0put", stdin=None)
        self.assertEqual (recorded.stdout, plain.stdout)
        self.assertTrue (recorded.stderr.startswith (plain.stderr), recorded.stderr)

    def test_two_lines_follow_on_the_error_stream (self):
        lines = self.record ("true").stderr.decode ().splitlines ()
        self.assertEqual (len (lines), 2, lines)
        for line in lines:
            self.assertTrue (line.startswith ("memscope-cli: "), line)
        self.assertIn ("true", lines[0])
        self.assertIn (self.file, lines[1])

    def test_options_end_at_the_program (self):
        process = run (CLI, "record", "-o", self.file, "--no-symbols", "echo", "--help", "-o", "x")
        self.assertEqual (process.stdout, b"--help -o x\n")

    def test_closed_streams_stay_closed (self):
        script = "for fd in 0 1 2; do [ -e /proc/self/fd/$fd ] && echo $fd; done >open-ones; exit 0"
        plain, recorded = self.folder / "plain", self.folder / "recorded"
        for place in (plain, recorded):
            place.mkdir ()
        run ("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", "sh", "-c", script, cwd=plain)
        run ("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", CLI, "record", "--no-symbols", "-o", self.file, "--",
             "sh", "-c", script, cwd=recorded)
        self.assertEqual ((recorded / "open-ones").read_text (), (plain / "open-ones").read_text ())

    def test_no_descriptor_is_left_open (self):
        listing = ["sh", "-c", "ls /proc/self/fd"]
        self.assertEqual (self.record (*listing).stdout, run (*listing).stdout)

    def test_signal_dispositions_are_the_programs (self):
        show = ["sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status"]
        self.assertEqual (self.record (*show).stdout, run (*show).stdout)

    def test_ctrl_c_is_the_programs (self):
        """The program catches it and ends in its own way; the recording is whole."""
        script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done"
        pid, terminal = pty.fork ()
        if pid == 0:
            os.execv (CLI, [CLI, "record", "--no-symbols", "-o", self.file, "--", "sh", "-c", script])
        text = b""
        while b"ready" not in text:
            text += os.read (terminal, 4096)
        time.sleep (0.2)
        os.write (terminal, b"\x03")
        while True:
            try:
                piece = os.read (terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            text += piece
        _, status = os.waitpid (pid, 0)
        os.close (terminal)
        self.assertEqual (os.waitstatus_to_exitcode (status), 9, text)
        self.assertIn (b"caught", text)
        self.assertRecorded ()


class Recording (TestCase):
    def test_says_what_ran (self):
        self.record ("perl", "-e", "my @a = map { $_ x 100 } 1 .. 1000")
        info = self.assertRecorded ()
        self.assertEqual (os.path.basename (info["program"]), os.path.basename (os.path.realpath (shutil.which ("perl"))))
        self.assertEqual (info["facts"]["command"][1], "-e")
        self.assertTrue (info["process_ended"])
        self.assertEqual (info["total_allocations"] - info["total_frees"], info["active_allocations"])
        self.assertEqual (info["leaked_allocations"], info["active_allocations"])

    def test_default_name_is_the_programs (self):
        process = run (CLI, "record", "--no-symbols", "true", cwd=self.folder)
        self.assertEqual (process.returncode, 0, process.stderr)
        self.assertTrue ((self.folder / "true.memscope").exists ())

    def test_symbols_are_in_the_file (self):
        process = run (CLI, "record", "-o", self.file, "perl", "-e", "1")
        self.assertEqual (process.returncode, 0, process.stderr)
        report = run (CLI, "report", self.file).stdout.decode ()
        self.assertIn ("perl_construct", report)

    def test_children_have_their_own_files (self):
        self.record ("sh", "-c", "perl -e 1; perl -e 2; true")
        files = sorted (self.folder.glob ("*.memscope"))
        self.assertGreaterEqual (len (files), 3, files)
        for path in files:
            self.assertTrue (self.info (str (path))["format"]["complete"], path)

    def test_summary_is_of_the_last_image (self):
        """A script that becomes the real program."""
        process = self.record ("sh", "-c", "exec perl -e 'my @a = map { $_ x 100 } 1 .. 1000'")
        line = process.stderr.decode ().splitlines ()[-1]
        path = line.split ("Wrote ")[1].split (" and ")[0]
        self.assertNotEqual (path, self.file)
        self.assertTrue (self.info (path)["program"].endswith ("perl"))

    def test_a_process_without_room_for_the_recorder_is_named (self):
        process = self.record ("sh", "-c", "ulimit -v 49152; exec perl -e 'print 6 * 7'")
        self.assertEqual (process.stdout, b"42")
        self.assertEqual (process.returncode, 0)
        self.assertIn ("no room", process.stderr.decode ())

    def test_export_and_report_follow (self):
        self.record ("perl", "-e", "my %h = map { $_ => [1 .. 10] } 1 .. 300")
        total = self.assertRecorded ()["total_allocations"]
        output = str (self.folder / "out.json")
        self.assertEqual (run (CLI, "export", "-o", output, self.file).returncode, 0)
        with open (output, encoding="utf-8") as text:
            rows = json.load (text)["allocations"]
        counted = [row for row in rows if row["origin"] == "heap" and not row["inherited"]]
        self.assertEqual (len (counted), total)
        for row in counted:
            if row["timestamp_dealloc"] is not None:
                self.assertGreaterEqual (row["timestamp_dealloc"], row["timestamp_alloc"])
        self.assertEqual (run (CLI, "report", self.file).returncode, 0)


class Refusal (TestCase):
    def assertRefused (self, process, *words):
        self.assertEqual (process.returncode, 4, process.stderr)
        self.assertEqual (process.stdout, b"")
        for word in words:
            self.assertIn (word, process.stderr.decode ())
        self.assertFalse (os.path.exists (self.file))

    def test_a_missing_program (self):
        self.assertRefused (self.record ("/nonexistent/program"), "/nonexistent/program")
        self.assertRefused (self.record ("no-such-program-anywhere"), "no-such-program-anywhere")

    def test_what_is_no_program (self):
        path = self.folder / "text"
        path.write_text ("just text")
        self.assertRefused (self.record (str (path)))
        path.chmod (0o755)
        self.assertRefused (self.record (str (self.folder)))

    def test_a_setuid_program (self):
        for program in ("/usr/bin/passwd", "/bin/su"):
            if os.path.exists (program):
                self.assertRefused (self.record (program))

    def test_an_unwritable_place (self):
        process = run (CLI, "record", "-o", "/nonexistent/run.memscope", "--", "echo", "ran")
        self.assertEqual (process.returncode, 3)
        self.assertEqual (process.stdout, b"", "the program must not run when nothing can be recorded")
        self.assertIn (b"/nonexistent", process.stderr)


class Watching (TestCase):
    """What others see of a recording while it is made."""

    def setUp (self):
        super ().setUp ()
        self.environment = os.environ | {"XDG_RUNTIME_DIR": self.scratch.name, "LC_ALL": "C.UTF-8"}
        self.recording = subprocess.Popen ([CLI, "record", "--no-symbols", "-o", self.file, "--", "sh", "-c", "exec sleep 3"],
                                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        self.addCleanup (self.recording.wait)

    def list (self):
        process = run (CLI, "list", "--json", env=self.environment)
        self.assertEqual (process.returncode, 0, process.stderr)
        return json.loads (process.stdout)

    def wait_for_sleep (self):
        for _ in range (200):
            for entry in self.list ():
                if entry["program"].endswith ("sleep"):
                    return entry
            time.sleep (0.02)
        self.fail ("the program never appeared in the list")

    def test_the_list_names_it_while_it_runs (self):
        entry = self.wait_for_sleep ()
        self.assertEqual (entry["command"], ["sleep", "3"])
        self.assertEqual (entry["state"], "recording")
        self.assertTrue (os.path.exists (entry["file"]))
        text = run (CLI, "list", env=self.environment).stdout.decode ()
        self.assertIn ("sleep 3", text)
        self.assertIn (str (entry["pid"]), text)
        self.assertEqual (self.recording.wait (), 0)
        self.assertEqual (self.list (), [])

    def test_the_last_line_of_live_is_what_the_file_says (self):
        entry = self.wait_for_sleep ()
        process = run (CLI, "live", "--json", "--interval", "0.3", str (entry["pid"]), env=self.environment)
        self.assertEqual (process.returncode, 0, process.stderr)
        lines = [json.loads (line) for line in process.stdout.splitlines ()]
        self.assertGreater (len (lines), 2)
        self.assertEqual ([line["ended"] for line in lines], [None] * (len (lines) - 1) + ["exit"])
        self.assertEqual (self.recording.wait (), 0)
        info = self.info (entry["file"])
        for key in ("total_allocations", "total_bytes", "active_allocations", "active_bytes", "peak_bytes"):
            self.assertEqual (lines[-1][key], info[key], key)

    def test_who_is_not_recorded_is_trouble_with_the_target (self):
        process = run (CLI, "live", "1", env=self.environment)
        self.assertEqual (process.returncode, 4)
        self.assertIn (b"1", process.stderr)


if __name__ == "__main__":
    if not os.path.exists (os.environ.get ("MEMSCOPE_RECORDER", "")):
        print ("the recorder is not built")
        sys.exit (77)
    unittest.main ()
