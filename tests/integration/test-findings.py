#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs with one defect each, recorded and diagnosed: memscope-cli report names it.

The environment names the parts: MEMSCOPE_CLI, MEMSCOPE_RECORDER, MEMSCOPE_COLLECTOR, DEFECTS.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CLI = os.environ["MEMSCOPE_CLI"]
DEFECTS = os.environ["DEFECTS"]
SEVERITIES = ["critical", "warning", "note", "hint"]


def run (*arguments, status=0):
    process = subprocess.run (arguments, capture_output=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
    assert process.returncode == status, (arguments, process.returncode, process.stderr)
    return process


class TestCase (unittest.TestCase):
    @classmethod
    def setUpClass (cls):
        cls.scratch = tempfile.TemporaryDirectory ()
        cls.folder = pathlib.Path (cls.scratch.name)
        cls.reports = {}

    @classmethod
    def tearDownClass (cls):
        cls.scratch.cleanup ()

    def recording (self, defect):
        path = self.folder / f"{defect}.memscope"
        if not path.exists ():
            run (CLI, "record", "-o", str (path), "--", DEFECTS, defect)
        return str (path)

    def report (self, defect, *options):
        return json.loads (run (CLI, "report", "--json", "--top", "0", *options, self.recording (defect)).stdout)

    def finding (self, defect, rule, function):
        found = [f for f in self.report (defect)["findings"]
                 if f["rule"] == rule and any (function in frame for frame in f["stack_trace"] or [])]
        self.assertEqual (len (found), 1, [(f["rule"], f["var_name"]) for f in self.report (defect)["findings"]])
        return found[0]

    def evidence (self, finding):
        return {e["id"]: e["value"] for e in finding["evidence"]}


class Defects (TestCase):
    def test_a_leak (self):
        finding = self.finding ("leak", "leak.growing", "leak_request")
        self.assertEqual (self.evidence (finding)["never-freed-bytes"], 400000)
        self.assertEqual (self.evidence (finding)["never-freed-blocks"], 400)
        self.assertEqual (finding["severity"], "warning")
        self.assertEqual (finding["causes"][0]["share"], 1)
        self.assertEqual (finding["saving"], {"method": "freed-in-time", "unit": "bytes", "value": 400000})

    def test_what_is_kept_from_the_beginning (self):
        finding = self.finding ("kept", "leak.alive-at-exit", "keep_for_ever")
        self.assertEqual (self.evidence (finding)["never-freed-bytes"], 6000)
        self.assertEqual (finding["severity"], "note")

    def test_growth (self):
        finding = self.finding ("growth", "growth.call-site", "cache_entry")
        self.assertGreater (self.evidence (finding)["fit"], 0.9)
        self.assertAlmostEqual (self.evidence (finding)["gained"], 2000 * 4096, delta=2000 * 4096 * .2)

    def test_temporary_churn (self):
        finding = self.finding ("churn", "churn.temporary", "parse_line")
        self.assertEqual (self.evidence (finding)["temporary"], 20000)
        self.assertEqual (finding["saving"]["value"], 20000)

    def test_a_realloc_loop (self):
        finding = self.finding ("realloc", "churn.realloc", "push_element")
        evidence = self.evidence (finding)
        self.assertEqual (evidence["resizes"], 1999)
        self.assertEqual (evidence["chains"], 1)
        self.assertLessEqual (evidence["moves"], 1999)
        self.assertGreaterEqual (evidence["copied"], 4096)

    def test_frees_across_threads (self):
        finding = self.finding ("threads", "threads.cross-thread-frees", "make_message")
        self.assertEqual (self.evidence (finding)["foreign-frees"], 5000)
        self.assertEqual (self.evidence (finding)["pair-share"], 1)
        self.assertNotEqual (finding["thread_id"], finding["freeing_thread_id"])

    def test_nothing_in_a_clean_program (self):
        report = self.report ("clean")
        bad = [f for f in report["findings"] if f["muted_by"] is None and SEVERITIES.index (f["severity"]) < SEVERITIES.index ("note")]
        self.assertEqual (bad, [])
        self.assertEqual ([r["id"] for r in report["rules"] if not r["checked"]], [])


class Report (TestCase):
    def test_is_stable_and_sorted (self):
        first = run (CLI, "report", "--json", self.recording ("leak")).stdout
        self.assertEqual (first, run (CLI, "report", "--json", self.recording ("leak")).stdout)
        for finding in json.loads (first)["findings"]:
            self.assertEqual (list (finding), sorted (finding))

    def test_says_it_in_words (self):
        text = run (CLI, "report", self.recording ("leak")).stdout.decode ()
        self.assertIn ("Warning  leak_request", text)
        self.assertIn ("leak.growing", text)
        self.assertIn ("390.6 KiB", text)

    def test_mutes_by_the_line_it_gives (self):
        line = self.finding ("leak", "leak.growing", "leak_request")["suppression"]
        path = self.folder / "suppressions"
        path.write_text (f"# known\n{line}\n")
        report = self.report ("leak", "--suppressions", str (path))
        self.assertEqual ([f["muted_by"] for f in report["findings"] if f["rule"] == "leak.growing"], [line])
        text = run (CLI, "report", "--suppressions", str (path), self.recording ("leak")).stdout.decode ()
        self.assertIn ("1 muted finding", text)
        self.assertNotIn ("Warning", text)

    def test_names_the_line_that_is_wrong (self):
        path = self.folder / "wrong"
        path.write_text ("leak.*\nleak.* colour=red\n")
        process = run (CLI, "report", "--suppressions", str (path), self.recording ("leak"), status=3)
        self.assertIn (b"wrong", process.stderr)
        self.assertIn (b"2", process.stderr)
        run (CLI, "report", "--suppressions", "/nonexistent", self.recording ("leak"), status=3)


if __name__ == "__main__":
    unittest.main (argv=sys.argv[:1] + ["-v"] + sys.argv[1:])
