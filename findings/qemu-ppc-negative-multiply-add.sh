#!/bin/sh
# Most would guess: FNMADD gives what FMADD gives with the other sign, in each rounding mode: "negative multiply-add" negates what was rounded.
# What happens: with rounding to plus infinity, QEMU 7.2 rounds the negative sum. 1 + 2^-63 rounded up is 1 + 2^-52, and so FNMADD should be
# -(1 + 2^-52); it is -1, which is what rounding to minus infinity would have given. FMADD beside it is right. A library for interval
# arithmetic that gets its lower bounds so loses them.
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
	lfd	0,0(9)
	mtfsf	255,0
	lfd	1,8(9)
	lfd	2,16(9)
	fmadd	3,1,1,2
	stfd	3,24(9)
	fnmadd	3,1,1,2
	stfd	3,32(9)
	li	0,4
	li	3,1
	addi	4,9,24
	li	5,16
	sc
	li	0,1
	li	3,0
	sc
	.data
	.balign	8
value:	.quad	2
	.double	1.0
	.quad	0x3c00000000000000
	.quad	0,0
END
powerpc64le-linux-gnu-as program.s -o program.o
powerpc64le-linux-gnu-ld program.o -o program
said=$(qemu-ppc64le ./program | od -An -tx8 | tr -s ' ')
echo "FMADD and FNMADD, rounded to plus infinity:$said"
[ "$said" = ' 3ff0000000000001 bff0000000000000' ] || { echo 'changed (bff0000000000001 is right)'; exit 1; }
echo 'as found'
