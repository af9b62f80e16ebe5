#!/usr/bin/env bash
# Fetches Debian's kernel and busybox for little-endian 64-bit PowerPC, with package lists of its own: nothing is installed.
#
#   get-debian.sh DIRECTORY     leaves DIRECTORY/vmlinux-ppc64el and DIRECTORY/busybox-ppc64el, which wants a POWER8
#
# With DEBUGINFO=1 there is DIRECTORY/vmlinux-ppc64el.debug, too, which gdb takes types and lines from: 720 MB are fetched for it.
# Ends with 3 where something from outside is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
out=${1:?usage: get-debian.sh DIRECTORY}
out=$(home "$out")
alone "$out/.fetching-debian"
debug=
[ "${DEBUGINFO:-}" != 1 ] || [ -e "$out/vmlinux-ppc64el.debug" ] || debug=1
[ -e "$out/vmlinux-ppc64el" ] && [ -e "$out/busybox-ppc64el" ] && [ -z "$debug" ] && exit 0
need apt-get apt
work=$out/fetching
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
mkdir "$work"
cd "$work"
own_apt "$work/apt" ppc64el deb
if ! [ -e "$out/busybox-ppc64el" ]; then
  fetch busybox-static
  dpkg-deb --fsys-tarfile busybox-static_*.deb | tar -xOf - ./bin/busybox >busybox
  mv busybox "$out/busybox-ppc64el"
fi
if ! [ -e "$out/vmlinux-ppc64el" ]; then
  package=$(apt-cache "${apt_options[@]}" depends linux-image-powerpc64le | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
  fetch "${package:-linux-image-powerpc64le}"
  dpkg-deb --fsys-tarfile linux-image-*.deb | tar -xf - ./boot
  mv boot/vmlinux-* "$out/vmlinux-ppc64el"
fi
if [ -n "$debug" ]; then
  # The one that fits the kernel that is there.
  release=$(grep -aom1 'Linux version [^ ]*' "$out/vmlinux-ppc64el" | cut -d ' ' -f 3)
  fetch "linux-image-$release-dbg"
  dpkg-deb --fsys-tarfile linux-image-*-dbg_*.deb | tar -xf - --wildcards './usr/lib/debug/*vmlinux-*' || true
  mv usr/lib/debug/boot/vmlinux-* "$out/vmlinux-ppc64el.debug"
fi
