#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large programs, alone and recorded: they end alike and say the same, and each of
their processes has a complete file. Prints a table of what was recorded.

The environment names the parts: MEMSCOPE_CLI, MEMSCOPE_RECORDER, MEMSCOPE_COLLECTOR, and
MEMSCOPE_APP where the application is built. Programs that are not installed are skipped.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

CLI = os.environ["MEMSCOPE_CLI"]
ROWS = []

PYTHON = """
import json, subprocess, sys, threading, zlib
def work (n):
    for i in range (n):
        json.loads (json.dumps ({str (k): [k] * 20 for k in range (100)}))
        zlib.compress (bytes (10000))
threads = [threading.Thread (target=work, args=(60,)) for _ in range (6)]
for thread in threads: thread.start ()
for _ in range (3):
    print (subprocess.run ([sys.executable, "-c", "print (sum (len (str (i)) for i in range (20000)))"],
                           capture_output=True, text=True).stdout.strip ())
print (subprocess.run ("echo shell; exit 3", shell=True).returncode)
for thread in threads: thread.join ()
raise SystemExit (5)
"""

NODE = """
const { Worker, isMainThread, workerData } = require ('worker_threads');
const { execFileSync } = require ('child_process');
const zlib = require ('zlib');
let kept = [];
for (let i = 0; i < 2000; i++) { kept.push (Buffer.alloc (30000 + i)); if (kept.length > 50) kept.shift (); }
for (let i = 0; i < 200; i++) JSON.parse (JSON.stringify (new Array (500).fill ({ i })));
console.log (zlib.gunzipSync (zlib.gzipSync ('x'.repeat (100000))).length);
if (isMainThread) {
  console.log (execFileSync (process.execPath, ['-e', 'console.log (6 * 7)']).toString ().trim ());
  const workers = [1, 2].map (n => new Worker (__filename, { workerData: n }));
  Promise.all (workers.map (w => new Promise (done => w.on ('exit', done)))).then (codes => {
    console.log (codes.join (' ')); process.exit (6);
  });
}
"""

C_SOURCE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define F(n) static int f##n (const char *s) { char b[200]; snprintf (b, sizeof b, "%s" #n, s); return (int)strlen (b) + atoi (b); }
#define T(n) F (n##0) F (n##1) F (n##2) F (n##3) F (n##4) F (n##5) F (n##6) F (n##7) F (n##8) F (n##9)
T (1) T (2) T (3) T (4) T (5) T (6) T (7) T (8) T (9)
int main (void) { return f10 ("1") + f99 ("2") + f55 ("3") > 1000000; }
"""

GIT = """
set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
git init -q -b main .
for i in 1 2 3 4 5; do
  seq 1 ${i}000 > file$i; git add .; git commit -q -m "commit $i"
