#!/usr/bin/env bash
# Generates C and Swift from proto/. With --check: proves that what is committed is what would be generated.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-write}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t protos < <(cd proto && find assay -name '*.proto' | LC_ALL=C sort)
mkdir -p "$work"/{options,c/include,messages,services}

python=/usr/bin/python3 # Debian's, which python3-protobuf belongs to
protoc -Iproto --include_imports --include_source_info --descriptor_set_out="$work/all.pb" "${protos[@]}"
protoc -Iproto --python_out="$work/options" assay/rpc/v1/options.proto
PYTHONDONTWRITEBYTECODE=1 $python tools/protogen/protogen.py \
  "$work/all.pb" "$work/options" "$work/patched.pb" "$work/messages" "$work/services"
protoc --descriptor_set_in="$work/patched.pb" --c_out="$work/c" "${protos[@]}"
# Headers go where the module looks for them, sources beside each other.
(cd "$work/c" && find assay -name '*.pb-c.h' -exec cp --parents {} include/ \; -delete)
find "$work/c" -mindepth 1 -type d -empty -delete
{
  echo "// Generated from proto/ by tools/protos.sh. Do not edit."
  echo '#pragma once'
  echo '#include "assay_arena.h"'
  echo '#include "assay_descriptor_set.h"'
  for proto in "${protos[@]}"; do echo "#include \"${proto%.proto}.pb-c.h\""; done
} >"$work/c/include/messages.h"
protoc -Iproto --include_imports --descriptor_set_out="$work/descriptor_set.pb" "${protos[@]}"
# The same bytes inside the programs: servers describe themselves with them.
{
  echo "// Generated from proto/ by tools/protos.sh. Do not edit."
  echo '#include "assay_descriptor_set.h"'
  echo "const unsigned char assay_descriptor_set[] = {"
  od -An -v -tu1 -w24 "$work/descriptor_set.pb" | sed -E 's/ +([0-9]+)/\1,/g'
  echo "};"
  echo "const size_t assay_descriptor_set_size = sizeof assay_descriptor_set;"
} >"$work/c/descriptor_set.c"

# generated path -> committed path
targets=(
  "c/assay:Sources/CAssayProto/assay"
  "c/include/assay:Sources/CAssayProto/include/assay"
  "c/include/messages.h:Sources/CAssayProto/include/messages.h"
  "c/descriptor_set.c:Sources/CAssayProto/descriptor_set.c"
  "messages:Sources/AssayMessages/Generated"
  "services:Sources/AssayServices/Generated"
  "descriptor_set.pb:proto/descriptor_set.pb"
  "descriptor_set.pb:sdk/python/assay_sdk/descriptor_set.pb"
)
for target in "${targets[@]}"; do
  from="$work/${target%%:*}" to=${target#*:}
  if [ "$mode" = --check ]; then
    diff -r "$from" "$to" >"$work/diff" 2>&1 || {
      head -n 20 "$work/diff" >&2
      echo "protos: $to is not what proto/ generates; run make protos and commit the result" >&2
      exit 1
    }
  else
    rm -rf "$to"
    mkdir -p "$(dirname "$to")"
    cp -r "$from" "$to"
  fi
done
