#!/bin/sh
# Most would guess: gdb shows the CPUs of a ppc64 guest as threads of the core file that QEMU's dump-guest-memory writes, as it does with
# s390x.
# What happens: QEMU 7.2 gives none of the CPUs a number, so each is process 0. gdb takes them for one process that begins three
# times: two of three threads are gone, the selected one "has terminated", and no register of it can be read. Memory and the last
# CPU (`thread 3`) are there.
# Seen with QEMU 7.2 of Debian 12 on x86-64, whose libraries must be there, and gdb 13.1.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
gdb=13.1-3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-system-ppc=$qemu" "gdb-multiarch=$gdb" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch QEMU and gdb'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
# Firmware of one instruction: the guest never runs.
printf '\110\0\0\0' >firmware
{ sleep 2; echo 'dump-guest-memory core'; sleep 3; echo quit; } | root/usr/bin/qemu-system-ppc64 -cpu POWER7 -smp 3 -m 256 -S -display none \
  -M pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off -nodefaults -bios firmware -monitor stdio >qemu.log 2>&1
[ -s core ] || { cat qemu.log; echo 'no core file'; exit 1; }
root/usr/bin/gdb-multiarch -q -nx -batch -ex 'info threads' -ex 'print $pc' -ex 'thread 3' -ex 'print $pc' -c core >gdb.log 2>&1
cat gdb.log
[ "$(grep -cE '^[* ] +[0-9]+ +(process|LWP|Thread) ' gdb.log)" = 1 ] || { echo 'changed: not one thread'; exit 1; }
grep -q '^The current thread <Thread ID 1> has terminated' gdb.log || { echo 'changed: the selected thread is there'; exit 1; }
# Of two questions for the program counter, one is answered: the one behind `thread 3`.
[ "$(grep -c '^\$[12] = ' gdb.log)" = 1 ] && grep -q '^\$1 = .*0x100' gdb.log || { echo 'changed: who has registers'; exit 1; }
echo 'as found'
