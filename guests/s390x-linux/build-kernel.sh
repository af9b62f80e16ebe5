#!/usr/bin/env bash
# Builds a small Linux kernel for the z15 (`-march=z15`, where distributions are built for the z10 or the z13) from Debian's kernel source.
#
#   build-kernel.sh DIRECTORY [ARCHIVE]     leaves DIRECTORY/vmlinuz and DIRECTORY/vmlinux (with symbols)
#
# ARCHIVE is a linux-source-6.1.tar.xz that is there already; without it, Debian's package is fetched. Wants gcc-s390x-linux-gnu, make, bc,
# flex, bison, xz and room for 2 GB; takes about 15 minutes of processor time. A DIRECTORY that has the kernel already is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build-kernel.sh DIRECTORY [ARCHIVE]}
archive=${2:-}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ -e "$out/vmlinuz" ] && exit 0
cd "$out"
[ -n "$archive" ] || {
  archive=$out/linux-source.tar.xz
  [ -e "$archive" ] || {
    ls linux-source-6.1_*.deb >/dev/null 2>&1 || apt-get download linux-source-6.1
    dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz >"$archive.part"
    mv "$archive.part" "$archive"
  }
}
[ -d linux-source-6.1 ] || {
  mkdir -p unpacked
  tar -C unpacked -xf "$archive"
  mv unpacked/linux-source-6.1 .
}
cd linux-source-6.1
s390=(make ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- KBUILD_BUILD_TIMESTAMP='Thu Jan 1 00:00:00 UTC 1970'
  KBUILD_BUILD_USER=guestscope KBUILD_BUILD_HOST=guestscope)
"${s390[@]}" -s allnoconfig KCONFIG_ALLCONFIG="$here/kernel.config"
nice -n 19 "${s390[@]}" -s -j"${JOBS:-1}" bzImage
cp vmlinux "$out/vmlinux"
cp arch/s390/boot/bzImage "$out/vmlinuz.part"
mv "$out/vmlinuz.part" "$out/vmlinuz"
