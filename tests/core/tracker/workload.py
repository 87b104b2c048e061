# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python allocates for: threads, a database, text, callbacks out of C, a child."""

import ast
import ctypes
import decimal
import json
import re
import sqlite3
import subprocess
import threading
import zlib


def call_back ():
    signature = ctypes.CFUNCTYPE (ctypes.c_int, ctypes.POINTER (ctypes.c_int), ctypes.POINTER (ctypes.c_int))
    numbers = (ctypes.c_int * 20) (*range (20, 0, -1))
    ctypes.CDLL (None).qsort (numbers, 20, 4, signature (lambda a, b: (bytes (1000), a[0] - b[0])[1]))


def work (n):
    database = sqlite3.connect (":memory:")
    database.execute ("create table t (a, b)")
    database.executemany ("insert into t values (?, ?)", [(i, str (i) * 5) for i in range (n)])
    database.execute ("select a, group_concat (b) from t group by a % 7").fetchall ()
    for i in range (n // 10):
        json.loads (json.dumps ({"k": list (range (50))}))
        re.compile (f"a{i}(b|c)*").match (f"a{i}bcbc")
        zlib.compress (b"x" * 5000)
        sorted (range (100), key=lambda value: str (value) * 3)
        decimal.Decimal (i) ** 5
        call_back ()
    with open (ast.__file__, encoding="utf-8") as source:
        ast.parse (source.read ())


threads = [threading.Thread (target=work, args=(1000,)) for _ in range (3)]
for thread in threads:
    thread.start ()
for thread in threads:
    thread.join ()
subprocess.run (["true"], check=True)
