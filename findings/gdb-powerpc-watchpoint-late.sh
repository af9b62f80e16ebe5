#!/bin/sh
# Most would guess: a stub of a powerpc guest that reports a watchpoint behind the store, as those of other guests do, has gdb stop there.
# What happens: gdb takes a powerpc watchpoint's stop for one in front of the access and executes one more instruction before it looks, so
# that `watch` stops two instructions on: behind the store and what follows. QEMU's stub reports behind the store.
# Seen with gdb 13.1 and QEMU 7.2 of Debian 12, whose libraries must be there.
set -eu

gdb=13.1-3
qemu=1:7.2+dfsg-7+deb12u18+b3
data=1:7.2+dfsg-7+deb12u18
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "gdb-multiarch=$gdb" "qemu-system-ppc=$qemu" "qemu-system-data=$data" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch gdb and QEMU'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
export PATH
for program in qemu-system-ppc64 gdb-multiarch; do
  "$program" --version >version.log 2>&1 || { cat version.log; echo "$program lacks a library: apt-get install $program"; exit 1; }
done
# stw r2,0(r8); nop; nop; b .
cat >commands <<'END'
set endian big
set architecture powerpc:common64
target remote | exec qemu-system-ppc64 -L root/usr/share/qemu -M pseries -m 256 -nodefaults -display none -S -gdb stdio 2>/dev/null
set *(unsigned int *) 0x100000 = 0x90480000
set *(unsigned int *) 0x100004 = 0x60000000
set *(unsigned int *) 0x100008 = 0x60000000
set *(unsigned int *) 0x10000c = 0x48000000
set $r2 = 1
set $r8 = 0x110000
set $pc = 0x100000
watch *(unsigned int *) 0x110000
continue
printf "stopped at %#lx\n", $pc
kill
END
found=$(timeout 60 gdb-multiarch -nx -q -batch -x commands 2>gdb.log | sed -n 's/^stopped at //p')
echo "a store at 0x100000 is shown at ${found:-nowhere}"
[ "$found" = 0x100008 ] || { cat gdb.log; echo 'changed: gdb does not execute one more instruction'; exit 1; }
echo 'as found'
