#!/bin/sh
# Most would guess: a number can be assigned to a register of a flags type as to any other register, whatever its width.
# What happens: gdb takes a value of just the register's width alone; any other is "Invalid cast.". `set var $eflags = 0x246` works,
# `set var $eflags = 0x246L` does not; so with a flags register of 64 bits, such as a PSW mask, `= 0` fails and `= (long)0` works.
# Seen with gdb 13.1 of Debian 12, its own x86-64 target, on /bin/true.
set -eu

version=13.1-3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "gdb-multiarch=$version" >apt.log 2>&1 || { cat apt.log; echo 'cannot fetch gdb'; exit 1; }
dpkg -x gdb-multiarch_*.deb gdb
gdb=$work/gdb/usr/bin/gdb-multiarch

assign() {
  printf 'set startup-with-shell off\nset disable-randomization off\nstarti\nset var $eflags = %s\nprint/x (int)$eflags\n' "$1" >commands
  "$gdb" -q -nx -batch -x commands /bin/true 2>&1 || true
}

assign 0x246 | tee same.log | tail -1
assign 0x246L | tee wider.log | tail -1
grep -q '^\$1 = 0x246$' same.log || { echo 'changed: a number of the same width is not taken'; exit 1; }
grep -q '^Invalid cast\.$' wider.log || { echo 'changed: a wider number is taken, or refused in other words'; exit 1; }
echo 'as found'
