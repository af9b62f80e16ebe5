#!/bin/sh
# Most would guess: of three-byte UTF-8 characters, well-formed are those from E0 A0 80 on, which is U+0800; CONVERT UTF-8 TO UTF-16
# takes that one and refuses what could be said in two bytes.
# What happens: asked to check (M3 of 1), QEMU 7.2 refuses E0 A0 80, too: condition code 2. It compares what was decoded with 0x1000,
# so that all of U+0800 to U+0FFF, Devanagari, Thai and others among them, is malformed text. Without the check they are converted.
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
	larl	%r4,out
	lghi	%r5,2
	larl	%r6,value
	lghi	%r7,3
	cu12	%r4,%r6,1
	ipm	%r0
	larl	%r4,out
	la	%r4,2(%r4)
	lghi	%r5,2
	larl	%r6,value
	lghi	%r7,3
	cu12	%r4,%r6,0
	larl	%r1,out
	st	%r0,4(%r1)
	lghi	%r2,1
	larl	%r3,out
	lghi	%r4,8
	svc	4
	lghi	%r2,0
	svc	1
	.data
	.balign	8
out:	.fill	8
	.balign	8
value:	.byte	0xe0,0xa0,0x80
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
said=$(qemu-s390x ./program | od -An -tx1 | tr -d ' \n')
echo "with the check, without it, condition code of the first (its byte's left digit): $said"
case $said in 0000080020*) ;; *) echo 'changed (080008000... is right)'; exit 1 ;; esac
echo 'as found'
