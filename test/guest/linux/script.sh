# What the guest runs. Every line that is compared begins with a bar; nothing in them may differ between two machines.
dmesg -n 1
bar() { sed 's/^/| /'; }
part() { echo "| == $1"; }

part 'shell: loops, functions, arithmetic'
{
  n=0
  while [ $n -lt 200 ]; do n=$((n + 1)); done
  echo "counted $n, 3^20 is $((3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 59049)), -7/2 is $((-7 / 2)), shifted $((0x1234567 << 20 >> 3))"
  fib() { if [ "$1" -lt 2 ]; then echo "$1"; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
  echo "fib 6: $(fib 6)"
} | bar

part 'signals'
{
  sh -c 'trap "echo caught USR1; exit 3" USR1; kill -USR1 $$; echo not reached'
  echo "status $?"
  sleep 1000 &
  kill -TERM $!
  wait $!
  echo "terminated with $?"
  sh -c 'kill -SEGV $$'
  echo "status $?"
  timeout 1 sleep 1000
  echo "timeout gave $?"
} 2>/dev/null | bar

part 'pipes and files in tmpfs'
{
  cd /tmp
  i=0
  while [ $i -lt 64 ]; do echo "line $((i * 7919 % 101)) of $i"; i=$((i + 1)); done >lines
  sort -n -k2 lines | md5sum
  awk '{ s += $2 } END { print s }' lines
  dd if=/dev/zero bs=64k count=16 2>/dev/null | tr '\0' 'g' | md5sum
  for k in 1 2 3 4 5 6 7 8; do cat lines; done >big
  cat big big big big | tee copy | wc -c
  gzip -9 <copy | gunzip -c | cmp - copy && echo 'gzip: the same'
  bzip2 -c copy | bunzip2 -c | cmp - copy && echo 'bzip2: the same'
  tr 'a-z' 'A-Z' <copy | sha256sum
  sha512sum <copy
  find /bin -type l | wc -l
  find /proc/self/fd /proc/sys/kernel -maxdepth 1 -name 'pid_max' -o -maxdepth 1 -name '0' | sort
  mkfifo fifo
  cat fifo >out &
  echo 'through a fifo' >fifo
  wait
  cat out
  dd if=/dev/zero of=sparse bs=1 count=1 seek=10485760 2>/dev/null
  stat -c '%s %b' sparse
  ls /proc/self/no-such-file 2>&1
} | bar

part 'awk: floating point'
awk 'BEGIN {
  for (i = 1; i <= 1000; i++) s += 1 / (i * i)
  root = 1
  for (i = 1; i <= 20; i++) root = (root + 2 / root) / 2
  printf "%.15f %.15f %.15e\n", s, root, s * 1e-300 / 1e10
  printf "%d %d %s\n", 9007199254740993, -3.99, 1e300 * 1e10
}' | bar

part 'a 64-bit program'
{ /root/user64; echo "status $?"; } | bar
part 'a 31-bit program'
{ /root/user31; echo "status $?"; } | bar

part 'load on all CPUs'
{
  echo "CPUs: $(nproc)"
  for job in 1 2 3 4; do
    { dd if=/dev/zero bs=4k count=128 2>/dev/null | tr '\0' "$job" | gzip -1 | gunzip -c | md5sum | sed "s/^/job $job: /" >job$job; } &
  done
  wait
  cat job1 job2 job3 job4
} | bar

part 'modules'
{
  for m in loop virtio_blk; do
    insmod /root/$m.ko && grep -c "^$m " /proc/modules
  done
  rmmod virtio_blk
  grep -c '^virtio_blk ' /proc/modules
  insmod /root/virtio_blk.ko && grep -c '^virtio_blk ' /proc/modules
} 2>&1 | bar

part 'ext4 on a loop device'
{
  dd if=/dev/zero of=/tmp/disk bs=1M count=8 2>/dev/null
  losetup /dev/loop0 /tmp/disk
  mke2fs -F /dev/loop0 >/dev/null || echo 'mke2fs failed'
  mount -t ext4 /dev/loop0 /mnt || echo 'mount failed'
  mkdir /mnt/deep /mnt/deep/er
  cp /tmp/copy /mnt/deep/er/copy
  dd if=/tmp/copy of=/mnt/many bs=512 2>/dev/null
  ln -s deep/er/copy /mnt/link
  before="$(cd /mnt && md5sum deep/er/copy many link)"
  echo "$before"
  umount /mnt && mount -o ro -t ext4 /dev/loop0 /mnt || echo 'remount failed'
  [ "$before" = "$(cd /mnt && md5sum deep/er/copy many link)" ] && echo 'the same after mounting again'
  touch /mnt/x 2>/dev/null || echo 'read-only'
  umount /mnt
  losetup -d /dev/loop0
  grep -c /mnt /proc/mounts
} 2>&1 | bar

part 'end'
