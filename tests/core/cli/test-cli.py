#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""memscope-cli as a shell sees it: words, exit statuses, streams."""

import base64
import gzip
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import sessions

CLI = sys.argv.pop (1)
HOSTILE = "</script><img src=x onerror=alert(1)>"
COMMANDS = ["export", "info", "list", "live", "record", "repair", "report", "symbolize"]


def run (*arguments, **options):
    environment = os.environ | {"LC_ALL": "C.UTF-8"} | options.pop ("env", {})
    options.setdefault ("stdin", subprocess.DEVNULL)
    return subprocess.run ([CLI, *arguments], capture_output="stdout" not in options, env=environment,
                           timeout=60, check=False, **options)


class TestCase (unittest.TestCase):
    def setUp (self):
        self.scratch = tempfile.TemporaryDirectory ()
        self.addCleanup (self.scratch.cleanup)
        self.folder = pathlib.Path (self.scratch.name)

    def make (self, *records, name="made.memscope"):
        path = self.folder / name
        path.write_bytes (sessions.session (list (records)))
        return str (path)

    def make_plain (self):
        return self.make (sessions.record (name="buffer", kind="Vec<u8>", died=1759300001000000000, stack=["main", "start"]),
                          sessions.record (ptr=0x2000, size=100, name="leak", leaked=True, thread="ThreadId(2)"))

    def assertStatus (self, process, status):
        self.assertEqual (process.returncode, status, process.stderr)


class Usage (TestCase):
    def assertComplains (self, process, status, *words):
        self.assertStatus (process, status)
        self.assertEqual (process.stdout, b"")
        self.assertTrue (process.stderr.startswith (b"memscope-cli: "), process.stderr)
        for word in words:
            self.assertIn (word, process.stderr.decode ())

    def test_no_command_is_a_usage_error (self):
        self.assertComplains (run (), 2, "--help")

    def test_unknown_command_is_a_usage_error (self):
        self.assertComplains (run ("frobnicate"), 2, "frobnicate")

    def test_unknown_option_is_a_usage_error (self):
        for command in COMMANDS:
            self.assertComplains (run (command, "--frobnicate"), 2, "--frobnicate", f"{command} --help")

    def test_missing_file_operand_is_a_usage_error (self):
        for command in [name for name in COMMANDS if name != "list"]:
            self.assertComplains (run (command), 2, f"{command} --help")

    def test_unknown_format_is_a_usage_error (self):
        path = self.make_plain ()
        self.assertComplains (run ("export", "--format", "xml", path), 2, "xml")
        self.assertComplains (run ("export", path), 2, "--format")

    def test_help_goes_to_standard_output (self):
        for arguments in [["--help"]] + [[command, "--help"] for command in COMMANDS]:
            process = run (*arguments)
            self.assertStatus (process, 0)
            self.assertIn (b"memscope-cli", process.stdout)
            self.assertEqual (process.stderr, b"")

    def test_every_command_is_in_the_help (self):
        listed = re.findall (r"^  ([a-z]+) ", run ("--help").stdout.decode (), re.M)
        self.assertEqual (listed, COMMANDS)

    def test_version (self):
        self.assertRegex (run ("--version").stdout.decode (), r"^MemScope \d+\.\d+")

    def test_an_unknown_command_cannot_act_on_the_terminal (self):
        process = run ("\x1b[2Jx")
        self.assertStatus (process, 2)
        self.assertNotIn (b"\x1b", process.stderr)


