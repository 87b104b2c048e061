#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording by samples: with a collector and without, from one to the other, and what is
left when a program is killed.

The environment names the parts: MEMSCOPE_CLI, MEMSCOPE_RECORDER, MEMSCOPE_COLLECTOR, and
SAMPLING_TARGET. Estimates are held against the truth with five standard deviations: a test
that fails by chance would do so once in a million runs.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

CLI = os.environ["MEMSCOPE_CLI"]
TARGET = os.environ["SAMPLING_TARGET"]
DEVIATIONS = 5 / 1.959964


def run (*arguments, **options):
    options.setdefault ("stdin", subprocess.DEVNULL)
    return subprocess.run (arguments, capture_output=True, timeout=240, check=False, **options)


def figures (text):
    found = re.findall (r"births (\d+) bytes (\d+) live (\d+)", text)
    return [tuple (int (number) for number in line) for line in found]


class TestCase (unittest.TestCase):
    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.folder = pathlib.Path (self.scratch.name)
        self.file = str (self.folder / "run.memscope")
        self.segments = self.folder / "segments"

    def info (self, path):
        process = run (CLI, "info", "--json", str (path))
        self.assertEqual (process.returncode, 0, process.stderr)
        return json.loads (process.stdout)

    def assertEstimates (self, info, births, size):
        """births and bytes, within what chance allows; what libc itself asks for is little."""
        estimates = info["estimates"]
        for name, truth in (("total_allocations", births), ("total_bytes", size)):
            estimate = estimates[name]
            self.assertLess (abs (estimate["value"] - truth), estimate["error"] * DEVIATIONS + truth / 100, (name, truth, estimate))

    def by_itself (self, *program, options=(), **keywords):
        return run (CLI, "record", "--output-dir", str (self.segments), *options, "--", *program, **keywords)


