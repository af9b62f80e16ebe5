import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The release of the kernel that the fake Debian has, for either port. */
export const release = '6.1.0-test-s390x';

/** A program of the fake; `$fake` is its directory. A file `fail-x` there makes step x fail with the file's text. */
const programs = (fake: string): Readonly<Record<string, string>> => ({
  'apt-get': `
    while [ "$1" = -o ]; do shift 2; done
    [ "$1" = -q ] && shift
    case "$*" in *--print-uris*) ;; *) echo 'dlstatus:1:50.5:half' >&3 ;; esac
    step=$1; for name; do :; done
    case "$*" in
      update) [ -f ${fake}/warn ] && cat ${fake}/warn >&2; true ;;
      *--print-uris*) [ -f ${fake}/no-uri ] || echo "'http://debian/$name.deb' \${name}_1_s390x.deb 61500000 SHA256:0" ;;
      *) echo package >\${name}_1_s390x.deb ;;
    esac`,
  'apt-cache': `
    step=depends
    for name; do :; done
    echo $name
    case $name in
      linux-image-s390x | linux-image-powerpc64le) [ -f ${fake}/no-kernel ] || echo '  Depends: linux-image-${release}' ;;
      linux-image-*)
        echo '  Depends: kmod'
        [ ! -f ${fake}/split ] || echo '  Depends: linux-binary-${release}' ;;
      linux-binary-*) echo '  Depends: linux-modules-${release}' ;;
    esac`,
  'dpkg-deb': `
    step=unpack
    [ -f "$2" ] || exit 1
    case $2 in
      *-dbg_*) [ ! -f ${fake}/split ] || {
        mkdir -p "$3/usr/lib/debug/usr/lib/modules/${release}"
        echo vmlinux >"$3/usr/lib/debug/usr/lib/modules/${release}/vmlinux"; exit 0; }
        mkdir -p "$3/usr/lib/debug/boot"; echo vmlinux >"$3/usr/lib/debug/boot/vmlinux-${release}" ;;
      linux-binary*)
        mkdir -p "$3/usr/lib/modules/${release}"; cp ${fake}/kernel "$3/usr/lib/modules/${release}/vmlinuz" ;;
      linux-modules*)
        mkdir -p "$3/usr/lib/modules/${release}/kernel"; echo module >"$3/usr/lib/modules/${release}/kernel/one.ko" ;;
      linux-image*) [ ! -f ${fake}/split ] || exit 0
        mkdir -p "$3/boot" "$3/lib/modules/${release}"; 
        name=vmlinuz; [ ! -f ${fake}/unpacked ] || name=vmlinux
        cp ${fake}/kernel "$3/boot/$name-${release}" ;;
      busybox*)
        step=busybox; mkdir -p "$3/bin"; echo busybox >"$3/bin/busybox" ;;
    esac`,
});

/** A Debian of our own on the path, in place of apt and dpkg. */
export interface FakeApt {
  /** Where it lies; `cache` in there is for the cache. */
  readonly directory: string;
  readonly cache: string;
  /** Commands that were run, with their arguments. */
  commands(): string[];
  /** Switches something on: a file with this text; undefined switches it off. */
  set(name: string, text: string | undefined): void;
  /** Takes everything away, and gives the path back. */
  dispose(): void;
}

/** Puts a fake before everything on the path. `kernel` is what its kernel package holds. */
export function fakeApt({ kernel = 'kernel' }: { readonly kernel?: string | Uint8Array } = {}): FakeApt {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-apt-'));
  const bin = join(directory, 'bin');
  const log = join(directory, 'log');
  mkdirSync(bin);
  writeFileSync(join(directory, 'kernel'), kernel);
  for (const [name, body] of Object.entries(programs(directory))) {
    const end = `if [ -f ${directory}/fail-$step ]; then cat ${directory}/fail-$step >&2; exit 100; fi`;
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>${log}\n${body}\n${end}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const before = process.env.PATH ?? '';
  process.env.PATH = `${bin}${delimiter}${before}`;
  return {
    directory,
    cache: join(directory, 'cache'),
    commands: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    set: (name, text) => {
      const file = join(directory, name);
      if (text === undefined) rmSync(file, { force: true });
      else writeFileSync(file, text);
    },
    dispose: () => {
      process.env.PATH = before;
      rmSync(directory, { recursive: true });
    },
  };
}
