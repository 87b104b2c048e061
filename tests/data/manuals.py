#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# manuals.py PROGRAM=MANUAL… HEADER=MANUAL…: groff takes the pages without a word, and
# each command and option of the program's own help, each function and macro of the
# header, is in its page.

import re
import shutil
import subprocess
import sys

environment_free = {"env": {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}}


def help_of(*command):
    return subprocess.run([*command, "--help"], check=True, capture_output=True, text=True, **environment_free).stdout


def plain(text):
    """The page without its marks: as it is read."""
    text = re.sub(r"(?m)^\.\\\".*$", "", text).replace("\\-", "-")
    return re.sub(r"\\f[BRIP]", "", text)


for pair in sys.argv[1:]:
    program, manual = pair.split("=", 1)
    if shutil.which("groff"):
        said = subprocess.run(["groff", "-t", "-ww", "-z", "-man", "-Tutf8", manual], capture_output=True, text=True).stderr
        assert not said, said
    text = plain(open(manual).read())
    if program.endswith(".h"):
        header = open(program).read() + open(program.replace(".h", "-macros.h")).read()
        names = re.findall(r"(?m)^MEMSCOPE_API [^;]*?(memscope_\w+) +\(", header) + re.findall(r"(?m)^#define (MEMSCOPE_\w*[A-Z]) ?\(", header)
        assert len(names) > 30, names
        for name in names:
            assert re.search(rf"\b{name}\b", text), f"{manual}: nothing about {name}"
        print(f"{manual}: {len(names)} names")
        continue
    # Two spaces before the summary: the line of usage has one.
    commands = re.findall(r"(?m)^  ([a-z]+)  ", help_of(program))
    for command in commands:
        assert re.search(rf"(?m)^\.SS {command}$", text), f"{manual}: no section about “{command}”"
    for arguments in [[]] + [[command] for command in commands]:
        for option in re.findall(r"(?m)^  (?:-[a-zA-Z], )?(--[a-z-]+)", help_of(program, *arguments)):
            if option in ("--help-gapplication",) or (option == "--help" and commands):
                continue
            assert option in text, f"{manual}: nothing about {' '.join(arguments + [option])}"
    print(f"{manual}: {len(commands)} commands")
