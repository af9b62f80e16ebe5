#!/bin/sh
# Most would guess: MDEBR multiplies two short binary numbers to a long product, so 3 times 5 is 15; it is plain IEEE arithmetic, exact at that.
# What happens: QEMU 7.2 reads the first factor as a long number from the same register, the second as a short one. The bits of the
# short 3.0 are those of the long 32.0 (both begin with 0x4040), and the product is 160. gcc 12 does not emit the instruction, it
# lengthens both factors first, so that compiled programs never show it; programs in assembler do. MXDBR (long to extended) is alike.
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
	lzdr	%f0
	lzdr	%f2
	le	%f0,0(%r5)
	le	%f2,4(%r5)
	mdebr	%f0,%f2
	larl	%r1,out
	std	%f0,0(%r1)
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
value:	.float	3.0,5.0
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld program.o -o program
product=$(qemu-s390x ./program | od -An -tx1 | tr -d ' \n')
echo "3.0 by 5.0: $product (402e000000000000 is 15, 4064000000000000 is 160)"
[ "$product" = 4064000000000000 ] || { echo 'changed'; exit 1; }
echo 'as found'
