#!/usr/bin/env bash
# Makes an initial ramdisk with a shell of busybox.
#
#   build-busybox.sh DIRECTORY BUSYBOX      leaves DIRECTORY/busybox.cpio
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build-busybox.sh DIRECTORY BUSYBOX}
busybox=${2:?usage: build-busybox.sh DIRECTORY BUSYBOX}
mkdir -p "$out"
init=$(mktemp)
trap 'rm -f "$init"' EXIT
cat >"$init" <<'SH'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
export PS1='# '
echo 'init: ready'
exec sh -i
SH
python3 "$here/cpio.py" "$out/busybox.cpio" "bin/busybox=$busybox" 'bin/sh=>busybox' "init=$init"
