# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by app/run and tests/run: installs what is missing, builds into build/
# and installs into build/prefix, from where everything runs. Never asks.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build="$top/build"
prefix="$build/prefix"

# What building needs, what running needs, what `app/run` records, what tests need.
build_packages=(
  gcc g++ libc6-dev pkg-config meson ninja-build gettext desktop-file-utils shared-mime-info
  libgtk-4-dev libadwaita-1-dev libwebkitgtk-6.0-dev libgtksourceview-5-dev
  gobject-introspection libgirepository1.0-dev libjson-glib-dev libzstd-dev libxxhash-dev libdw-dev libelf-dev libiberty-dev
  esbuild node-d3-array node-d3-axis node-d3-brush node-d3-format node-d3-hierarchy
  node-d3-scale node-d3-selection node-d3-shape node-d3-zoom
)
run_packages=(
  adwaita-icon-theme fonts-dejavu-core libgl1-mesa-dri librsvg2-common
  dbus xvfb libxml2-utils
)
test_packages=(
  appstream at-spi2-core bash-completion chromium chromium-driver fish fonts-noto-cjk gir1.2-atspi-2.0 groff imagemagick
  libjemalloc2 libmimalloc2.0 libtcmalloc-minimal4 libunwind-dev
  jq perl procps python3 python3-gi sqlite3 util-linux valgrind xauth xdotool zsh
)

say () { printf '%s\n' "$*" >&2; }

install_packages () {
  local missing=() package
  local sudo=()

  command -v dpkg-query >/dev/null || {
    say "This is not a Debian system: install GTK 4.8, libadwaita 1.2, WebKitGTK 6.0, json-glib, elfutils, zstd, xxhash, libiberty, esbuild and the d3 modules with your package manager, then run this again."
    return 0
  }

  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "Missing packages: ${missing[*]}. Install them as root, then run this again."; return 1; }
    sudo=(sudo)
  fi

  say "Installing ${#missing[@]} packages: ${missing[*]}"
  mkdir -p "$build"
  if ! { "${sudo[@]}" apt-get update -q &&
         "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } \
       >"$build/packages.log" 2>&1; then
    tail -n 20 "$build/packages.log" >&2
    say "Installing failed; the whole story is in build/packages.log."
    return 1
  fi
}

# build_all: configure once, compile, install into build/prefix. Quiet when all is well.
build_all () {
  mkdir -p "$build"
  if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$top" --prefix="$prefix" >"$build/setup.log" 2>&1 || {
      tail -n 20 "$build/setup.log" >&2
      say "Configuring failed; the whole story is in build/setup.log. On other distributions: install what the last lines name."
      return 1
    }
  fi
  say "Building into build/ …"
  if ! { ninja -C "$build" && meson install -C "$build" --no-rebuild --quiet; } >"$build/build.log" 2>&1; then
    grep -E 'error|FAILED|undefined' "$build/build.log" | head -n 20 >&2
    say "Building failed; the whole story is in build/build.log."
    return 1
  fi
}

# use_prefix: the environment in which the installed tree runs from where it is.
use_prefix () {
  export PATH="$prefix/bin:$PATH"
  export XDG_DATA_DIRS="$prefix/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
  export GSETTINGS_SCHEMA_DIR="$prefix/share/glib-2.0/schemas"
}

have_display () {
  [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]
}
