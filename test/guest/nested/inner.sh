# What the Linux in the Linux does.
dmesg -n 1
echo "| inside: $(uname -r | sed 's/.*-//') of $(sed -n 's/^vendor_id *: //p' /proc/cpuinfo)"
i=0
while [ $i -lt 500 ]; do i=$((i + 1)); done
echo "| counted $i"
dd if=/dev/zero bs=64k count=64 2>/dev/null | md5sum | sed 's/^/| /'
