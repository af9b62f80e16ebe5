#!/bin/sh
# Most would guess: `qemu-system-s390x -kernel FILE` boots FILE without the firmware, which is there to find a kernel on a disk.
# What happens: QEMU loads s390-ccw.img whatever it boots, and will not start without it: "could not find stage1 bootloader". A program
# that is taken out of its package, for a small initial file system say, must have the image beside it (-bios FILE), and then runs.
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
cat >program.s <<'END'
	.globl	_start
_start:	larl	%r1,psw
	lpswe	0(%r1)
	.balign	8
psw:	.quad	0x0002000180000000,0x1234
END
s390x-linux-gnu-as -march=z196 program.s -o program.o
s390x-linux-gnu-ld -Ttext=0x20000 program.o -o program.elf 2>ld.log
# Away from its own share/qemu, which it finds by where it lies.
mkdir alone empty
cp root/usr/bin/qemu-system-s390x alone/
boot() {
  { sleep 2; echo 'info status'; echo quit; } | alone/qemu-system-s390x "$@" -M s390-ccw-virtio -m 16 -display none -nodefaults \
    -no-shutdown -action panic=pause -monitor stdio -kernel program.elf 2>&1 | tr -d '\r'
}
without=$(boot -L empty) || true
with=$(boot -L empty -bios root/usr/share/qemu/s390-ccw.img)
echo "without firmware: $(echo "$without" | grep -i bootloader || echo 'starts')"
echo "with it: $(echo "$with" | grep 'VM status' || echo 'does not start')"
echo "$without" | grep -q 'could not find stage1 bootloader' && echo "$with" | grep -q 'VM status: paused (guest-panicked)'
