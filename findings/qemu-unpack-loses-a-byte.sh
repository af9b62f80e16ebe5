#!/bin/sh
# Most would guess: UNPACK makes of the packed number +12345 (12 34 5C) eight zoned digits 00012345: it is in every COBOL program of
# sixty years, and one of the first instructions that an emulator gets right.
# What happens: QEMU 7.2 makes 00000345 of it: when the result has room for all digits, the leftmost byte of the packed number is not
# looked at. PACK ASCII and PACK UNICODE lose the leftmost digit in the same way: "123456" becomes 23456.
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
	larl	%r1,out
	larl	%r2,value
	unpk	0(8,%r1),0(3,%r2)
	pka	8(%r1),3(6,%r2)
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
value:	.byte	0x12,0x34,0x5c
	.ascii	"123456"
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
qemu-s390x ./program >out
zoned=$(od -An -tx1 -N8 out | tr -d ' \n')
packed=$(od -An -tx1 -j8 out | tr -d ' \n')
echo "12345 unpacked: $zoned; 123456 packed: $packed"
[ "$zoned" = f0f0f0f0f0f3f4c5 ] || { echo 'changed (f0f0f0f1f2f3f4c5 is right)'; exit 1; }
[ "$packed" = 0000000000000000000000000023456c ] || { echo 'changed (0000000000000000000000000123456c is right)'; exit 1; }
echo 'as found'
