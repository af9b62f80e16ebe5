#!/bin/sh
# Most would guess: STORE MULTIPLE HIGH stores the upper words of the registers, as LOAD MULTIPLE HIGH loads them and STMG stores both.
# What happens: QEMU 7.2 stores zeros, whatever the registers hold. It shifts them to the left by 32 bits and stores the lower halves.
# Programs for 31-bit linkage on 64-bit machines save the upper halves of registers by it, so what they get back is zeros.
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
	lmg	%r6,%r7,0(%r5)
	larl	%r1,out
	stmh	%r6,%r7,0(%r1)
	stmg	%r6,%r7,8(%r1)
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
value:	.quad	0x1122334455667788,0x99aabbccddeeff00
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
qemu-s390x ./program >out
stored=$(od -An -tx1 -N8 out | tr -d ' \n')
registers=$(od -An -tx1 -j8 out | tr -d ' \n')
echo "registers $registers, upper words as stored $stored"
[ "$registers" = 112233445566778899aabbccddeeff00 ] || { echo 'changed: the registers themselves'; exit 1; }
[ "$stored" = 0000000000000000 ] || { echo 'changed: STMH stores something else (1122334499aabbcc is right)'; exit 1; }
echo 'as found'
