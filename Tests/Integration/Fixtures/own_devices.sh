#!/bin/sh
# own_devices.sh NODES FROM TO PROGRAM...: puts a /dev in place of the host's, in which NODES are other names of /dev/zero, and the folder FROM
# at TO unless it is empty, and becomes the program. To be run in a mount namespace of its own.
set -e
nodes=$1 from=$2 to=$3
shift 3
d=$(mktemp -d)
mount -t tmpfs none "$d"
for n in null zero full random urandom tty; do : > "$d/$n"; mount --bind "/dev/$n" "$d/$n"; done
for n in $nodes; do ln -s zero "$d/$n"; done
ln -s /proc/self/fd "$d/fd"
[ -z "$from" ] || mount --bind "$from" "$to"
mount --rbind "$d" /dev
exec "$@"
