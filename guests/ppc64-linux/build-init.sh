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
python3 "$here/cpio.py" "$out/initrd.cpio" "init=$out/init"
