#!/usr/bin/env bash
# Installs what a build of Assay needs on Debian 12 (or a relative with apt): says what it does, changes nothing else.
#   tools/setup.sh build   libraries and programs to build and run Assay
#   tools/setup.sh test    the above, and what the tests need on top
set -euo pipefail

profile=${1:-build}
say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

if ! command -v swift >/dev/null 2>&1; then
  fail "no Swift toolchain found. Assay needs Swift 6.2 or newer.
  Get one from https://www.swift.org/install/linux/ : either 'swiftly install latest', or unpack the Debian 12 archive
  and put its usr/bin on PATH. Then run make again."
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "this Swift is $major.$minor, Assay needs 6.2 or newer: https://www.swift.org/install/linux/"
fi
say "Swift $major.$minor"

packages=(
  libnng-dev libmbedtls-dev libprotobuf-c-dev libsqlite3-dev libseccomp-dev # what the services link
  bubblewrap                                                 # the sandbox
  python3 python3-venv                                       # recipes, and reading their syntax
  make git ca-certificates
)
if [ "$profile" = test ]; then
  packages+=(openssl) # what others think of our certificates
  packages+=(gcc libc6-dev) # a library that plays the driver of GPUs
  packages+=(chromium) # the dashboard is clicked through in a real browser
  packages+=(iproute2 util-linux) # hosts of our own, in network namespaces
  packages+=(slurmctld slurmd slurm-client munge) # a cluster of our own
  packages+=(docker.io docker-compose mmdebstrap prometheus) # deployments in containers, and who watches them
  packages+=(protobuf-compiler protobuf-c-compiler libprotobuf-dev python3-protobuf) # regenerating the committed code
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
# Tasks take their data from Debian packages, which apt finds only with its lists at hand.
if command -v apt-get >/dev/null 2>&1 && ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
  say "fetching apt's package lists"
  "${as_root[@]}" apt-get update -q >/dev/null || fail "apt-get update failed"
fi
if [ ${#missing[@]} -eq 0 ]; then
  say "system packages: all there"
  exit 0
fi
command -v apt-get >/dev/null 2>&1 || fail "apt-get not found; install these by hand: ${missing[*]}"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
  fail "not root and no sudo; as root run: apt-get install ${missing[*]}"
fi
say "installing with apt: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "apt could not install them; the lines above say why"
fi
say "installed"
