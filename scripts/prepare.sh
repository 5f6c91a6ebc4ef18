# shellcheck shell=bash
# Sourced by the scripts beside it: finds what they need, fetches or installs what is missing, or says how to.
# Sets `repository` and `uv`, and the environment of the builds.

set -euo pipefail

# What a shell starts in the background ignores SIGINT, and so would all that the tests start.
if [ -r /proc/$$/status ] && (( 0x$(awk '/^SigIgn:/ { print $2 }' /proc/$$/status) & 1 << (2 - 1) )); then
  exec env --default-signal=INT "$0" "$@"
fi

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
[ -d "$HOME/.cargo/bin" ] && export PATH="$PATH:$HOME/.cargo/bin"

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# need PACKAGE TEST…: notes the Debian package as missing where the test fails.
missing=()
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
has() { command -v "$1"; }
has_venv() { python3 -c 'import ensurepip, venv'; }

# Installs the noted packages as root; otherwise prints the line that does, and stops.
install_missing() {
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || stop "missing, by their Debian names: ${missing[*]}"
  [ "$(id -u)" = 0 ] || stop "missing. Install with: sudo apt-get install -y --no-install-recommends ${missing[*]}"
  say "installing: ${missing[*]}"
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  missing=()
}

# Python 3.10 with venv, Rust 1.87, a C compiler, clang for the BPF programs.
prepare_build() {
  need python3 has python3
  need gcc has cc
  need libc6-dev test -e /usr/include/stdio.h
  need clang has clang
  need libbpf-dev test -e /usr/include/bpf/bpf_helpers.h
  install_missing
  need python3-venv has_venv
  install_missing
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || stop "Python 3.10 or newer is needed, this is $(python3 -V)"
  check_rust
  prepare_uv
  choose_target "$(uname -m)-unknown-linux-musl"
}

check_rust() {
  command -v cargo >/dev/null || stop "Rust is needed: apt-get install rustup (Debian 13), then rustup default stable"
  local version
  version=$(cargo --version | cut -d' ' -f2)
  [ "$(printf '%s\n' 1.87 "$version" | sort -V | head -n1)" = 1.87 ] ||
    stop "Rust 1.87 or newer is needed, this is $version: apt-get install rustup (Debian 13), then rustup default stable"
}

# The path of the python3 on PATH, past any shim.
python_path() { python3 -c 'import sys; print(sys.executable)'; }

# uv, in an environment of its own: Debian's Python refuses to install into itself.
prepare_uv() {
  local tools=$repository/build/tools
  uv=$tools/bin/uv
  "$uv" --version >/dev/null 2>&1 && return
  python3 -m venv --clear "$tools"
  "$tools/bin/python" -m pip install --quiet 'uv>=0.4'
}

# choose_target TARGET: what the tracers are built for. They are linked statically where the Rust installation can, so that
# one wheel runs on every distribution; for another processor by Rust's own linker, so that no C compiler for it is needed.
choose_target() {
  local target=$1 linker
  case $target in
    "$(uname -m)"-*) ;;
    *)
      linker=CARGO_TARGET_$(tr a-z- A-Z_ <<<"$target")_LINKER
      export "$linker=${!linker:-rust-lld}"
      ;;
  esac
  export MATURIN_PEP517_ARGS="--compatibility pypi"
  # What is loaded into others' programs is for the C library that most have, whatever the tracers are linked with.
  have_target "${target%musl}gnu" || true
  if have_target "$target"; then
    MATURIN_PEP517_ARGS+=" --target $target"
  else
    say "note: no $target in this Rust installation; the tracer is built for this machine's C library"
  fi
}

# have_target TARGET: whether this Rust installation can compile for it, perhaps after fetching what that takes.
have_target() {
  rustc --print target-libdir --target "$1" 2>/dev/null | xargs -r test -d ||
    { command -v rustup >/dev/null && rustup target add "$1" >/dev/null 2>&1; }
}

# The names of the packages that are here, the core first.
list_packages() {
  local file
  for file in "$repository"/roar-*/pyproject.toml; do basename "$(dirname "$file")"; done
}

# build_wheels FOLDER: wheels of all packages and of nothing else; one that is newer than its sources is kept.
build_wheels() {
  local package wheel kept=" "
  mkdir -p "$1"
  for package in $(list_packages); do
    wheel=$(newest_wheel "$1" "$package")
    if [ -z "$wheel" ] || is_stale "$wheel" "$package"; then
      say "building $package"
      "$uv" build --quiet --wheel --out-dir "$1" "$repository/$package"
      wheel=$(newest_wheel "$1" "$package")
      touch "$wheel"
    fi
    kept+="$wheel "
  done
  for wheel in "$1"/*.whl; do
    [[ $kept == *" $wheel "* ]] || rm -f "$wheel"
  done
}

newest_wheel() { find "$1" -name "${2//-/_}-*.whl" -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d' ' -f2-; }

# is_stale WHEEL PACKAGE: whether a source of the package, or of the Rust that packages share, is newer than the wheel.
# Folders count, too: a file that was removed is newer there alone.
is_stale() {
  local sources=("$repository/$2")
  [ -e "$repository/$2/Cargo.toml" ] && sources+=("$repository/roar-core/rust" "$repository/Cargo.toml")
  [ -n "$(find "${sources[@]}" \( -name __pycache__ -o -name target -o -name tests -o -name '.*' \) -prune -o -newer "$1" -print -quit)" ]
}

# list_usable: from what `roar tracer status --json` prints, the tracers that work here.
list_usable() { python3 -c 'import json, sys; print(*(row["name"] for row in json.load(sys.stdin) if row["usable"]))'; }

# list_unusable: a line for each of the others, with why.
list_unusable() {
  python3 -c '
import json, sys
for row in json.load(sys.stdin):
    if not row["usable"]:
        print(row["name"] + ": " + (row["reason"] or "it does not say why") + (" (" + row["hint"] + ")" if row["hint"] else ""))'
}
