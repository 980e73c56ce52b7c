#!/usr/bin/env bash
# Builds the images.
#   compose/images.sh                     compile inside, from public images (debian:12-slim, swift)
#   compose/images.sh BIN                 of programs built before, such as .build/release
#   compose/images.sh BIN --bootstrap     and on a Debian made by mmdebstrap, without any public image
# REGISTRY=assay VERSION=latest name them; BASE names another Debian 12.
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${REGISTRY:-assay}
version=${VERSION:-latest}
base=${BASE:-debian:12-slim}
say() { printf 'images: %s\n' "$*"; }
fail() { printf 'images: %s\n' "$*" >&2; exit 1; }

# BuildKit skips stages that nothing needs; a client has it inside (before 23) or as its buildx component.
for docker in docker /usr/bin/docker; do
  command -v "$docker" >/dev/null || continue
  if "$docker" buildx version >/dev/null 2>&1; then break; fi
  major=$("$docker" version --format '{{.Client.Version}}' 2>/dev/null | cut -d. -f1) || true
  [ "${major:-99}" -lt 23 ] && break
  docker=
done
[ -n "$docker" ] || fail "no docker client with BuildKit; install Docker's buildx component, or Debian's docker.io"
export DOCKER_BUILDKIT=1

arguments=(-f compose/Containerfile --build-arg "VERSION=0.1.0")
if [ $# -gt 0 ] && [ "$1" != --bootstrap ]; then
  compose/stage.sh "$1" .build/images/programs
  arguments+=(--build-arg PROGRAMS=prebuilt)
  shift
else
  mkdir -p .build/images/programs
fi
if [ "${1:-}" = --bootstrap ]; then
  base=$registry/bootstrap:12
  if ! "$docker" image inspect "$base" >/dev/null 2>&1; then
    command -v mmdebstrap >/dev/null || fail "--bootstrap needs mmdebstrap: apt-get install mmdebstrap"
    say "making a Debian 12 of packages"
    mmdebstrap --quiet --variant=essential \
      --include=bash,ca-certificates,python3,python3-venv,bubblewrap,libmbedtls14,libprotobuf-c1,libsqlite3-0,libseccomp2,libstdc++6 \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
      bookworm - /etc/apt/sources.list.d/debian.sources | "$docker" import - "$base" >/dev/null
  fi
  arguments+=(--network none)
fi
for target in lineage evaluator runner agent assay; do
  say "$registry/$target:$version"
  "$docker" build -q "${arguments[@]}" --build-arg "BASE=$base" --target "$target" -t "$registry/$target:$version" . >/dev/null
done
"$docker" images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep "^$registry/" | sort | sed 's/^/images: /'
