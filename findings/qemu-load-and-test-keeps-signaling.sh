#!/bin/sh
# Most would guess: LOAD AND TEST of a signaling NaN is an invalid operation: it sets the flag, and the result is the quiet NaN. That is how
# programs test doubles on this machine, gcc's among them, where COMPARE with zero would need a zero.
# What happens: QEMU 7.2 copies the number as it is, and tells of nothing: the NaN still signals, the floating-point control is zero.
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
cat >program.s <<'END'
	.globl	_start
_start:
	larl	%r5,value
	ld	%f2,0(%r5)
	ltdbr	%f0,%f2
	larl	%r1,out
	std	%f0,0(%r1)
	stfpc	8(%r1)
	adbr	%f2,%f2
	std	%f2,16(%r1)
	lghi	%r2,1
	larl	%r3,out
	lghi	%r4,24
	svc	4
	lghi	%r2,0
	svc	1
	.data
	.balign	8
out:	.fill	24
	.balign	8
value:	.quad	0x7ff0000000000001
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
qemu-s390x ./program >out
tested=$(od -An -tx1 -N12 out | tr -d ' \n')
added=$(od -An -tx1 -j16 out | tr -d ' \n')
echo "tested and control: $tested; the same NaN added to itself: $added"
[ "$added" = 7ff8000000000001 ] || { echo 'changed: an addition does not make it quiet'; exit 1; }
[ "$tested" = 7ff000000000000100000000 ] || { echo 'changed (7ff8000000000001 and 00800000 are right)'; exit 1; }
echo 'as found'
