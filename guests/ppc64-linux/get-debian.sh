#!/usr/bin/env bash
# Fetches Debian's kernel and busybox for little-endian 64-bit PowerPC, with package lists of its own: nothing is installed.
#
#   get-debian.sh DIRECTORY     leaves DIRECTORY/vmlinux-ppc64el and DIRECTORY/busybox-ppc64el, which wants a POWER8
set -euo pipefail
out=${1:?usage: get-debian.sh DIRECTORY}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ -e "$out/vmlinux-ppc64el" ] && [ -e "$out/busybox-ppc64el" ] && exit 0
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/lists/partial "$root"/cache/archives/partial
options=(-o APT::Architecture=ppc64el -o APT::Architectures::=ppc64el -o "Dir::State::lists=$root/lists"
  -o "Dir::Cache=$root/cache" -o Dir::State::status=/dev/null -o "APT::Sandbox::User=$(id -un)")
apt-get "${options[@]}" -q update >/dev/null 2>&1 || true
cd "$root"
if ! [ -e "$out/busybox-ppc64el" ]; then
  apt-get "${options[@]}" -q download busybox-static
  dpkg-deb --fsys-tarfile busybox-static_*.deb | tar -xOf - ./bin/busybox >busybox
  mv busybox "$out/busybox-ppc64el"
fi
if ! [ -e "$out/vmlinux-ppc64el" ]; then
  package=$(apt-cache "${options[@]}" depends linux-image-powerpc64le | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
  apt-get "${options[@]}" -q download "$package"
  dpkg-deb --fsys-tarfile linux-image-*.deb | tar -xf - ./boot
  mv boot/vmlinux-* "$out/vmlinux-ppc64el"
fi
