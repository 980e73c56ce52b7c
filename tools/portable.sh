#!/usr/bin/env bash
# Makes one archive of Assay's programs that runs on a Linux machine of this kind with glibc 2.36 or newer and Python 3, where nothing is
# installed and no package can be: a GPU host, say.
#   tools/portable.sh BIN OUT.tar.xz [PROGRAM...]    BIN: a build's folder, made with --static-swift-stdlib
# Unpacked, its folder `assay` holds the programs, the libraries that they find beside them, bubblewrap and the bundled tasks.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
out=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compose/stage.sh "$bin" "$work/staged"
folder=$work/assay
mkdir "$folder"
mv "$work/staged"/assay* "$work/staged/sbom.spdx.json" "$work/staged"/resources/* "$folder/"
for program in "$@"; do strip -o "$folder/$program" "$bin/$program"; done
if [ -n "$(ls -A "$work/staged/shared")" ]; then
  echo "portable: $bin has programs without Swift's runtime inside; build them with --static-swift-stdlib" >&2
  exit 1
fi
# Programs look for libraries in their own folder too ($ORIGIN); these are on few machines.
for name in libmbedtls libmbedx509 libmbedcrypto libprotobuf-c libsqlite3 libseccomp; do
  library=$({ ldd "$folder"/assay "$folder"/assay-* || true; } | sed -n "s|.*=> \(/[^ ]*/$name\.so[^ ]*\).*|\1|p" | head -n 1)
  [ -n "$library" ] || { echo "portable: no program links $name" >&2; exit 1; }
  cp -L "$library" "$folder/"
done
cp "$(command -v bwrap)" "$folder/"
cp -r tasks "$folder/"
# The programs share most of their code: a window that holds them all finds it.
tar -C "$work" -c --sort=name assay | xz -T1 --x86 --lzma2=preset=6,dict=512MiB >"$out"
ls -l "$out"
