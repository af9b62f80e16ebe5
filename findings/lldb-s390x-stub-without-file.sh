#!/bin/sh
# Most would guess: lldb that is attached to an s390x stub without a file takes the architecture from the target description, which
# says `s390:64-bit`, as gdb does, and then has the registers that the description lists.
# What happens: lldb 14 asks for qHostInfo, which QEMU's stub does not know, and does not know the description's word for the
# architecture. It stops, with a program counter of all ones and "invalid frame" for each register. With the file
# it has all.
# Seen with lldb 14.0.6 and qemu-s390x 7.2 of Debian 12 on x86-64, whose libraries must be there; assembled with Debian's binutils.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
lldb=1:14.0.6-12
binutils=2.40-2
port=${PORT:-41234}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-user=$qemu" "lldb-14=$lldb" "liblldb-14=$lldb" "libllvm14=$lldb" "libclang-cpp14=$lldb" \
  "binutils-s390x-linux-gnu=$binutils" "libbinutils=$binutils" >apt.log 2>&1 || { cat apt.log; echo 'cannot fetch the packages'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu:$work/root/usr/lib/llvm-14/lib
export PATH LD_LIBRARY_PATH
printf '\t.globl\t_start\n_start:\tlghi\t%%r2,7\n\tsvc\t1\n' >program.s
s390x-linux-gnu-as program.s -o program.o
s390x-linux-gnu-ld program.o -o program
session() {
  port=$((port + 1))
  qemu-s390x -g "$port" ./program >qemu.log 2>&1 &
  emulator=$!
  sleep 1
  lldb-14 --no-lldbinit -b "$@" -o "gdb-remote 127.0.0.1:$port" -o 'register read r15 pswa' -o 'process kill' 2>&1 || true
  kill "$emulator" 2>kill.log || true
}
session >without.log
session -o 'file program' >with.log
echo 'without a file:'; grep -A9 'register read' without.log
echo 'with it:'; grep -A4 'register read' with.log
grep -q 'invalid frame' without.log || { echo 'changed: without a file'; exit 1; }
grep -q 'pswa = 0x' with.log || { echo 'changed: with a file'; exit 1; }
echo 'as found'
