#!/usr/bin/env bash
# Static checks: generated code is current, imports point one way, no file is empty, shell scripts parse.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/protos.sh --check
swift format lint --strict --parallel --recursive Sources Tests Benchmarks Fuzz Simulation Package.swift

# One owner for each C library.
only() {
  local module=$1 owner=$2 other
  other=$(grep -rlE "^(@[a-zA-Z_]+ )?(internal |package |public )?import $module\$" Sources --include='*.swift' |
    grep -v "^Sources/$owner/" || true)
  [ -z "$other" ] || { printf 'check: %s may be imported by %s only, but see:\n%s\n' "$module" "$owner" "$other" >&2; exit 1; }
}
only CNNG AssayRPCNNG
only CProtobufC AssayMessages
only CAssayProto AssayMessages
only CNVML AssayGPU
only CSpawn AssayProcess

# Foundation's Process reads past the end of its list of descriptors now and then, which ends whoever runs it: see AssayProcess.
spawned=$(grep -rnE "\bProcess(\(\)|\.(init|run)\()" Sources --include='*.swift' || true)
[ -z "$spawned" ] || { printf 'check: programs are started by AssayProcess, not by Process of Foundation, but see:\n%s\n' "$spawned" >&2; exit 1; }

# What a recipe claims of itself stays away from whatever signs, keeps or carries verdicts.
only AssayClaim assay
claims=$(grep -rnE "import Assay(Verdict|Identity|Messages|Services|RPC|Evaluator|Lineage|Proof|Log)\b" Sources/AssayClaim || true)
[ -z "$claims" ] || { printf 'check: AssayClaim may import nothing that verdicts are made of, but see:\n%s\n' "$claims" >&2; exit 1; }

# An empty tracked file is somebody's slip: a package marker is the one that has a reason.
empty=$(git ls-files -z | xargs -0 -I{} find {} -maxdepth 0 -empty ! -name py.typed ! -name __init__.py)
[ -z "$empty" ] || { printf 'check: these tracked files are empty:\n%s\n' "$empty" >&2; exit 1; }

for script in tools/*.sh compose/*.sh .ci/run; do bash -n "$script"; done
echo "check: generated code is current, imports point one way"
