#!/bin/sh
# Most would guess: `qemu-system-s390x -kernel FILE.elf` loads the segments of an ELF file that is no Linux kernel as they are.
# What happens: QEMU takes 0x10480 for Linux's parameter area and stores the command line there, an empty one too, so the byte at
# 0x10480 of a bare-metal program becomes zero: a constant that lies there is another one when the program runs.
# Seen with QEMU 7.2 of Debian 12, whose libraries must be there; the program is assembled with Debian's binutils for s390x.
set -eu

qemu=1:7.2+dfsg-7+deb12u18+b3
data=1:7.2+dfsg-7+deb12u18
binutils=2.40-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "qemu-system-misc=$qemu" "qemu-system-data=$data" "binutils-s390x-linux-gnu=$binutils" "libbinutils=$binutils" \
  >apt.log 2>&1 || { cat apt.log; echo 'cannot fetch QEMU and binutils'; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export PATH LD_LIBRARY_PATH
for program in qemu-system-s390x s390x-linux-gnu-as s390x-linux-gnu-ld; do
  "$program" --version >version.log 2>&1 || { cat version.log; echo "$program lacks a library: apt-get install qemu-system-misc"; exit 1; }
done
cat >program.s <<'END'
	.globl	_start
_start:	larl	%r1,psw
	lpswe	0(%r1)
	.balign	8
psw:	.quad	0x0002000180000000,0x1234
	.org	0x480
here:	.byte	0x5a
	.org	0x500
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld -Ttext=0x10000 program.o -o program.elf 2>ld.log
byte() {
  { sleep 2; echo 'xp /1bx 0x10480'; echo quit; } | qemu-system-s390x -L root/usr/share/qemu -M s390-ccw-virtio -m 16 -display none -nodefaults \
    -no-shutdown -action panic=pause -monitor stdio -kernel program.elf 2>&1 | sed -n 's/^0*10480: //p' | tr -d '\r'
}
found=$(byte)
echo "the byte 0x5a at 0x10480 is $found once loaded"
[ "$found" = 0x00 ] || { echo 'changed: the program is loaded as it is'; exit 1; }
echo 'as found'
