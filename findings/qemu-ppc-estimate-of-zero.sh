#!/bin/sh
# Most would guess: the estimate of the reciprocal of zero (FRE) is infinity, as POWER's table of special operands has it, with the flag of a
# division by zero; programs that refine estimates rely on the infinities.
# What happens: QEMU 7.2 sets the flag and gives 0.5. FRSQRTE of zero beside it is infinite, as the division is.
# Seen with qemu-ppc64le 7.2 of Debian 12 on x86-64; the program is assembled with Debian's binutils for ppc64le.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
binutils=2.40-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-user=$qemu" "binutils-powerpc64le-linux-gnu=$binutils" "libbinutils=$binutils" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch QEMU and binutils'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export PATH LD_LIBRARY_PATH
cat >program.s <<'END'
	.abiversion 2
	.globl	_start
_start:
	lis	9,value@highest
	ori	9,9,value@higher
	rldicr	9,9,32,31
	oris	9,9,value@h
	ori	9,9,value@l
	lfd	1,0(9)
	mtfsfi	7,0
	fre	2,1
	stfd	2,8(9)
	frsqrte	2,1
	stfd	2,16(9)
	mffs	3
	stfd	3,24(9)
	lfd	4,32(9)
	fdiv	2,4,1
	stfd	2,32(9)
	li	0,4
	li	3,1
	addi	4,9,8
	li	5,32
	sc
	li	0,1
	li	3,0
	sc
	.data
	.balign	8
value:	.double	0.0
	.quad	0,0,0
	.double	1.0
END
powerpc64le-linux-gnu-as -mpower8 program.s -o program.o
powerpc64le-linux-gnu-ld program.o -o program
said=$(qemu-ppc64le ./program | od -An -tx8 | tr -s ' \n' ' ')
echo "FRE, FRSQRTE, status, 1.0 divided by it:$said"
set -- $said
[ "$4" = 7ff0000000000000 ] || { echo 'changed: the division'; exit 1; }
[ $((0x$3 & 0x04000000)) -ne 0 ] || { echo 'changed: no division by zero is told of'; exit 1; }
[ "$2" = 7ff0000000000000 ] || { echo 'changed: FRSQRTE'; exit 1; }
[ "$1" = 3fe0000000000000 ] || { echo 'changed (7ff0000000000000 is right)'; exit 1; }
echo 'as found'
