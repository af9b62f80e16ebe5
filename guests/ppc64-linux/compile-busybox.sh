#!/usr/bin/env bash
# Compiles Debian's busybox for a big-endian POWER7, static.
#
#   compile-busybox.sh DIRECTORY     leaves DIRECTORY/busybox-ppc64
#
# Wants gcc-powerpc64-linux-gnu, gcc, make, bzip2, patch, 10 MB from Debian's archive and half a minute of processor time. The C library is fetched, too,
# and is not installed. A DIRECTORY that has the program is left alone. Ends with 3 where something from outside is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
out=${1:?usage: compile-busybox.sh DIRECTORY}
out=$(home "$out")
alone "$out/.compiling-busybox"
recipe=$(recipe_of "$here/compile-busybox.sh" "$here/busybox.config")
[ "$(cat "$out/busybox-ppc64.recipe" 2>/dev/null)" != "$recipe" ] || exit 0
need powerpc64-linux-gnu-gcc gcc-powerpc64-linux-gnu gcc gcc make make bzip2 bzip2 patch patch apt-get apt
work=$out/compiling
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
mkdir "$work"
cd "$work"
fetch libc6-ppc64-cross libc6-dev-ppc64-cross linux-libc-dev-ppc64-cross
for package in *.deb; do dpkg-deb -x "$package" library; done
fetch_source busybox
mkdir source
tar -C source --strip-components=1 -xf busybox_*.orig.tar.bz2
tar -C source -xf busybox_*.debian.tar.xz
cd source
sed 's/ *#.*//' debian/patches/series | while read -r name; do [ -z "$name" ] || patch -s -p1 <"debian/patches/$name"; done
make -s allnoconfig >/dev/null 2>&1 </dev/null
while IFS== read -r name value; do
  sed -i "s|^# $name is not set\$|$name=$value|;s|^$name=.*|$name=$value|" .config
done <"$here/busybox.config"
(yes '' || true) | make -s oldconfig >/dev/null 2>&1
# What was asked for and is not there now is a slip of the list.
grep -vxFf .config "$here/busybox.config" && exit 1
tree=$work/library/usr/powerpc64-linux-gnu
make -s -j"${JOBS:-$(nproc)}" CROSS_COMPILE=powerpc64-linux-gnu- EXTRA_CFLAGS="-w -mcpu=power7 -isystem $tree/include -B$tree/lib/" \
  EXTRA_LDFLAGS="-B$tree/lib/ -L$tree/lib" busybox
mv busybox "$out/busybox-ppc64"
echo "$recipe" >"$out/busybox-ppc64.recipe"
