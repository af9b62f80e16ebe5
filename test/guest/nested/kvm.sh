# Loads KVM in the guest and lets a small user of it run. What the test looks at begins with a bar.
dmesg -n 1
insmod /root/kvm.ko halt_poll_ns=0
echo "| insmod $?"
grep -o -w sie /proc/cpuinfo | sed 's/^/| /'
# The program's page tables must have room for a hypervisor's use of them.
echo 1 >/proc/sys/vm/allocate_pgste
/root/user | sed 's/^/| /'