done
git gc -q --no-detach 2>/dev/null || git gc -q
git log --stat --oneline
git diff HEAD~3 HEAD~1 | tail -n 3
git fsck 2>/dev/null
git clone -q . copy
git -C copy rev-parse HEAD
exit 7
"""




class Programs (unittest.TestCase):
    maxDiff = 4000

    def setUp (self):
        scratch = tempfile.TemporaryDirectory (ignore_cleanup_errors=True)
        self.addCleanup (scratch.cleanup)
        self.folder = pathlib.Path (scratch.name)
        self.environment = os.environ | {"HOME": scratch.name, "XDG_RUNTIME_DIR": scratch.name, "LC_ALL": "C.UTF-8"}

    def run_in (self, place, command):
        """Each run has a folder of its own, of the same name."""
        folder = self.folder / place / "work"
        folder.mkdir (parents=True)
        started = time.monotonic ()
        process = subprocess.run (command, cwd=folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=900, check=False)
        return process, time.monotonic () - started

    def compare (self, name, *command, normalize=lambda text: text, errors=True, files=None):
        program = shutil.which (command[0])
        if program is None:
            ROWS.append ((name, "not installed") + ("",) * 5)
            self.skipTest (f"{command[0]} is not installed")

        alone, seconds_alone = self.run_in ("alone", command)
        output = self.folder / "run.memscope"
        recorded, seconds = self.run_in ("recorded", [CLI, "record", "--no-symbols", "-o", str (output), "--"] + list (command))
        lines = recorded.stderr.decode (errors="replace").splitlines (keepends=True)
        own = [line for line in lines if line.startswith ("memscope-cli: ")]
        self.assertEqual (recorded.returncode if recorded.returncode < 128 else recorded.returncode - 128,
                          abs (alone.returncode), "".join (lines[-20:]))
        self.assertEqual (normalize (recorded.stdout.decode (errors="replace")), normalize (alone.stdout.decode (errors="replace")))
        if errors:
            self.assertEqual (normalize ("".join (line for line in lines if line not in own)),
                              normalize (alone.stderr.decode (errors="replace")))

        events = blocks = 0
        recordings = sorted (self.folder.glob ("*.memscope"))
        for path in recordings:
            process = subprocess.run ([CLI, "info", "--json", str (path)], capture_output=True, check=False, timeout=300)
            self.assertEqual (process.returncode, 0, process.stderr)
            info = json.loads (process.stdout)
            self.assertTrue (info["format"]["complete"], (str (path), info["warnings"]))
            self.assertTrue (info["process_ended"], str (path))
            events += info["total_allocations"] + info["total_frees"]
            blocks += info["active_allocations"]
        if files is not None:
            self.assertEqual (len (recordings), files, [path.name for path in recordings])
        ROWS.append ((name, str (alone.returncode), str (len (recordings)), str (events), f"{seconds_alone:.2f}", f"{seconds:.2f}",
                      own[0].removeprefix ("memscope-cli: ").strip () if len (own) > 2 else ""))
        return own

    def test_python_with_threads_and_subprocesses (self):
        # the program, three of its kind, a shell
        self.compare ("python3", "/usr/bin/python3", "-c", PYTHON, files=5)

    def test_gcc_one_file_for_each_process (self):
        (self.folder / "big.c").write_text (C_SOURCE)
        # gcc, cc1, as, collect2, ld
        self.compare ("gcc", "gcc", "-O2", "-o", "big", str (self.folder / "big.c"), files=5)

    def test_gcc_that_fails (self):
        (self.folder / "bad.c").write_text ("int main (void) { return undeclared; }\n")
        self.compare ("gcc (an error)", "gcc", "-c", "-o", "bad.o", str (self.folder / "bad.c"))

    def test_node (self):
        script = self.folder / "script.js"
        script.write_text (NODE)
        self.compare ("node", "node", str (script), files=2)

    def test_git (self):
        # where a pack of objects ends up in is told by its name alone
        self.compare ("git", "sh", "-c", GIT)

    def test_gdb (self):
        # addresses are not the same where more is loaded
        def normalize (text):
            return re.sub (r"0x[0-9a-f]+|process \d+|\(LWP \d+\)", "", text)
        self.compare ("gdb", "gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "break main", "-ex", "info sharedlibrary",
                      "-ex", "print 6*7", "-ex", "info functions ^strlen$", shutil.which ("true"), normalize=normalize)

    def test_gdb_runs_a_program (self):
        def normalize (text):
            return "\n".join (line for line in text.splitlines () if "exited" in line or "hello" in line).replace ("process", "")
        self.compare ("gdb, a program in it", "gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "run", "--args",
                      shutil.which ("echo"), "hello", normalize=lambda text: re.sub (r"\d+", "", normalize (text)), errors=False)

    def test_perl (self):
        self.compare ("perl", "perl", "-e", "my %h; $h{$_ % 997} .= 'x' x ($_ % 50) for 1 .. 50000; print scalar (keys %h), qq(\\n); "
                      "if (my $pid = fork) { waitpid $pid, 0; print $? >> 8, qq(\\n) } else { exit 9 } exit 4", files=2)

    def test_a_gtk_application (self):
        app = os.environ.get ("MEMSCOPE_APP", "")
        if not os.path.exists (app) or "DISPLAY" not in os.environ:
            self.skipTest ("the application is not built, or there is no display")
        self.compare ("memscope (GTK 4)", app, "--screenshot=picture.png", errors=False)
        for place in ("alone", "recorded"):
            self.assertGreater ((self.folder / place / "work" / "picture.png").stat ().st_size, 1000)

    PAGE = "<p id=a>x</p><script>document.getElementById ('a').textContent = 'done ' + 6 * 7</script>"
    CHROMIUM = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--virtual-time-budget=1000", "--user-data-dir=profile", "--dump-dom")

    def test_chromium (self):
        """Its allocator is built in: what starts it ends as alone, and the user is told."""
        page = self.folder / "page.html"
        page.write_text (self.PAGE)
        own = self.compare ("chromium, headless", "chromium", *self.CHROMIUM, page.as_uri (), errors=False)
        self.assertTrue (any ("allocator" in line for line in own), own)

    def test_chromium_itself_is_refused (self):
        program = "/usr/lib/chromium/chromium"
        if not os.path.exists (program):
            self.skipTest ("chromium is not installed")
        process, seconds = self.run_in ("refused", [CLI, "record", "-o", str (self.folder / "run.memscope"), "--", program, "--version"])
        self.assertEqual (process.returncode, 4)
        self.assertEqual (process.stdout, b"")
        self.assertIn ("allocator of its own", process.stderr.decode ())
        self.assertFalse ((self.folder / "run.memscope").exists ())
        ROWS.append (("chromium, itself", "refused", "0", "0", "", f"{seconds:.2f}",
                      process.stderr.decode ().strip ().removeprefix ("memscope-cli: ")))


def print_table ():
    heads = ("program", "status", "files", "events", "s alone", "s recorded", "said")
    widths = [max (len (row[i]) for row in ROWS + [heads]) for i in range (6)]
    for row in [heads] + sorted (ROWS):
        print ("  ".join (text.ljust (width) for text, width in zip (row, widths + [0])).rstrip ())


if __name__ == "__main__":
    if not os.path.exists (os.environ.get ("MEMSCOPE_RECORDER", "")):
        print ("the recorder is not built")
        sys.exit (77)
    result = unittest.main (exit=False).result
    print_table ()
    sys.exit (0 if result.wasSuccessful () else 1)
