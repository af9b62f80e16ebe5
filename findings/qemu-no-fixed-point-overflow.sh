#!/bin/sh
# Most would guess: with the fixed-point-overflow mask of the program mask on (SET PROGRAM MASK), an addition that overflows is a
# program interruption (code 8), and Linux makes SIGFPE of it; emulators that boot Linux have program interruptions.
# What happens: QEMU 7.2 keeps the mask, shows it to INSERT PROGRAM MASK, and never looks at it: AHI sets condition code 3 and the
# program goes on. So whoever tests his overflow handler there finds that nothing overflows.
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
	l	%r1,0(%r5)
	spm	%r1
	llilf	%r2,0x7fffffff
	ahi	%r2,1
	ipm	%r3
	larl	%r1,out
	st	%r2,0(%r1)
	st	%r3,4(%r1)
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
value:	.long	0x08000000
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
said=$(qemu-s390x ./program | od -An -tx1 | tr -d ' \n') || { echo 'changed: the program is interrupted'; exit 1; }
echo "sum ${said%????????}, condition code and program mask ${said#????????}"
# Condition code 3 (overflow) beside the mask's first bit: 0x38.
case $said in 8000000038*) ;; *) echo 'changed'; exit 1 ;; esac
echo 'as found'
