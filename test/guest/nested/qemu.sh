# Boots another Linux in this one, by Debian's own QEMU on KVM.
dmesg -n 1
insmod /root/kvm.ko halt_poll_ns=0
export LD_LIBRARY_PATH=/lib
qemu-system-s390x -bios /root/s390-ccw.img -M s390-ccw-virtio -accel kvm -m 128 -smp 1 -nodefaults -nographic \
  -chardev stdio,id=c -device sclpconsole,chardev=c -kernel /root/vmlinuz -initrd /root/initrd -append console=ttysclp0
echo "| QEMU ended with $?"
dmesg | grep -E 'User process fault|Oops|BUG:' | sed 's/^/| /'
