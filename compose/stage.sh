#!/usr/bin/env bash
# Gathers what images need of built programs:
#   compose/stage.sh BIN OUT      BIN: a build's folder, static or not
# OUT/NAME           each program, stripped
# OUT/shared         Swift's runtime, where the programs do not have it inside; found beside them
# OUT/resources      files that programs read
# OUT/sbom.spdx.json what is inside: packages with their versions
set -euo pipefail
bin=$1
out=$2
programs=(assay assay-agent assay-evaluator assay-runner assay-lineage assay-sandbox)

mkdir -p "$out/shared" "$out/resources"
for program in "${programs[@]}"; do
  [ -x "$bin/$program" ] || { printf 'stage: %s/%s is not there; build it first\n' "$bin" "$program" >&2; exit 1; }
  if [ ! -e "$out/$program" ] || [ "$bin/$program" -nt "$out/$program" ]; then
    strip -o "$out/$program" "$bin/$program"
  fi
  # What comes from the toolchain travels along; Debian's libraries are installed in the image.
  while read -r library; do
    [ -e "$out/shared/${library##*/}" ] || strip -o "$out/shared/${library##*/}" "$library"
  done < <(ldd "$bin/$program" | sed -n 's/.* => \([^ ]*\/swift\/linux\/[^ ]*\).*/\1/p')
done
for folder in "$bin"/assay_*.resources; do cp -r "$folder" "$out/resources/"; done

# SPDX 2.3, from the packages that the build resolved and Debian's that it links.
{
  printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"assay",'
  printf '"documentNamespace":"https://assay.invalid/spdx/%s",' "$(sha256sum "$out"/assay* | sha256sum | cut -c1-32)"
  printf '"creationInfo":{"created":"%s","creators":["Tool: compose/stage.sh"]},"packages":[' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  separator=
  package() {
    printf '%s{"SPDXID":"SPDXRef-%s","name":"%s","versionInfo":"%s","downloadLocation":"%s","filesAnalyzed":false}' \
      "$separator" "$(printf '%s' "$1" | tr -c 'a-zA-Z0-9.-' '-')" "$1" "$2" "$3"
    separator=,
  }
  package assay 0.1.0 NOASSERTION
  if [ -f Package.resolved ]; then
    while IFS=$'\t' read -r name version location; do package "$name" "$version" "$location"; done < <(
      python3 -c 'import json
for pin in json.load(open("Package.resolved"))["pins"]:
    print(pin["identity"], pin["state"].get("version", pin["state"].get("revision")), pin["location"], sep="\t")' 2>/dev/null || true)
  fi
  for name in libnng-dev libmbedtls-dev libprotobuf-c-dev libsqlite3-dev libseccomp-dev; do
    version=$(dpkg-query -W -f '${Version}' "$name" 2>/dev/null) && package "$name" "$version" https://packages.debian.org/bookworm/"$name"
  done
  printf ']}\n'
} >"$out/sbom.spdx.json"