class WithCollector (TestCase):
    def test_sums_are_right (self):
        process = run (CLI, "record", "--no-symbols", "--sample=16K", "-o", self.file, "--", TARGET, "mix")
        self.assertEqual (process.returncode, 0, process.stderr)
        births, size, _ = figures (process.stdout.decode ())[0]
        info = self.info (self.file)
        self.assertTrue (info["format"]["complete"], info["warnings"])
        self.assertEqual (info["sampling_interval"], 16384)
        self.assertEqual (info["facts"]["mode"], "sampling")
        self.assertEstimates (info, births, size)

    def test_a_sample_is_what_it_says (self):
        for wrong in ("--sample=", "--sample=many", "--sample=0"):
            self.assertEqual (run (CLI, "record", wrong, "-o", self.file, "true").returncode, 2, wrong)
        self.assertEqual (run (CLI, "record", "--no-symbols", "--sample", "-o", self.file, "true").returncode, 0)
        self.assertEqual (self.info (self.file)["sampling_interval"], 512 * 1024)

    def test_children_are_sampled_too (self):
        process = run (CLI, "record", "--no-symbols", "--sample=16K", "-o", self.file, "--", TARGET, "fork")
        self.assertEqual (process.returncode, 0, process.stderr)
        child, parent = figures (process.stdout.decode ())
        files = sorted (self.folder.glob ("run.*.memscope"))
        self.assertEqual (len (files), 1)
        self.assertEstimates (self.info (self.file), *parent[:2])
        self.assertEstimates (self.info (files[0]), *child[:2])

    def test_goes_over_and_back (self):
        process = subprocess.Popen ([CLI, "record", "--no-symbols", "-o", self.file, "--", TARGET, "switch"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

        def steps (n):
            for _ in range (n):
                self.assertIn (b"step", process.stdout.readline ())

        def mode (text):
            done = run (CLI, "live", pid, "--mode", text)
            self.assertEqual (done.returncode, 0, done.stderr)

        steps (20)
        listed = json.loads (run (CLI, "list", "--json").stdout)
        pid = str (next (entry["pid"] for entry in listed if entry["file"] == self.file))
        mode ("sampling:8K")
        steps (150)
        mode ("realtime")
        steps (50)
        mode ("sampling:4K")
        steps (100)
        process.stdin.close ()
        rest = process.stdout.read ().decode ()
        self.assertEqual (process.wait (), 0)
        process.stdout.close ()
        births, size, _ = figures (rest)[0]
        info = self.info (self.file)
        self.assertTrue (info["format"]["complete"], info["warnings"])
        self.assertEqual (info["sampling_interval"], 4096)
        self.assertEstimates (info, births, size)
        # all was freed: of what was alive when it went over, every death was seen
        self.assertLess (info["active_allocations"], births / 1000)

    def test_no_such_mode (self):
        self.assertEqual (run (CLI, "live", "1", "--mode", "half").returncode, 2)
        self.assertEqual (run (CLI, "live", "1", "--mode", "sampling:0").returncode, 2)
        self.assertEqual (run (CLI, "live", "1", "--mode", "sampling").returncode, 4)


class ByItself (TestCase):
    def test_sums_are_right (self):
        plain = run (TARGET, "mix")
        process = self.by_itself (TARGET, "mix", options=["--sample=16K"])
        self.assertEqual ((process.returncode, process.stdout, process.stderr), (plain.returncode, plain.stdout, plain.stderr))
        births, size, _ = figures (process.stdout.decode ())[0]
        info = self.info (self.segments)
        self.assertTrue (info["format"]["complete"], info["warnings"])
        self.assertEqual (info["facts"]["command"][1:], ["mix"])
        self.assertEstimates (info, births, size)
        report = run (CLI, "report", str (self.segments))
        self.assertEqual (report.returncode, 0, report.stderr)

    def test_functions_are_looked_up_in_a_folder (self):
        self.by_itself (TARGET, "fork", options=["--sample=16K"])
        self.assertEqual (run (CLI, "symbolize", str (self.segments)).returncode, 0)
        stems = {file.name.rsplit (".", 2)[0] for file in self.segments.iterdir ()}
        for stem in stems:
            report = json.loads (run (CLI, "report", "--json", str (self.segments / stem)).stdout)
            names = " ".join (site["name"] or "" for site in report["call_sites"])
            self.assertIn ("step", names)
            self.assertIn ("estimates", report["call_sites"][0])
            self.assertGreater (report["call_sites"][0]["estimates"]["allocated_bytes"]["error"], 0)

    def test_is_the_program (self):
        """Nobody is left at its side: the process is the program, with its number and status."""
        process = subprocess.Popen ([CLI, "record", "--output-dir", str (self.segments), "--", "sh", "-c", "echo $$; exit 5"],
                                    stdout=subprocess.PIPE)
        text = process.communicate ()[0]
        self.assertEqual (int (text), process.pid)
        self.assertEqual (process.returncode, 5)

    def test_small_segments_are_one (self):
        process = self.by_itself (TARGET, "descriptors", options=["--sample=256", "--rotate-size=64K"], cwd=self.folder)
        self.assertEqual (process.returncode, 0, process.stderr)
        births, size, _ = figures (process.stdout.decode ())[0]
        files = sorted (self.segments.iterdir ())
        self.assertGreater (len (files), 2)
        info = self.info (self.segments)
        self.assertTrue (info["format"]["complete"], info["warnings"])
        self.assertEstimates (info, births, size)
        # and without one in the middle: what is alive at the end is the same
        files[1].unlink ()
        less = self.info (self.segments)
        self.assertIn ("Segment 2 is missing", " ".join (less["warnings"]))
        self.assertFalse (less["format"]["complete"])
        self.assertEqual (less["active_bytes"], info["active_bytes"])
        self.assertLess (less["total_allocations"], info["total_allocations"])

    def test_children_write_their_own (self):
        process = self.by_itself (TARGET, "fork", options=["--sample=16K"])
        self.assertEqual (process.returncode, 0, process.stderr)
        child, parent = figures (process.stdout.decode ())
        stems = sorted ({file.name.rsplit (".", 2)[0] for file in self.segments.iterdir ()})
        self.assertEqual (len (stems), 2)
        info = self.info (self.segments)
        self.assertEstimates (info, *parent[:2])
        self.assertIn ("another process", " ".join (info["warnings"]))
        other = next (stem for stem in stems if stem in " ".join (info["warnings"]))
        self.assertEstimates (self.info (self.segments / other), *child[:2])

    def test_a_handler_that_allocates (self):
        process = self.by_itself (TARGET, "handler", options=["--sample=64"])
        self.assertEqual (process.returncode, 0, process.stderr)
        births, size, _ = figures (process.stdout.decode ())[0]
        self.assertEstimates (self.info (self.segments), births, size)

    def test_killed_at_any_moment (self):
        """A segment being begun, or ended, or nothing: what is there opens."""
        for steps in (1, 40, 90, 170):
            folder = self.folder / str (steps)
            process = subprocess.Popen ([CLI, "record", "--output-dir", str (folder), "--sample=64", "--rotate-size=64K", "--",
                                         TARGET, "segments"], stdout=subprocess.PIPE)
            for _ in range (steps):
                self.assertIn (b"step", process.stdout.readline ())
            os.kill (process.pid, signal.SIGKILL)
            process.stdout.close ()
            self.assertEqual (process.wait (), -signal.SIGKILL)
            if folder.exists () and list (folder.iterdir ()):
                opened = run (CLI, "info", "--json", str (folder))
                self.assertIn (opened.returncode, (0, 3), opened.stderr)
                if opened.returncode == 0:
                    self.assertFalse (json.loads (opened.stdout)["format"]["complete"])
                else:
                    # nothing but an empty file
                    self.assertLess (max (file.stat ().st_size for file in folder.iterdir ()), 64)

    def test_a_killed_program_leaves_what_was_written (self):
        process = subprocess.Popen ([CLI, "record", "--output-dir", str (self.segments), "--sample=64", "--rotate-size=64K", "--",
                                     TARGET, "segments"], stdout=subprocess.PIPE)
        while not self.segments.exists () or len (list (self.segments.iterdir ())) < 4:
            self.assertIn (b"step", process.stdout.readline ())
        os.kill (process.pid, signal.SIGKILL)
        process.stdout.close ()
        process.wait ()
        info = self.info (self.segments)
        self.assertGreater (info["total_allocations"], 0)
        self.assertFalse (info["format"]["complete"])

    def test_only_so_many_are_kept (self):
        process = subprocess.Popen ([CLI, "record", "--output-dir", str (self.segments), "--sample=64", "--rotate-size=64K", "--keep=2",
                                     "--", TARGET, "segments"], stdout=subprocess.PIPE)
        while not any (int (file.name.rsplit (".", 2)[1]) >= 5 for file in self.segments.glob ("*")):
            self.assertIn (b"step", process.stdout.readline ())
            self.assertLessEqual (len (list (self.segments.glob ("*"))), 3)
        process.terminate ()
        process.stdout.close ()
        process.wait ()

    def test_what_cannot_be_is_said (self):
        (self.folder / "file").write_text ("")
        process = run (CLI, "record", "--output-dir", str (self.folder / "file" / "below"), "--", "true")
        self.assertEqual (process.returncode, 3)
        self.assertIn ("below", process.stderr.decode ())
        for options in (["-o", self.file], ["--max-size=1M"], ["--keep=-1"], ["--rotate-age=soon"]):
            self.assertEqual (self.by_itself ("true", options=options).returncode, 2, options)
        self.assertEqual (run (CLI, "record", "--keep=3", "-o", self.file, "true").returncode, 2)
        self.assertEqual (self.by_itself ("no-such-program").returncode, 4)

    def test_an_empty_folder_is_no_recording (self):
        self.segments.mkdir ()
        process = run (CLI, "info", str (self.segments))
        self.assertEqual (process.returncode, 3)
        self.assertIn ("no recording", process.stderr.decode ())


if __name__ == "__main__":
    unittest.main ()
