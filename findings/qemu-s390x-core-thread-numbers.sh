#!/bin/sh
# Most would guess: the threads of a core file of QEMU's dump-guest-memory are numbered like its CPUs, 1 to 3 of three.
# What happens: gdb shows them as LWP 16777216, 33554432 and 50331648. QEMU 7.2 writes the big-endian core of an s390x guest with the
# numbers of its processes in the host's byte order, little endian; all else in these notes is turned round. The first of three CPUs is
# number 1 by that, though CPU addresses begin at 0.
# Seen with QEMU 7.2 of Debian 12 on x86-64, whose libraries must be there, and gdb 13.1.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
data=1:7.2+dfsg-7+deb12u18
gdb=13.1-3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-system-misc=$qemu" "qemu-system-data=$data" "gdb-multiarch=$gdb" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch QEMU and gdb'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
{ sleep 2; echo 'dump-guest-memory core'; sleep 3; echo quit; } | root/usr/bin/qemu-system-s390x -M s390-ccw-virtio -smp 3 -m 16 -S \
  -display none -nodefaults -bios root/usr/share/qemu/s390-ccw.img -monitor stdio >qemu.log 2>&1
[ -s core ] || { cat qemu.log; echo 'no core file'; exit 1; }
root/usr/bin/gdb-multiarch -q -nx -batch -ex 'info threads' -c core >gdb.log 2>&1
grep -E '^[* ] +[0-9]' gdb.log
for number in 16777216 33554432 50331648; do
  grep -qE "^[* ] +[0-9] +LWP $number " gdb.log || { echo "changed: no thread $number"; exit 1; }
done
echo 'as found'
