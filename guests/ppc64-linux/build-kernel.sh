#!/usr/bin/env bash
# Builds a small big-endian Linux kernel for POWER7 from Debian's kernel source.
#
#   build-kernel.sh DIRECTORY     leaves DIRECTORY/vmlinux (with symbols) and DIRECTORY/vmlinux.stripped
#
# Wants gcc-powerpc64-linux-gnu, make, bc, flex, bison, xz and room for 2 GB; takes about 20 minutes of processor time.
# A DIRECTORY that has the kernel already is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build-kernel.sh DIRECTORY}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ -e "$out/vmlinux.stripped" ] && exit 0
cd "$out"
[ -e linux-source.tar.xz ] || {
  ls linux-source-6.1_*.deb >/dev/null 2>&1 || apt-get download linux-source-6.1
  dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz >linux-source.tar.xz.part
  mv linux-source.tar.xz.part linux-source.tar.xz
}
[ -d linux-source-6.1 ] || {
  mkdir -p unpacked
  tar -C unpacked -xf linux-source.tar.xz
  mv unpacked/linux-source-6.1 .
}
cd linux-source-6.1
powerpc=(make ARCH=powerpc CROSS_COMPILE=powerpc64-linux-gnu- KBUILD_BUILD_TIMESTAMP='Thu Jan 1 00:00:00 UTC 1970'
  KBUILD_BUILD_USER=guestscope KBUILD_BUILD_HOST=guestscope)
"${powerpc[@]}" -s allnoconfig KCONFIG_ALLCONFIG="$here/kernel.config"
nice -n 15 "${powerpc[@]}" -s -j"${JOBS:-1}" vmlinux
powerpc64-linux-gnu-strip -o "$out/vmlinux.stripped.part" vmlinux
cp vmlinux "$out/vmlinux"
mv "$out/vmlinux.stripped.part" "$out/vmlinux.stripped"
