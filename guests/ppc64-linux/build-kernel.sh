#!/usr/bin/env bash
# Builds a small big-endian Linux kernel for POWER7 from Debian's kernel source.
#
#   build-kernel.sh DIRECTORY     leaves DIRECTORY/vmlinux, with the types of its main structures, and DIRECTORY/vmlinux.stripped
#
# Wants gcc-powerpc64-linux-gnu, gcc, make, bc, flex, bison, xz, 140 MB from Debian's archive, room for 1 GB while it builds, and two to
# three minutes of processor time, which are shared between JOBS processors. A DIRECTORY that has the kernel is left alone, and who
# comes while somebody builds waits for that. Ends with 3 where something from outside is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
out=${1:?usage: build-kernel.sh DIRECTORY}
out=$(home "$out")
alone "$out/.building-kernel"
recipe=$(recipe_of "$here/build-kernel.sh" "$here/kernel.config")
[ "$(cat "$out/vmlinux.recipe" 2>/dev/null)" != "$recipe" ] || exit 0
need powerpc64-linux-gnu-gcc gcc-powerpc64-linux-gnu gcc gcc make make bc bc flex flex bison bison xz xz-utils apt-get apt
work=$out/building
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
mkdir "$work"
cd "$work"
fetch linux-source-6.1
# Of drivers and machines that are not built their configuration is wanted alone.
unwanted=(Documentation/'*/*' tools/testing/'*' sound/'*.[ch]' crypto/'*vec*.h')
for part in gpu net media staging infiniband scsi usb iio hwmon mtd clk pinctrl; do unwanted+=("drivers/$part/*.[ch]"); done
for part in alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc riscv s390 sh sparc um x86 xtensa; do
  unwanted+=("arch/$part/*.[chS]" "arch/$part/*.dts*")
done
dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz |
  tar -xJ "${unwanted[@]/#/--exclude=linux-source-6.1/}"
cd linux-source-6.1
# A look at the symbols of each object, by a shell, takes as long as compiling it, and tells kernel developers of slips.
printf '#!/bin/sh\n' >scripts/check-local-export
powerpc=(make -s ARCH=powerpc CROSS_COMPILE=powerpc64-linux-gnu- KBUILD_BUILD_TIMESTAMP='Thu Jan 1 00:00:00 UTC 1970'
  KBUILD_BUILD_USER=guestscope KBUILD_BUILD_HOST=guestscope)
"${powerpc[@]}" allnoconfig KCONFIG_ALLCONFIG="$here/kernel.config"
# Debuggers look at tasks, at the log and at what a CPU is about: these files know their types, the others go without.
"${powerpc[@]}" -j"${JOBS:-$(nproc)}" vmlinux CFLAGS_init_task.o=-g CFLAGS_printk.o=-g CFLAGS_interrupt.o=-g
powerpc64-linux-gnu-strip -o vmlinux.stripped vmlinux
mv vmlinux vmlinux.stripped "$out"
echo "$recipe" >"$out/vmlinux.recipe"
