#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mime.py PACKAGE.xml GOLDEN: puts the package into a MIME database of its own and asks
# the desktop's library what files are, with and without a name that says so.

import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TYPE = "application/x-memscope"

if not shutil.which("update-mime-database") or not shutil.which("gio"):
    print("no MIME database tools")
    sys.exit(77)


def content_type(path, environment):
    out = subprocess.run(["gio", "info", "-a", "standard::content-type,standard::icon", path],
                         env=environment, check=True, capture_output=True, text=True).stdout
    fields = dict(line.strip().split(": ", 1) for line in out.splitlines() if ": " in line)
    return fields["standard::content-type"], fields.get("standard::icon", "")


def main():
    package, golden = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        packages = top / "data/mime/packages"
        packages.mkdir(parents=True)
        shutil.copy(package, packages)
        environment = dict(os.environ, XDG_DATA_HOME=str(top / "home"), HOME=name,
                           XDG_DATA_DIRS=f"{top / 'data'}:/usr/local/share:/usr/share")
        warnings = subprocess.run(["update-mime-database", top / "data/mime"], env=environment, check=True,
                                  capture_output=True, text=True).stderr
        assert not warnings, warnings

        rs = gzip.decompress((golden / "rich_full.memscope.gz").read_bytes())
        compact = b'[{"ptr":4096,"size":64}]'
        pretty = b'[\n  {\n    "ptr": 93824992231424,\n    "size": 1024,\n    "var_name": "v"\n  }\n]\n'
        ours = b"MEMSCOPE" + (16).to_bytes(4, "little") + bytes(52)
        cases = [
            ("with suffix.memscope", rs, True),
            ("\u5185\u5b58 \u8bb0\u5f55.memscope", ours, True),
            ("json.memscope", pretty, True),
            ("massif.out.4127", b"desc: (none)\ncmd: ./prog\n", True),
            ("massif-renamed", b"desc: --time-unit=B\ncmd: ./prog\ntime_unit: B\n", True),
            ("other.zst", b"\x28\xb5\x2f\xfd" + bytes(60), False),
            ("rs-without", rs, True),
            ("ours-without", ours, True),
            ("json-pretty", pretty, True),
            ("json-compact", compact, True),
            ("other.json", b'[{"name": "x"}]', False),
            ("json-other", b'[\n  {\n    "pointer": 1,\n    "size": 3\n  }\n]', False),
            ("lower", b"memscope" + bytes(60), False),
            ("inside", b"x" * 40 + b"MEMSCOPE" + bytes(60), False),
            ("empty", b"", False),
            ("text.txt", b"MEMSCOPE is a program\n", False),
        ]
        for file_name, content, expected in cases:
            path = top / file_name
            path.write_bytes(content)
            found, icon = content_type(path, environment)
            assert (found == TYPE) == expected, f"{file_name}: {found}"
            assert not expected or "application-x-memscope" in icon, f"{file_name}: {icon}"
        print(f"{len(cases)} files have the right type")

        document = (packages / package.name).read_text()
        assert 'xml:lang="zh_CN"' in document, "the type has no Chinese name"


main()
