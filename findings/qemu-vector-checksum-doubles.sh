#!/bin/sh
# Most would guess: QEMU's VECTOR CHECKSUM of a zero vector leaves the checksum as it is; its vector instructions are the ones that
# Debian's own programs for z13 and later run on.
# What happens: QEMU 7.2 doubles the checksum with each of the four additions, so the sum of 0x41 and nothing is 0x410. It adds a word
# by a double-word addition whose low result takes the place of the addend before the high half, which needs it, is added.
# Seen with qemu-s390x 7.2 of Debian 12 on x86-64; the program is assembled with Debian's binutils for s390x.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
binutils=2.40-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-user=$qemu" "binutils-s390x-linux-gnu=$binutils" "libbinutils=$binutils" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch QEMU and binutils'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export PATH LD_LIBRARY_PATH
for program in qemu-s390x s390x-linux-gnu-as s390x-linux-gnu-ld; do
  "$program" --version >version.log 2>&1 || { cat version.log; echo "$program lacks a library"; exit 1; }
done
# The exit status is the checksum without its last four bits: 4 for 0x41, 0x41 for 0x410.
cat >program.s <<'END'
	.globl	_start
_start:	vzero	%v1
	vzero	%v2
	lhi	%r1,0x41
	vlvgf	%v2,%r1,1
	vcksm	%v3,%v1,%v2
	vlgvf	%r2,%v3,1
	srl	%r2,4
	svc	1
END
s390x-linux-gnu-as -march=z13 program.s -o program.o
s390x-linux-gnu-ld program.o -o program 2>ld.log
status=0
qemu-s390x -cpu max program || status=$?
printf 'the checksum of 0x41 and a zero vector, shifted right by 4 bits, is 0x%x\n' "$status"
case $status in
65) echo 'as found: 0x410' ;;
4) echo 'changed: 0x41, as the manual has it'; exit 1 ;;
*) echo "changed: another result (status $status)"; exit 1 ;;
esac
