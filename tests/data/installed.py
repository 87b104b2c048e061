#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# installed.py PREFIX DATADIR: what `meson install` left is what a desktop looks for,
# where it looks for it. Skipped where nothing was installed.

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

prefix, data = map(pathlib.Path, sys.argv[1:3])
APP_ID = "org.memscope.MemScope"

if os.environ.get("DESTDIR") or not (prefix / "bin/memscope").exists():
    print(f"nothing is installed in {prefix}")
    sys.exit(77)

environment = dict(os.environ, XDG_DATA_DIRS=f"{data}:/usr/local/share:/usr/share", LC_ALL="C.UTF-8",
                   PATH=f"{prefix / 'bin'}:{os.environ['PATH']}")


def run(*command, **options):
    return subprocess.run([str(part) for part in command], env=environment, check=True, capture_output=True,
                          text=True, timeout=60, **options).stdout


def has(tool):
    return shutil.which(tool) is not None


for file in (
    f"applications/{APP_ID}.desktop",
    f"dbus-1/services/{APP_ID}.service",
    f"metainfo/{APP_ID}.metainfo.xml",
    f"mime/packages/{APP_ID}.xml",
    f"glib-2.0/schemas/{APP_ID}.gschema.xml",
    f"icons/hicolor/scalable/apps/{APP_ID}.svg",
    f"icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg",
    "icons/hicolor/scalable/mimetypes/application-x-memscope.svg",
    "icons/hicolor/symbolic/mimetypes/application-x-memscope-symbolic.svg",
    "memscope/help/en/index.html",
    "memscope/help/zh_CN/index.html",
    "memscope/help/help.css",
    "man/man1/memscope.1",
    "man/man1/memscope-cli.1",
    "locale/zh_CN/LC_MESSAGES/memscope.mo",
    "bash-completion/completions/memscope",
    "bash-completion/completions/memscope-cli",
    "zsh/site-functions/_memscope",
    "zsh/site-functions/_memscope-cli",
    "fish/vendor_completions.d/memscope.fish",
    "fish/vendor_completions.d/memscope-cli.fish",
):
    assert (data / file).is_file(), f"{file} is not installed"

# What programs that use memscope.h build with: nothing else than pkg-config says.
libraries = sorted(prefix.glob("lib*/**/pkgconfig/memscope-tracker.pc"))
if libraries and has("pkg-config") and has("cc"):
    assert (data / "man/man3/memscope-tracker.3").is_file(), "memscope-tracker.3 is not installed"
    folder = libraries[0].parent
    environment["PKG_CONFIG_PATH"] = str(folder)
    example = pathlib.Path(__file__).resolve().parent.parent / "programs/examples/orders.c"
    with tempfile.TemporaryDirectory() as scratch:
        for name, parts in (("alone", ["--cflags"]), ("linked", ["--cflags", "--libs"])):
            flags = run("pkg-config", *parts, "memscope-tracker").split()
            program = pathlib.Path(scratch) / name
            run("cc", "-std=c11", "-pedantic", "-Wall", "-Wextra", "-Wl,--no-as-needed", "-o", program, example, *flags,
                f"-Wl,-rpath,{folder.parent}")
            assert "named 41" in run(program), name
            assert ("libmemscope-tracker.so.1" in run("ldd", program)) == (name == "linked"), name

service = (data / f"dbus-1/services/{APP_ID}.service").read_text()
program = re.search(r"(?m)^Exec=(\S+) --gapplication-service$", service).group(1)
assert os.access(program, os.X_OK), f"the bus would start {program}"
assert f"Name={APP_ID}\n" in service

entry = (data / f"applications/{APP_ID}.desktop").read_text()
for line in ("Name[zh_CN]=", "GenericName[zh_CN]=", "Comment[zh_CN]=", "Keywords[zh_CN]=", "DBusActivatable=true",
             "MimeType=application/x-memscope;", "Actions=new-window;", "[Desktop Action new-window]"):
    assert line in entry, f"the desktop entry has no {line}"

if has("desktop-file-validate"):
    run("desktop-file-validate", data / f"applications/{APP_ID}.desktop")
if has("appstreamcli"):
    run("appstreamcli", "validate-tree", "--no-net", prefix)
if has("gio") and (data / "mime/mime.cache").exists():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "nameless"
        path.write_bytes(b"MEMSCOPE" + bytes(64))
        assert "application/x-memscope" in run("gio", "info", "-a", "standard::content-type", path)
    assert f"{APP_ID}.desktop" in run("gio", "mime", "application/x-memscope")
if has("gsettings"):
    environment["GSETTINGS_SCHEMA_DIR"] = str(data / "glib-2.0/schemas")
    environment["GSETTINGS_BACKEND"] = "memory"
    keys = run("gsettings", "list-keys", APP_ID).split()
    assert {"color-scheme", "export-redact", "last-view", "launch-arguments"} <= set(keys), keys
    for key in keys:
        assert run("gsettings", "describe", APP_ID, key).strip() or key == "maximized", f"{key} is not described"

print(f"installed in {prefix}, {len(keys) if has('gsettings') else 'unknown'} settings")
