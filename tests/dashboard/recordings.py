# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings that the page is made of in tests."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess

SQL = '''create table t (a, b);
with recursive c (x) as (select 1 union all select x + 1 from c where x < 5000) insert into t select x, hex (x * 7919) from c;
create index i on t (b); select count (*) from t;'''


class Recordings:
    """The recordings of some folders by name, unpacked into another."""

    def __init__ (self, folders, unpacked):
        self.folders = folders
        self.unpacked = pathlib.Path (unpacked)

    def read (self, name):
        for folder in self.folders:
            if (folder / name).exists ():
                return (folder / name).read_bytes ()
            if (folder / f'{name}.gz').exists ():
                return gzip.decompress ((folder / f'{name}.gz').read_bytes ())
        return None

    def get (self, name):
        path = self.unpacked / f'{name}.memscope'
        if not path.exists ():
            content = self.read (path.name)
            if content is None:
                return None
            path.write_bytes (content)
        return path

    def expected (self, name):
        return json.loads (self.read (f'{name}.expected.json'))['allocations']

    def record (self):
        """A recording of our own; None where none can be made."""
        path = self.unpacked / 'sqlite3.memscope'
        if not os.environ.get ('MEMSCOPE_CLI') or shutil.which ('sqlite3') is None:
            return None
        if not path.exists ():
            subprocess.run ([os.environ['MEMSCOPE_CLI'], 'record', '-o', path, '--', 'sqlite3', ':memory:', SQL],
                            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path
