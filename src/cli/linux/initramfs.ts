import { gzipSync } from 'node:zlib';
import { type CpioEntry, cpioArchive, fileType } from './cpio.ts';
import { type KernelModule, moduleName } from './modules.ts';

/** What an initial file system is made of. */
export interface InitramfsParts {
  /** A static busybox for s390x. */
  readonly busybox: Uint8Array;
  readonly modules: readonly KernelModule[];
  /** Shell commands to run in place of an interactive shell; the guest powers off after them. */
  readonly script?: string | undefined;
  /** Path of the console that the shell runs on; /dev/console when not given. */
  readonly consoleDevice?: string;
  /** More files by absolute path; the directories that they lie in are made. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

const init = (modules: readonly string[], shellOn: string | undefined): string => `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=vt100
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /tmp
mount -t devpts devpts /dev/pts
mount -t tmpfs tmp /tmp
hostname guest
${modules.map((m) => `insmod /lib/modules/${m}`).join('\n')}
${
  shellOn !== undefined
    ? `echo "Type 'poweroff -f' to leave."
while true; do setsid sh -c 'exec sh -l <${shellOn} >${shellOn} 2>&1'; done`
    : `sh /script </dev/null
echo "script ended with status $?"
poweroff -f`
}
`;

/** A compressed initial file system that loads its modules and then runs a script, or a shell on the console. */
export function buildInitramfs(parts: InitramfsParts): Uint8Array {
  const file = (path: string, data: Uint8Array, mode = 0o755): CpioEntry => ({
    path,
    mode: fileType.file | mode,
    data,
  });
  const more = Object.entries(parts.files ?? {}).map(([path, data]) => file(path.replace(/^\/+/, ''), data));
  const standard = ['bin', 'dev', 'lib', 'lib/modules', 'mnt', 'proc', 'root', 'sys'];
  const directories = new Set([...standard, ...more.flatMap(({ path }) => parents(path))]);
  const names = parts.modules.map((m) => `${moduleName(m.path)}.ko`);
  const entries: CpioEntry[] = [
    ...[...directories].map((path) => ({ path, mode: fileType.directory | 0o755 })),
    { path: 'dev/console', mode: fileType.character | 0o600, device: { major: 5, minor: 1 } },
    file('bin/busybox', parts.busybox),
    ...parts.modules.map((m) => file(`lib/modules/${moduleName(m.path)}.ko`, m.data, 0o644)),
    file(
      'init',
      Buffer.from(init(names, parts.script === undefined ? (parts.consoleDevice ?? '/dev/console') : undefined)),
    ),
  ];
  if (parts.script !== undefined) entries.push(file('script', Buffer.from(parts.script)));
  return gzipSync(cpioArchive([...entries, ...more]), { level: 1 });
}

/** The directories above a path, outermost first. */
function parents(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}
