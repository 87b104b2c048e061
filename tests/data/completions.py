#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# completions.py MEMSCOPE-CLI MEMSCOPE COMPLETIONS: asks bash and fish what they would
# offer, and has zsh read its files. Shells that are not here are left out.

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

cli, app, completions = map(pathlib.Path, sys.argv[1:4])


def run(*command, **options):
    return subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True,
                          timeout=60, **options)


def bash(words):
    function = "_" + words[0].replace("-", "_")
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    script = f"""
      source '{completions}/{words[0]}.bash'
      compopt () {{ :; }}
      COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}
      {function}
      printf '%s\\n' "${{COMPREPLY[@]}}" | sort -u
    """
    result = run("bash", "--norc", "-c", script, cwd=folder)
    assert not result.stderr, result.stderr
    return set(result.stdout.split("\n")) - {""}


def fish(words):
    script = f"source {completions}/{words[0]}.fish; complete -C '{' '.join(words)}'"
    result = run("fish", "--no-config", "-c", script, cwd=folder)
    assert not result.stderr, result.stderr
    return {line.split("\t")[0] for line in result.stdout.split("\n")} - {""}


def subcommands():
    return set(re.findall(r"(?m)^  ([a-z]+) ", run(cli, "--help").stdout))


def options_of(*command):
    return set(re.findall(r"(?m)^  (?:-[a-zA-Z], )?(--[a-z-]+)", run(*command, "--help").stdout))


def check(shell):
    commands = subcommands()
    assert len(commands) > 4, commands
    offered = shell(["memscope-cli", ""])
    assert commands <= offered, f"{shell.__name__}: {commands - offered} not offered"
    assert shell(["memscope-cli", "rec"]) == {"record"}
    for command in commands:
        offered = shell(["memscope-cli", command, "--"])
        missing = options_of(cli, command) - offered
        assert not missing, f"{shell.__name__}: {command}: {missing} not offered"
    assert {"html", "json"} <= shell(["memscope-cli", "export", "--format", ""])
    offered = shell(["memscope-cli", "info", ""])
    # fish puts the others behind, it never hides them.
    assert "a run.memscope" in offered and ("other.txt" not in offered or shell is fish), offered
    assert "--stack-depth" not in shell(["memscope-cli", "record", "ls", "--st"])

    offered = shell(["memscope", "--"])
    missing = options_of(app) - offered - {"--help", "--help-all", "--help-gapplication"}
    assert not missing, f"{shell.__name__}: memscope: {missing} not offered"
    offered = shell(["memscope", "--view", ""])
    assert {"overview", "variables", "inspector"} <= offered and "or" not in offered, offered
    assert "a run.memscope" in shell(["memscope", ""])


environment = dict(os.environ, LC_ALL="C.UTF-8")
environment.pop("LANGUAGE", None)
with tempfile.TemporaryDirectory() as name:
    top = pathlib.Path(name)
    folder = top / "folder"
    binaries = top / "bin"
    folder.mkdir()
    binaries.mkdir()
    (binaries / "memscope-cli").symlink_to(cli.absolute())
    (binaries / "memscope").symlink_to(app.absolute())
    for file in ("a run.memscope", "other.txt"):
        (folder / file).write_text("")
    environment["PATH"] = f"{binaries}:{environment['PATH']}"
    environment["HOME"] = name
    environment["XDG_CONFIG_HOME"] = environment["XDG_DATA_HOME"] = name

    done = []
    check(bash)
    done.append("bash")
    if shutil.which("fish"):
        check(fish)
        done.append("fish")
    if shutil.which("zsh"):
        for file in completions.glob("_*"):
            result = run("zsh", "-n", file)
            assert result.returncode == 0 and not result.stderr, result.stderr
            assert file.read_text().startswith(f"#compdef {file.name[1:]}\n")
        done.append("zsh (read only)")
    print("completion in " + ", ".join(done))