class Data (TestCase):
    def test_a_missing_file_is_named (self):
        for command in (["info"], ["report"], ["export", "--format", "json"], ["symbolize"]):
            process = run (*command, "/nonexistent/run.memscope")
            self.assertStatus (process, 3)
            self.assertIn (b"/nonexistent/run.memscope", process.stderr)

    def test_something_else_is_bad_data (self):
        for content in (b"", b"x", b"placeholder binary data", b"MEMSCOPE\xff\0\0\0" + bytes (100), os.urandom (5000)):
            path = self.folder / "other.memscope"
            path.write_bytes (content)
            process = run ("info", str (path))
            self.assertStatus (process, 3)
            self.assertIn (b"other.memscope", process.stderr)

    def test_a_folder_is_bad_data (self):
        self.assertStatus (run ("info", self.scratch.name), 3)

    def test_good_files_are_shown_beside_bad_ones (self):
        process = run ("info", "--json", "/nonexistent", self.make_plain ())
        self.assertStatus (process, 3)
        self.assertEqual (len (json.loads (process.stdout)), 1)

    def test_file_names_cannot_act_on_the_terminal (self):
        for name in ("a\x1b[31mb", "a\u202eb"):
            for command in (["info"], ["report"], ["export", "--format", "json"]):
                process = run (*command, name)
                self.assertStatus (process, 3)
                self.assertNotIn (name, process.stderr.decode ())


class Info (TestCase):
    def test_json_has_the_promised_keys (self):
        info = json.loads (run ("info", "--json", self.make_plain ()).stdout)
        self.assertEqual (info["format"], {"complete": True, "layout": "I", "name": "memscope-rs", "version": 3})
        self.assertEqual (info["total_allocations"], 2)
        self.assertEqual (info["total_frees"], 1)
        self.assertEqual (info["total_bytes"], 164)
        self.assertEqual (info["active_allocations"], 1)
        self.assertEqual (info["active_bytes"], 100)
        self.assertEqual (info["peak_bytes"], 164)
        self.assertEqual (info["leaked_allocations"], 1)
        self.assertEqual (info["duration_ns"], 1000000000)
        self.assertEqual (info["threads"], 2)
        self.assertEqual (info["warnings"], [])
        self.assertIsNone (info["program"])
        self.assertEqual (info["file_summary"]["per_thread"], {"ThreadId(1)": 1, "ThreadId(2)": 1})

    def test_json_is_stable_and_sorted (self):
        path = self.make_plain ()
        first = run ("info", "--json", path).stdout
        self.assertEqual (first, run ("info", "--json", path).stdout)
        self.assertTrue (first.endswith (b"}\n"))

        def check (pairs):
            keys = [key for key, _ in pairs]
            self.assertEqual (keys, sorted (keys))
            return dict (pairs)

        json.loads (first, object_pairs_hook=check)

    def test_json_numbers_are_exact (self):
        top = 2 ** 64 - 1
        path = self.make (sessions.record (ptr=top, size=top, born=top), sessions.record (ptr=1, size=top))
        summary = json.loads (run ("info", "--json", path).stdout)["file_summary"]
        self.assertEqual (summary["sum_size"], str (2 * top))
        self.assertEqual (summary["xor_ptr"], str (top - 1))

    def test_several_files_are_an_array (self):
        path = self.make_plain ()
        self.assertEqual ([info["file"] for info in json.loads (run ("info", "--json", path, path).stdout)], [path, path])

    def test_text_says_the_totals (self):
        text = run ("info", self.make_plain ()).stdout.decode ()
        self.assertIn ("164", text)
        self.assertNotIn ("\x1b", text)


