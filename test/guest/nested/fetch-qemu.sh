#!/bin/sh
# Fetches Debian's own qemu-system-s390x for s390x with the libraries that it needs, into the folder given: bin, lib and share.
# Wants apt with the architecture s390x enabled (dpkg --add-architecture s390x; apt-get update), and the cross binutils.
set -eu
to=$1
mkdir -p "$to/debs" "$to/tree" "$to/bin" "$to/lib" "$to/share"
cd "$to/debs"
apt-get install -y --no-install-recommends --print-uris -o Dir::State::status=/dev/null \
  -o APT::Architecture=s390x -o APT::Architectures::=s390x qemu-system-misc:s390x qemu-system-data |
  sed -n "s/^'[^']*' \([^_]*\)_[^ ]* .*/\1/p" | sort -u >../names
while read -r name; do
  ls "$name"_* >/dev/null 2>&1 || apt-get download "$name:s390x" >/dev/null 2>&1 || apt-get download "$name" >/dev/null
done <../names
cd ..
for deb in debs/*.deb; do dpkg-deb -x "$deb" tree; done
cp tree/usr/bin/qemu-system-s390x bin/
cp -L tree/lib/ld64.so.1 lib/ 2>/dev/null || cp -L tree/lib/s390x-linux-gnu/ld64.so.1 lib/
cp "$(find tree -name s390-ccw.img | head -n 1)" share/

# What a program needs, and what that needs.
todo=bin/qemu-system-s390x
while [ -n "$todo" ]; do
  next=
  for file in $todo; do
    for name in $(s390x-linux-gnu-readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
      [ -e "lib/$name" ] && continue
      cp -L "$(find tree/lib tree/usr/lib -name "$name" | head -n 1)" "lib/$name"
      next="$next lib/$name"
    done
  done
  todo=$next
done
rm -r tree debs
