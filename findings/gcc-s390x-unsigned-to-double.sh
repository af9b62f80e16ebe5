#!/bin/sh
# Most would guess: gcc makes a double of an unsigned 64-bit integer by double arithmetic, as for other machines without an instruction
# for it: halve the number or add 2^64.
# What happens: for machines before the z196 gcc 12 converts to a number of 128 bits (CXGBR), adds 2^64 in 128 bits when the sign bit was
# set (AXBR), and rounds once (LDXBR). So plain C without any long double, compiled for Debian's own baseline z10 or by default, executes
# extended-precision instructions all the time: an emulator that has them as rare cases is slow just there.
# Seen with gcc 12.2 of Debian 12 for s390x, hosted on x86-64.
set -eu

gcc=12.2.0-14cross1
binutils=2.40-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "cpp-12-s390x-linux-gnu=$gcc" "gcc-12-s390x-linux-gnu=$gcc" "binutils-s390x-linux-gnu=$binutils" "libbinutils=$binutils" \
  >apt.log 2>&1 || { cat apt.log; echo 'cannot fetch gcc'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
cc1=$(find root -name cc1 | head -1)
echo 'double convert(unsigned long number) { return number; }' >convert.c
extended() {
  "$cc1" -quiet -O2 -march="$1" -o - convert.c | grep -oE '\b(cxgbr|axbr|ldxbr|cdlgbr)\b' | tr '\n' ' '
}
old=$(extended z10)
new=$(extended z196)
echo "z10: $old"
echo "z196: $new"
[ "$old" = 'cxgbr axbr ldxbr ' ] || { echo 'changed'; exit 1; }
[ "$new" = 'cdlgbr ' ] || { echo 'changed: the z196'; exit 1; }
echo 'as found'