class Report (TestCase):
    def test_hostile_names_are_text (self):
        names = [HOSTILE, "a\x1b[31mred", "r\u202etl", "x" * 65535, b"bad \xff\xfe byte", "line\nbreak", "nul\0nul", "\x9b31m"]
        path = self.make (*(sessions.record (ptr=0x1000 * (i + 1), size=1000 - i, name=name, thread=name, stack=[name])
                            for i, name in enumerate (names)))
        process = run ("report", path)
        self.assertStatus (process, 0)
        text = process.stdout.decode ()
        self.assertIn (HOSTILE, text)
        for bad in ("\x1b", "\u202e", "\0", "\x9b", "line\nbreak", "x" * 1000):
            self.assertNotIn (bad, text)
        self.assertIn ("\\xFF", text)

    def test_lists_are_as_long_as_asked (self):
        path = self.make (*(sessions.record (ptr=i * 4096, name=f"variable_{i:02}") for i in range (1, 31)))
        for top, shown in (("5", 5), ("0", 30)):
            text = run ("report", "--top", top, path).stdout.decode ()
            self.assertEqual (len (set (re.findall (r"variable_\d\d", text))), shown)

    def test_colours_only_on_a_terminal (self):
        path = self.make_plain ()
        self.assertNotIn (b"\x1b", run ("report", path).stdout)
        self.assertIn (b"\x1b[", self.on_terminal ("report", path, NO_COLOR=""))
        self.assertNotIn (b"\x1b", self.on_terminal ("report", path, NO_COLOR="1"))

    def on_terminal (self, *arguments, **environment):
        master, slave = pty.openpty ()
        with subprocess.Popen ([CLI, *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL,
                               env=dict (os.environ, TERM="xterm", **environment)) as process:
            os.close (slave)
            text = b""
            while True:
                try:
                    piece = os.read (master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                text += piece
            process.wait ()
        os.close (master)
        return text


class Export (TestCase):
    def test_json_comes_back (self):
        output = self.folder / "out.json"
        self.assertStatus (run ("export", "-o", str (output), self.make_plain ()), 0)
        document = json.loads (output.read_text ())
        self.assertEqual (list (document), ["session", "stats", "allocations", "marks", "annotations"])
        self.assertEqual ([a["var_name"] for a in document["allocations"]], ["buffer", "leak"])

    def test_standard_output_is_a_destination (self):
        process = run ("export", "--format", "json", "-o", "-", self.make_plain ())
        self.assertStatus (process, 0)
        self.assertEqual (len (json.loads (process.stdout)["allocations"]), 2)

    def test_folded_stacks_add_up (self):
        path = self.make (*(sessions.record (ptr=0x1000 * i, size=10 * i, stack=["leaf", "middle;dle", "main"] if i % 2 else ()) for i in range (1, 5)))
        for arguments, expected in (([], {"[not recorded]": 60, "main;middle:dle;leaf": 40}),
                                    (["--measure", "allocations"], {"[not recorded]": 2, "main;middle:dle;leaf": 2})):
            process = run ("export", "--format", "folded", "-o", "-", *arguments, path)
            self.assertStatus (process, 0)
            lines = [line.rsplit (" ", 1) for line in process.stdout.decode ().splitlines ()]
            self.assertEqual ({stack: int (number) for stack, number in lines}, expected)
        self.assertStatus (run ("export", "--format", "folded", "--measure", "weight", path), 2)
        self.assertStatus (run ("export", "--format", "json", "--measure", "allocations", path), 2)
        self.assertStatus (run ("export", "--format", "folded", "--user-variables", path), 2)
        self.assertStatus (run ("export", "--format", "folded", "--language", "en", path), 2)

    def test_output_name_follows_the_recording (self):
        path = self.make_plain ()
        self.assertStatus (run ("export", "--format", "json", path), 0)
        self.assertTrue ((self.folder / "made.json").exists ())

    def test_hostile_names_come_back_byte_for_byte (self):
        names = [HOSTILE, "\x1b[31m", "\u202ertl", "x" * 65535, b"\xff\xfe\xed\xa0\x80", "nul\0nul", "\ud7ff\U0010ffff", ""]
        path = self.make (*(sessions.record (ptr=i, name=name) for i, name in enumerate (names)))
        process = run ("export", "--format", "json", "-o", "-", path)
        self.assertStatus (process, 0)
        got = [a["var_name"].encode ("utf-8", "surrogateescape") for a in json.loads (process.stdout)["allocations"]]
        self.assertEqual (got, [name if isinstance (name, bytes) else name.encode () for name in names])

    def test_unwritable_places_are_named_and_left_alone (self):
        path = self.make_plain ()
        for place in ("/nonexistent/out.json", "/dev/full", self.scratch.name, "/proc/out.json"):
            before = sorted (self.folder.iterdir ())
            process = run ("export", "--format", "json", "-o", place, path)
            self.assertStatus (process, 3)
            self.assertIn (place.encode (), process.stderr)
            self.assertEqual (sorted (self.folder.iterdir ()), before)

    def test_a_failure_keeps_the_old_file (self):
        output = self.folder / "out.json"
        output.write_text ("old")
        self.assertStatus (run ("export", "--format", "json", "-o", str (output), "/nonexistent"), 3)
        self.assertEqual (output.read_text (), "old")


    def test_html_is_one_page (self):
        output = self.folder / "out.html"
        path = self.make (sessions.record (name=HOSTILE))
        self.assertStatus (run ("export", "--format", "html", "-o", str (output), path), 0)
        page = output.read_text ()
        self.assertTrue (page.lstrip ().lower ().startswith ("<!doctype html>"))
        self.assertNotIn (HOSTILE, page)

    def test_html_options_are_for_html (self):
        self.assertStatus (run ("export", "--format", "json", "--redact", "everything", self.make_plain ()), 2)
        self.assertStatus (run ("export", "--format", "html", "--size-budget", "much", self.make_plain ()), 2)

    def make_telling (self):
        return self.make (sessions.record (name="/home/me/secret/buffer", kind="Vec<u8>", died=1759300001000000000,
                                           stack=["parse (/home/me/secret/parse.rs:12)", "secret/inner.rs:3"]),
                          sessions.record (ptr=0x2000, size=100, name="leak", scope="/home/me/secret/mod.rs", leaked=True,
                                           thread="/home/me/secret", stack=[f"at \n/home/me/secret/{HOSTILE}"]),
                          sessions.record (ptr=0x3000, size=5000, stack=["C:/Users/secret/x.rs"]))

    def payload (self, page):
        """All that a page carries, unpacked."""
        parts = re.findall (r'<script type="text/plain" data-memscope="[a-z]+">([^<]*)</script>', page)
        self.assertGreater (len (parts), 2)
        return page.encode () + b"".join (gzip.decompress (base64.b64decode (part)) for part in parts)

    def test_what_is_redacted_is_nowhere_in_the_export (self):
        for form in ("html", "json"):
            output = self.folder / f"out.{form}"
            self.assertStatus (run ("export", "-o", str (output), self.make_telling ()), 0)
            text = output.read_text (errors="surrogateescape")
            whole = self.payload (text) if form == "html" else text.encode ()
            self.assertIn (b"secret", whole)

            self.assertStatus (run ("export", "-o", str (output), "--redact", "paths,arguments,environment", self.make_telling ()), 0)
            text = output.read_text (errors="surrogateescape")
            whole = self.payload (text) if form == "html" else text.encode ()
            # The last name of a path is its name and stays: a thread is called so here.
            self.assertNotIn (b"/secret", whole)
            self.assertNotIn (b"secret/", whole)
            self.assertNotIn (b"/home", whole)
            self.assertNotIn (b"home", whole.replace (page_frame (text), b"") if form == "html" else whole)
            self.assertIn (b"parse.rs", whole)
            if form == "json":
                self.assertEqual (json.loads (whole)["export"]["redacted"], ["paths", "arguments", "environment"])

    def test_json_holds_what_is_selected (self):
        def rows (*arguments):
            process = run ("export", "-f", "json", "-o", "-", *arguments, self.make_telling ())
            self.assertStatus (process, 0)
            return [row["ptr"] for row in json.loads (process.stdout.decode (errors="surrogateescape"))["allocations"]]

        self.assertEqual (rows (), [0x1000, 0x2000, 0x3000])
        self.assertEqual (rows ("--user-variables"), [0x1000, 0x2000])
        self.assertEqual (rows ("--min-size", "1K"), [0x3000])
        self.assertEqual (rows ("--max-size", "64"), [0x1000])
        self.assertEqual (rows ("--threads", "ThreadId*"), [0x1000, 0x3000])
        self.assertEqual (rows ("--text", "LEAK"), [0x2000])
        self.assertEqual (rows ("--kinds", "heap"), [])
        self.assertEqual (rows ("--range", "500ms..1s"), [0x1000, 0x2000, 0x3000])
        self.assertStatus (run ("export", "-f", "json", "-o", "-", "--range", "9s..10s", self.make_telling ()), 2)
        self.assertStatus (run ("export", "-f", "json", "-o", "-", "--threads", "nobody", self.make_telling ()), 2)

    def test_filters_select (self):
        path = self.make_plain ()
        for filter, names in {'size >= 1': ['buffer', 'leak'], 'var = leak': ['leak'], 'var ~ "LEA" or type ~ vec': ['buffer', 'leak'],
                              'not leaked': ['buffer'], 'thread = "ThreadId(2)"': ['leak'], 'stack ~ /^st/': ['buffer'],
                              'leak': ['leak'], 'size > 1G': []}.items ():
            process = run ("export", "-f", "json", "-o", "-", "--filter", filter, path)
            self.assertStatus (process, 0)
            records = json.loads (process.stdout)["allocations"]
            self.assertEqual (sorted ({record["var_name"] for record in records}), sorted (set (names) & {"buffer", "leak"}), filter)
            info = json.loads (run ("info", "--json", "--filter", filter, path).stdout)
            self.assertEqual ((info["filter"], info["total_allocations"]), (filter, len (records)))
            report = json.loads (run ("report", "--json", "--filter", filter, path).stdout)
            self.assertEqual ((report["filter"], report["stats"]["total_allocations"]), (filter, len (records)))
        both = json.loads (run ("info", "--json", "--text", "leak", "--filter", "size < 1", path).stdout)
        self.assertEqual (both["total_allocations"], 0)
        self.assertIn ("var = leak", run ("info", "--filter", "var = leak", path).stdout.decode ())

    def test_words_stay_words (self):
        process = run ("info", "--json", "--text", "size > 1", self.make_plain ())
        self.assertEqual (json.loads (process.stdout)["total_allocations"], 0)

    def test_wrong_filters_are_pointed_at (self):
        for command in (["info"], ["report"], ["export", "-f", "json", "-o", "-"]):
            process = run (*command, "--filter", "var = a and size > big", self.make_plain ())
            self.assertStatus (process, 2)
            self.assertEqual (process.stdout, b"")
            self.assertIn ("column 20", process.stderr.decode ())
            self.assertIn ("\n  var = a and size > big\n                     ^^^\n", process.stderr.decode ())

    def test_html_holds_what_is_selected (self):
        output = self.folder / "out.html"
        self.assertStatus (run ("export", "-o", str (output), "--min-size", "1K", "--language", "zh_CN", self.make_telling ()), 0)
        whole = self.payload (output.read_text ())
        self.assertIn (b'"minSize":1024', whole.replace (b'": ', b'":'))
        self.assertIn (b"zh_CN", whole)


def page_frame (page):
    """The script and style that every page has."""
    return page.split ("data-memscope=")[0].encode ()


class Streams (TestCase):
    def test_a_full_disk_is_told (self):
        with open ("/dev/full", "wb") as full:
            for arguments in (["--help"], ["info", "--help"], ["info", self.make_plain ()], ["info", "--json", self.make_plain ()],
                              ["export", "--format", "json", "-o", "-", self.make_plain ()]):
                process = run (*arguments, stdout=full, stderr=subprocess.PIPE)
                self.assertStatus (process, 3)
                self.assertIn (b"No space left", process.stderr)

    def test_a_closed_pipe_ends_it_quietly (self):
        path = self.make (*(sessions.record (ptr=i, name="n" * 100) for i in range (3000)))
        for arguments in (["export", "--format", "json", "-o", "-", path], ["report", "--top", "0", path]):
            with subprocess.Popen ([CLI, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdout.close ()
                complaint = process.stderr.read ()
                process.wait (timeout=60)
            self.assertEqual (process.returncode, -signal.SIGPIPE)
            self.assertEqual (complaint, b"")

    def test_closed_standard_streams_do_no_harm (self):
        path = self.make_plain ()
        content = pathlib.Path (path).read_bytes ()
        subprocess.run (["sh", "-c", f'exec "$0" info "$1" >&- 2>&- <&-', CLI, path], timeout=60, check=False)
        self.assertEqual (pathlib.Path (path).read_bytes (), content)

    def test_no_progress_off_a_terminal (self):
        path = self.make (*(sessions.record (ptr=i, name="n" * 100) for i in range (20000)))
        self.assertEqual (run ("export", "--format", "json", "-o", "/dev/null", path).stderr, b"")

    def stalled_export (self, stderr):
        """An export whose reader does not read: it is at work until it is read or stopped."""
        path = self.make (*(sessions.record (ptr=i, name="n" * 100) for i in range (30000)))
        return subprocess.Popen ([CLI, "export", "--format", "json", "-o", "-", path], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=stderr)

    def test_progress_on_a_terminal (self):
        master, slave = pty.openpty ()
        with self.stalled_export (slave) as process:
            os.close (slave)
            time.sleep (1)
            self.assertEqual (len (json.loads (process.stdout.read ())["allocations"]), 30000)
        self.assertRegex (os.read (master, 4096), rb"\r[^\r]* \d+ %")
        os.close (master)

    def test_an_interrupt_ends_it_at_once (self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.stalled_export (subprocess.PIPE) as process:
                process.stdout.read (1)
                process.send_signal (number)
                self.assertEqual (process.wait (timeout=60), 128 + number)
                self.assertEqual (process.stderr.read (), b"")

    def test_runs_in_the_c_locale (self):
        process = run ("report", self.make (sessions.record (name="解析")), env={"LC_ALL": "C"})
        self.assertStatus (process, 0)
        self.assertIn (b"  ??", process.stdout)
        self.assertEqual (process.stdout.decode ("ascii").isascii (), True)

    def test_quotes_are_plain_where_the_locale_has_no_others (self):
        process = run ("report", env={"LC_ALL": "C"})
        self.assertStatus (process, 2)
        self.assertIn (b'Try "memscope-cli report --help".', process.stderr)
        self.assertNotIn (b"?m", process.stderr)
        help = run ("--help", env={"LC_ALL": "C"}).stdout
        self.assertTrue (help.startswith (b"Usage:"), help[:80])
        self.assertIn (b"...", help)
        self.assertIn ("Try “memscope-cli report --help”.", run ("report").stderr.decode ())


class Documents (TestCase):
    """The manual page and the completion know every command and option."""

    SOURCE = pathlib.Path (__file__).resolve ().parents[3] / "core" / "cli"

    def test_manual_page_has_every_option (self):
        page = (self.SOURCE / "memscope-cli.1").read_text ().replace ("\\", "")
        for command in COMMANDS:
            self.assertIn (f".SS {command}", page)
            for option in set (re.findall (r"--[a-z-]+", run (command, "--help").stdout.decode ())) - {"--help", "--"}:
                self.assertIn (option, page, command)

    def test_completion_offers_what_the_help_lists (self):
        def complete (*words):
            script = f'source {self.SOURCE.parents[1]}/data/completions/memscope-cli.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
                     '_memscope_cli; printf "%s\\n" "${COMPREPLY[@]}"'
            return subprocess.run (["bash", "-c", script, "bash", CLI, *words], capture_output=True, text=True,
                                   check=True).stdout.split ()

        self.assertEqual (complete ("re"), ["record", "repair", "report"])
        self.assertEqual (complete ("info", "--j"), ["--json"])
        self.assertEqual (complete ("export", "--format", ""), ["html", "json", "folded"])


class Program (TestCase):
    def test_needs_no_graphical_library (self):
        needed = subprocess.run (["ldd", CLI], capture_output=True, check=True, text=True).stdout
        for library in ("libgtk", "libadwaita", "libwebkit", "libX11", "libwayland"):
            self.assertNotIn (library, needed)


if __name__ == "__main__":
    unittest.main ()
