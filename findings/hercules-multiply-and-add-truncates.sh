#!/bin/sh
# Most would guess: MULTIPLY AND ADD (MAER) of hexadecimal numbers has one truncation, behind the sum: that is what the instruction is for,
# a product of all twelve digits that is added to. So a*a - (2a - 1) with a = 1 + 16^-5 is 16^-10.
# What happens: Hercules 3.13 cuts the product to the digits of an operand first, and then adds: the difference is zero.
# Seen with hercules 3.13-7 of Debian 12 on x86-64; the program is assembled with Debian's binutils for s390x.
set -eu

hercules=3.13-7
binutils=2.40-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "hercules=$hercules" "binutils-s390x-linux-gnu=$binutils" "libbinutils=$binutils" >apt.log 2>&1 ||
  { cat apt.log; echo 'cannot fetch Hercules and binutils'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu:$work/root/usr/lib/hercules:$work/root/usr/lib
export PATH LD_LIBRARY_PATH
cat >program.s <<'END'
	.org	0x1a0
	.quad	0x0000000180000000,0x200
	.org	0x200
	larl	%r2,control
	lctlg	%c0,%c0,0(%r2)
	larl	%r3,values
	le	%f0,0(%r3)
	le	%f2,4(%r3)
	maer	%f0,%f2,%f2
	le	%f4,4(%r3)
	mer	%f4,%f2
	ste	%f0,0x400
	std	%f4,0x408
	larl	%r2,wait
	lpswe	0(%r2)
	.balign	8
control:	.quad	0x40000
wait:	.quad	0x0002000180000000,0
values:	.long	0xc1100002,0x41100001
	.org	0x500
END
s390x-linux-gnu-as -m64 -march=z10 program.s -o program.o
s390x-linux-gnu-objcopy -O binary -j .text program.o core
printf 'MAINSIZE 2\nNUMCPU 1\nARCHMODE ESAME\nOSTAILOR QUIET\n000C 3505 /dev/null\n' >configuration
printf 'loadcore core 0\nrestart\npause 2\nr 400.10\nexit\n' >script
HERCULES_RC=script hercules -f configuration </dev/null >hercules.log 2>&1 || true
said=$(sed -n 's/^R:0*400:K:[0-9A-F]*=\([0-9A-F]\{8\}\) [0-9A-F]* \([0-9A-F]* [0-9A-F]*\) .*/\1 \2/p' hercules.log)
[ -n "$said" ] || { cat hercules.log; echo 'Hercules says nothing of its storage'; exit 1; }
echo "the sum, and MER's product of all digits: $said"
[ "${said#* }" = '41100002 00001000' ] || { echo 'changed: the product'; exit 1; }
[ "${said%% *}" = 00000000 ] || { echo 'changed (37100000 is right)'; exit 1; }
echo 'as found'
