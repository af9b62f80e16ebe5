#!/usr/bin/env bash
# Makes an initial ramdisk with a shell of busybox.
#
#   build-busybox.sh DIRECTORY BUSYBOX      leaves DIRECTORY/busybox.cpio
#
# BUSYBOX is what compile-busybox.sh (big endian) or get-debian.sh (little endian) has left.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build-busybox.sh DIRECTORY BUSYBOX}
busybox=${2:?usage: build-busybox.sh DIRECTORY BUSYBOX}
mkdir -p "$out"
init=$(mktemp)
trap 'rm -f "$init"' EXIT
# The first process has no init to ask, so switching off asks the kernel.
cat >"$init" <<'SH'
#!/bin/busybox sh
/bin/busybox mkdir -p /sys /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for name in poweroff reboot halt; do echo "alias $name='$name -f'"; done >/tmp/aliases
export ENV=/tmp/aliases HOME=/ PS1='# '
echo 'init: ready'
exec setsid cttyhack sh -i
SH
python3 "$here/cpio.py" "$out/busybox.cpio" "bin/busybox=$busybox" 'bin/sh=>busybox' "init=$init"
