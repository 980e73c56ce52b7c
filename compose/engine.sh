#!/usr/bin/env bash
# Starts a container engine of its own for tests, where none runs: touches no firewall, no forwarding, no other engine's data.
#   compose/engine.sh start DIR    prints the address for DOCKER_HOST
#   compose/engine.sh stop DIR     stops it and removes DIR
set -euo pipefail
command=${1:?start or stop}
folder=${2:?a folder for the data of the engine}

case $command in
start)
  command -v dockerd >/dev/null || { echo "engine: no dockerd; apt-get install docker.io" >&2; exit 1; }
  mkdir -p "$folder"
  limit=$(ulimit -Hn)
  here=$(cd "$(dirname "$0")" && pwd)
  # The engine outlives who started it: it keeps none of the descriptors that were left open for this script.
  for descriptor in /proc/$$/fd/*; do
    number=${descriptor##*/}
    if [ "$number" -gt 2 ] && [ "$number" -ne 255 ]; then eval "exec $number>&-"; fi
  done
  setsid nohup dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
    -H "unix://$folder/docker.sock" --add-runtime "assay-unmasked=$here/unmasked-runtime.py" --default-ulimit "nofile=$limit:$limit" \
    --iptables=false --ip-forward=false --ip-masq=false --bridge=none >"$folder/log" 2>&1 </dev/null &
  for _ in $(seq 100); do
    if DOCKER_HOST=unix://$folder/docker.sock docker info >/dev/null 2>&1; then
      echo "unix://$folder/docker.sock"
      exit 0
    fi
    sleep 0.2
  done
  tail -n 20 "$folder/log" >&2
  exit 1
  ;;
stop)
  if [ -f "$folder/pid" ]; then
    pid=$(cat "$folder/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep 0.2; done
  fi
  rm -rf "$folder"
  ;;
*)
  echo "engine: start or stop, not '$command'" >&2
  exit 2
  ;;
esac
