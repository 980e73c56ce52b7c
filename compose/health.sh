#!/bin/bash
# Health check of a container: is the service ready? Nothing but bash, so that images need no client.
#   health.sh [HOST:PORT] [PATH]     default 127.0.0.1:9464 /readyz
set -eu
address=${1:-127.0.0.1:9464}
path=${2:-/readyz}
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$address" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
