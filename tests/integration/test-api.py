#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""memscope.h, from the program's call to what is exported: names, types, holders, scopes,
boundaries, pools, marks. The programs print what they did.

The environment names the parts (MEMSCOPE_CLI, MEMSCOPE_RECORDER, MEMSCOPE_COLLECTOR) and
the programs (EXAMPLE_*).
"""

import collections
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

CLI = os.environ["MEMSCOPE_CLI"]


def run (*arguments, **options):
    options.setdefault ("stdin", subprocess.DEVNULL)
    return subprocess.run (arguments, capture_output=True, text=True, timeout=120, check=False, **options)


def program (name):
    path = os.environ.get ("EXAMPLE_" + name.upper ().replace ("-", "_"))
    if path is None:
        raise unittest.SkipTest (f"no compiler for {name}")
    return path


def counts (text):
    return {key: int (value) for key, value in (line.split () for line in text.splitlines ())}


class Recorded:
    """One run of a program: what it printed, and what was recorded of it."""

    def __init__ (self, path, folder):
        self.file = str (pathlib.Path (folder) / "run.memscope")
        self.plain = run (path)
        self.run = run (CLI, "record", "-o", self.file, "--", path)
        exported = str (pathlib.Path (folder) / "run.json")
        process = run (CLI, "export", "--format", "json", "-o", exported, self.file)
        if process.returncode != 0:
            raise AssertionError (process.stderr)
        with open (exported, encoding="utf-8") as stream:
            document = json.load (stream)
        self.counts = counts (self.run.stdout)
        self.session, self.stats = document["session"], document["stats"]
        self.blocks, self.marks, self.reports = document["allocations"], document["marks"], document["annotations"]
        self.kinds = collections.Counter (report["kind"] for report in self.reports)

    def named (self, name):
        return [block for block in self.blocks if block["var_name"] == name and block["var_source"] == "api"]

    def about (self, kind, name=None):
        return [report for report in self.reports if report["kind"] == kind and name in (None, report["name"])]


class TestCase (unittest.TestCase):
    NAME = None

    @classmethod
    def setUpClass (cls):
        path = program (cls.NAME)
        cls.scratch = tempfile.TemporaryDirectory ()
        cls.addClassCleanup (cls.scratch.cleanup)
        cls.it = Recorded (path, cls.scratch.name)

    def assertWhole (self):
        self.assertEqual (self.it.run.returncode, 0, self.it.run.stderr)
        self.assertEqual (self.it.run.stdout, self.it.plain.stdout)
        self.assertTrue (self.it.session["format"]["complete"], self.it.session["warnings"])
        self.assertEqual (self.it.session["warnings"], [])
        self.assertEqual (self.it.session["gaps"]["count"], 0)


class FromC (TestCase):
    NAME = "orders"

    def test_it_runs_as_alone (self):
        self.assertWhole ()

    def test_blocks_of_the_allocator_are_named (self):
        orders = self.it.named ("order")
        self.assertEqual (len (orders), self.it.counts["orders"])
        for order in orders:
            self.assertEqual (order["type_name"], "struct order")
            self.assertEqual (order["size"], self.it.counts["order-bytes"])
            self.assertEqual (order["origin"], "heap")
        self.assertEqual (sum (order["death"] is None for order in orders), self.it.counts["alive"])

    def test_a_resized_block_keeps_its_name (self):
        first, second = self.it.named ("prices")
        self.assertEqual ((first["type_name"], second["type_name"]), ("double *", "double *"))
        self.assertEqual (second["previous_row"], first["row"])
        self.assertEqual ((first["size"], second["size"]), (8000, 24000))

    def test_what_is_not_the_allocators_is_a_block_of_its_own (self):
        (settings,), (counter,) = self.it.named ("settings"), self.it.named ("counter")
        self.assertEqual ((settings["origin"], settings["size"], settings["death"]), ("api", 64, None))
        self.assertEqual ((counter["origin"], counter["size"], counter["death"]), ("api", 4, "free"))
        self.assertEqual (counter["type_name"], "int")

    def test_naming_adds_no_byte_and_no_block (self):
        counted = [block for block in self.it.blocks
                   if block["origin"] == "heap" or (block["origin"] == "api" and block["parent_row"] is None)]
        self.assertEqual (self.it.stats["total_allocations"], len (counted))
        self.assertEqual (self.it.stats["total_bytes"], sum (block["size"] for block in counted))

    def test_pools_have_their_blocks (self):
        pooled = [block for block in self.it.blocks if block["origin"] == "pool"]
        self.assertEqual (len (pooled), self.it.counts["pooled"])
        for block in pooled:
            pool = self.it.blocks[block["parent_row"]]
            self.assertEqual ((pool["var_name"], pool["origin"]), ("parse nodes", "heap"))
            self.assertTrue (pool["ptr"] <= block["ptr"] < pool["ptr"] + pool["size"])
        deaths = collections.Counter (block["death"] for block in pooled)
        self.assertEqual (deaths, {"free": 20, "with parent": self.it.counts["pooled"] - 20})

    def test_the_pool_ends_when_it_is_destroyed_and_its_memory_when_it_is_freed (self):
        for report in self.it.about ("pool destroy"):
            pool = self.it.blocks[report["row"]]
            ends = {block["timestamp_dealloc"] for block in self.it.blocks
                    if block["parent_row"] == pool["row"] and block["death"] == "with parent"}
            self.assertEqual (ends, {report["timestamp"]})
            self.assertEqual (pool["death"], "free")

    def test_borrows_and_clones (self):
        borrows = self.it.counts["borrows"]
        self.assertEqual (self.it.kinds["borrow"], borrows)
        self.assertEqual (self.it.kinds["clone"], 2)
        self.assertEqual (self.it.kinds["return"], borrows + 1)
        self.assertEqual ({report["name"] for report in self.it.about ("borrow")}, {"look_at"})
        held = collections.Counter (order["borrow_count"] for order in self.it.named ("order"))
        self.assertEqual (held[1], 1)
        self.assertEqual (held[0], borrows)

    def test_scopes_hold_what_was_born_in_them (self):
        self.assertEqual (self.it.kinds["scope begin"], self.it.counts["scopes"])
        self.assertEqual (self.it.kinds["scope end"], self.it.counts["scopes"])
        self.assertEqual ({order["scope_name"] for order in self.it.named ("order")}, {"take orders"})
        self.assertEqual ({pool["scope_name"] for pool in self.it.named ("parse nodes")}, {"pools"})

    def test_memory_is_handed_over_and_taken_back (self):
        (out,), (back,) = self.it.about ("hand over", "Rust"), self.it.about ("take back", "Rust")
        self.assertEqual (self.it.blocks[out["row"]]["var_name"], "prices")
        self.assertEqual (out["row"], back["row"])

    def test_marks_and_the_threads_name (self):
        self.assertEqual ([mark["text"] for mark in self.it.marks], ["begin", "end"])
        for block in self.it.named ("order"):
            self.assertTrue (block["thread_id"].startswith ("the thread that takes orders ("), block["thread_id"])

    def test_calls_have_stacks_of_the_program (self):
        for report in self.it.reports:
            functions = " ".join (report["stack_trace"])
            self.assertIn ("main (", functions)
            self.assertNotIn ("libmemscope", functions)
            self.assertNotIn ("_if_recorded", functions)


class FromCWithTheHeaderAlone (FromC):
    NAME = "orders-plain"

    def test_nothing_is_linked (self):
        listing = run ("readelf", "-d", program (self.NAME)).stdout
        self.assertNotIn ("memscope", listing)


class FromCNotPositionIndependent (FromC):
    NAME = "orders-no-pie"


class FromCxx (TestCase):
    NAME = "shapes"

    def test_it_runs_as_alone (self):
        self.assertWhole ()

    def test_templates_know_types_and_what_is_owned (self):
        expected = {
            "points": ("shapes::Point", 50 * 16),
            "weights": ("vector<double", 4000),
            "text": ("basic_string<char", 301),
            "grid": ("shapes::Grid<int>", 24),
        }
        for name, (type_name, size) in expected.items ():
            (block,) = self.it.named (name)
            self.assertIn (type_name, block["type_name"])
            self.assertEqual ((block["origin"], block["size"]), ("heap", size))
        (block,) = self.it.named ("shared")
        self.assertIn ("shared_ptr<shapes::Point>", block["type_name"])
        self.assertEqual ((block["origin"], block["borrow_count"]), ("heap", 1))

    def test_what_ends_by_itself_ends (self):
        (tracked,) = self.it.named ("on_the_stack")
        self.assertEqual ((tracked["origin"], tracked["size"], tracked["death"]), ("api", 32, "free"))
        self.assertIn ("int", tracked["type_name"])
        self.assertEqual (self.it.kinds["scope begin"], self.it.counts["scopes"])
        self.assertEqual (self.it.kinds["scope end"], self.it.counts["scopes"])
        self.assertEqual (len (self.it.about ("borrow", "sum_of")), self.it.counts["borrows"])
        self.assertEqual (self.it.kinds["return"], self.it.counts["borrows"])


class FromRust (TestCase):
    NAME = "boundary"

    def test_it_runs_as_alone (self):
        self.assertWhole ()

    def test_vectors_are_named_and_cross_the_boundary (self):
        (numbers,) = self.it.named ("numbers")
        self.assertEqual ((numbers["type_name"], numbers["size"]), ("u32", self.it.counts["bytes"]))
        (out,), (back,) = self.it.about ("hand over", "libc"), self.it.about ("take back", "libc")
        self.assertEqual ((out["row"], back["row"]), (numbers["row"], numbers["row"]))
        self.assertEqual (out["size"], self.it.counts["bytes"])

    def test_a_count_of_references_is_told (self):
        (shared,) = self.it.named ("shared")
        self.assertEqual (shared["borrow_count"], 0)
        self.assertEqual (shared["scope_name"], "main")
        self.assertEqual ([mark["text"] for mark in self.it.marks], ["sorted"])


class FromInside (unittest.TestCase):
    """A program that keeps its own recording, or asks for the one that is made of it."""

    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.folder = pathlib.Path (self.scratch.name)
        self.binary, self.html = str (self.folder / "own.memscope"), str (self.folder / "own.html")

    def info (self, path):
        process = run (CLI, "info", "--json", path)
        self.assertEqual (process.returncode, 0, process.stderr)
        return json.loads (process.stdout)

    def assertCounted (self, said):
        self.assertEqual ((said["tracker"], said["recording"], said["stats"], said["exact"]), (1, 1, 0, 1))
        # the C library allocates something for each thread
        self.assertGreaterEqual (said["births"], said["counted"])
        self.assertLessEqual (said["births"], said["counted"] + 16)
        self.assertGreaterEqual (said["active"], said["kept"])
        self.assertEqual ((said["peak-holds"], said["lost"], said["tracked"]), (1, 0, 1))
        self.assertEqual ((said["errno"], said["signals"], said["children"], said["forked"]), (77, 0, 0, 0))

    def assertExported (self, said):
        exported = str (self.folder / "own.json")
        self.assertEqual (run (CLI, "export", "--format", "json", "-o", exported, self.binary).returncode, 0)
        with open (exported, encoding="utf-8") as stream:
            document = json.load (stream)
        counted = [block for block in document["allocations"] if block["size"] == 321]
        self.assertEqual (len (counted), said["counted"])
        self.assertEqual (sum (block["death"] is None for block in counted), said["kept"])
        (vector,) = [block for block in document["allocations"] if block["var_name"] == "my_vector"]
        self.assertEqual ((vector["size"], vector["origin"], vector["death"]), (20, "heap", None))
        self.assertTrue (document["session"]["format"]["complete"])
        self.assertFalse (document["session"]["process_ended"])
        self.assertEqual (document["session"]["gaps"]["count"], 0)
        self.assertIsNone (document["stats"]["leaked_allocations"])
        return document

    def test_it_records_itself (self):
        process = run (program ("inside"), self.binary, self.html)
        self.assertEqual (process.returncode, 0, process.stderr)
        said = counts (process.stdout)
        self.assertCounted (said)
        self.assertEqual ((said["binary"], said["html"]), (0, 0))
        document = self.assertExported (said)
        facts = document["session"]["facts"]
        self.assertEqual (facts["command"], [program ("inside"), self.binary, self.html])
        self.assertEqual (facts["exe"], os.path.realpath (program ("inside")))
        self.assertTrue (pathlib.Path (self.html).read_text (encoding="utf-8").startswith ("<!DOCTYPE html>"))
        self.assertEqual (sorted (os.listdir (self.folder)), ["own.html", "own.json", "own.memscope"])

    def test_it_asks_the_collector (self):
        recording = str (self.folder / "run.memscope")
        process = run (CLI, "record", "--no-symbols", "-o", recording, "--", program ("inside"), self.binary, self.html)
        self.assertEqual (process.returncode, 0, process.stderr)
        said = counts (process.stdout)
        self.assertCounted (said)
        self.assertEqual ((said["binary"], said["html"]), (0, 0))
        self.assertExported (said)
        self.assertGreater (self.info (recording)["total_allocations"], self.info (self.binary)["total_allocations"] - 1)

    def test_the_header_alone_asks_it_too (self):
        recording = str (self.folder / "run.memscope")
        process = run (CLI, "record", "--no-symbols", "-o", recording, "--", program ("inside-plain"), self.binary)
        said = counts (process.stdout)
        self.assertCounted (said)
        self.assertExported (said)

    def test_nobody_records (self):
        process = run (program ("inside-plain"), self.binary, self.html)
        said = counts (process.stdout)
        self.assertEqual (process.returncode, 0)
        self.assertEqual ((said["tracker"], said["recording"], said["stats"], said["binary"], said["html"]), (0, 0, 1, 1, 1))
        self.assertEqual (os.listdir (self.folder), [])

    def test_errors_are_told (self):
        elsewhere = str (self.folder / "nowhere" / "own.memscope")
        environment = dict (os.environ, MEMSCOPE_CLI="/nonexistent/memscope-cli")
        said = counts (run (program ("inside"), elsewhere, self.html, env=environment).stdout)
        self.assertEqual ((said["binary"], said["html"]), (-5, -7))
        environment["MEMSCOPE_CLI"] = "/bin/false"
        said = counts (run (program ("inside"), self.binary, self.html, env=environment).stdout)
        self.assertEqual ((said["binary"], said["html"]), (0, -8))
        self.assertEqual (os.listdir (self.folder), ["own.memscope"])


class Sampling (unittest.TestCase):
    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.folder = pathlib.Path (self.scratch.name)

    def test_it_samples_itself_into_a_folder (self):
        environment = dict (os.environ, MEMSCOPE_SAMPLE="10000")
        process = run (program ("sampler"), "output", "5000", cwd=self.folder, env=environment)
        said = counts (process.stdout)
        self.assertEqual ((process.returncode, said["sampler"], said["recording"]), (0, 1, 1), process.stderr)
        exported = str (self.folder / "out.json")
        export = run (CLI, "export", "--format", "json", "-o", exported, str (self.folder / "output"))
        self.assertEqual (export.returncode, 0, export.stderr)
        with open (exported, encoding="utf-8") as stream:
            document = json.load (stream)
        self.assertEqual (document["session"]["sampling_interval"], 10000)
        self.assertEqual ([mark["text"] for mark in document["marks"]], ["done"])
        tracks = [report for report in document["annotations"] if report["kind"] == "track"]
        self.assertEqual (len (tracks), said["tracked"])
        self.assertEqual ({report["name"] for report in tracks}, {"request"})
        # 6.5 MB of requests, one sample in 10 kB on average: the chance to miss all is 10^-280
        self.assertGreater (sum (block["origin"] == "heap" for block in document["allocations"]), 0)

    def test_who_is_recorded_is_not_sampled_too (self):
        recording = str (self.folder / "run.memscope")
        process = run (CLI, "record", "--no-symbols", "-o", recording, "--", program ("sampler"), str (self.folder / "output"))
        self.assertEqual (counts (process.stdout)["sampler"], 1)
        self.assertFalse ((self.folder / "output").exists ())
        info = json.loads (run (CLI, "info", "--json", recording).stdout)
        self.assertGreaterEqual (info["total_allocations"], 2000)

    def test_a_folder_that_cant_be_made (self):
        process = run (program ("sampler"), "/dev/null/nowhere")
        said = counts (process.stdout)
        self.assertEqual ((process.returncode, said["recording"]), (0, 0))


class Listening (unittest.TestCase):
    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.environment = dict (os.environ, XDG_RUNTIME_DIR=self.scratch.name)

    def start (self, name, **environment):
        process = subprocess.Popen ([program (name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                    env=dict (self.environment, **environment))
        self.addCleanup (self.reap, process)
        self.assertEqual (process.stdout.readline (), "0\n")
        return process

    @staticmethod
    def reap (process):
        process.kill ()
        process.communicate ()

    def end (self, process):
        process.communicate (timeout=60)
        self.assertEqual (process.returncode, 0)

    def test_it_is_listed_while_it_runs (self):
        process = self.start ("listen")
        (found,) = json.loads (run (CLI, "list", "--json", env=self.environment).stdout)
        self.assertEqual ((found["pid"], found["collector"], found["state"]), (process.pid, process.pid, "recording"))
        self.assertEqual (found["program"], os.path.realpath (program ("listen")))
        self.end (process)
        self.assertEqual (run (CLI, "list", "--json", env=self.environment).stdout.strip (), "[]")
        self.assertEqual (os.listdir (os.path.join (self.scratch.name, "memscope")), [])

    def test_it_is_watched_to_its_end (self):
        process = self.start ("listen")
        viewer = subprocess.Popen ([CLI, "live", "--json", str (process.pid)], stdout=subprocess.PIPE,
                                   text=True, env=self.environment)
        self.addCleanup (self.reap, viewer)
        first = json.loads (viewer.stdout.readline ())
        self.end (process)
        output, _ = viewer.communicate (timeout=60)
        last = json.loads ((output or json.dumps (first)).splitlines ()[-1])
        self.assertEqual (viewer.returncode, 0)
        self.assertGreaterEqual (last["total_allocations"], 1)

    def test_the_environment_can_ask_for_it (self):
        process = self.start ("listen", MEMSCOPE_LISTEN="1")
        self.assertEqual (len (json.loads (run (CLI, "list", "--json", env=self.environment).stdout)), 1)
        self.end (process)


if __name__ == "__main__":
    unittest.main (verbosity=2)
