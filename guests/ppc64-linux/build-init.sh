#!/usr/bin/env bash
# Builds the first program of a Linux guest and an initial ramdisk with it.
#
#   build-init.sh DIRECTORY [PREFIX]      leaves DIRECTORY/init and DIRECTORY/initrd.cpio
#
# PREFIX is that of the compiler: powerpc64-linux-gnu- (big endian, when not given) or powerpc64le-linux-gnu-.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build-init.sh DIRECTORY [PREFIX]}
prefix=${2:-powerpc64-linux-gnu-}
mkdir -p "$out"
"${prefix}gcc" -mcpu=power7 -O2 -ffreestanding -fno-stack-protector -nostdlib -static -no-pie -fno-pie -msoft-float \
  -mno-altivec -mno-vsx -Wl,--build-id=none -o "$out/init" "$here/init.c"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root"/{dev,proc}
cp "$out/init" "$root/init"
# A console that is there before anything is mounted.
python3 - "$root" "$out/initrd.cpio" <<'PY'
import os, sys
root, out = sys.argv[1:]
entries = [('dev', 0o040755, 0, 0, b''), ('proc', 0o040755, 0, 0, b''), ('dev/console', 0o020600, 5, 1, b''),
           ('init', 0o100755, 0, 0, open(root + '/init', 'rb').read())]
with open(out, 'wb') as f:
    def put(number, name, mode, major, minor, data):
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name) + 1, 0]
        head = b'070701' + b''.join(b'%08X' % v for v in fields) + name.encode() + b'\0'
        f.write(head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4))
    for i, (name, mode, major, minor, data) in enumerate(entries): put(i + 1, name, mode, major, minor, data)
    put(0, 'TRAILER!!!', 0, 0, 0, b'')
PY
